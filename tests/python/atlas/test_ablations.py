"""What the loss of some passages becomes without each head: in the table of heads, whoever measures it and when."""

from __future__ import annotations

import numpy as np
import pytest
from many_models import tiny

import attn_widgets as aw
from attn_widgets.atlas import building, units
from attn_widgets.atlas.building import build_atlas
from attn_widgets.atlas.corpus import Passage
from attn_widgets.atlas.measuring_ablations import in_context, measure_ablations, measure_means
from attn_widgets.atlas.settings import Settings
from attn_widgets.atlas.shards import shards, write_shard

LATE = {"model": "toy-induction", "device": "cpu"}
EARLY = {**LATE, "checkpoint": 3}
TEXTS = [
    "The cat sat on the mat. The cat sat on the mat. The cat sat on the mat. The cat sat on the mat. The cat sat.",
    "Tom has a red apple. Mary has a red apple. Tom has a red apple. Mary has a red apple. Tom has a red apple.",
    "When Mary and John went to the store, Mary gave a book to John.",
    "The old dog sat on the mat and the cat went to the store.",
    "John has a blue car and a green book, and Mary has a red apple.",
]
OPTIONS = {"progress": False, "compare": 4, "ablations": 4}
HOWS = {"zero": "zero", "mean": "mean", "pattern": "pattern_preserving"}
COLUMNS = [f"{of}_{how}" for of in ("ablation", "in_context") for how in HOWS]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    return build_atlas(LATE, TEXTS, tmp_path_factory.mktemp("atlas"), **OPTIONS)


def chosen(n):
    """The texts with the smallest ids."""
    return sorted(TEXTS, key=lambda text: Passage(text, "").id)[:n]


def files(folder):
    return {
        path.name: path.read_bytes() for kind in ("means", "ablations") for path in folder.glob(f"{kind}/*/*.parquet")
    }


def test_a_head_has_what_ablate_says_of_the_chosen_passages(atlas, toy):
    for how, name in HOWS.items():
        reference = chosen(4) if how == "mean" else None
        for head in ("L0H1", "L0H3", "L1H0"):
            each = [one.loss_change for one in aw.ablate(toy, chosen(4), [head], name, reference=reference)]
            row = atlas.heads.loc[f"toy-induction:{head}"]
            assert row[f"ablation_{how}"] == pytest.approx(np.mean(each), abs=1e-4)
            assert row[f"ablation_{how}_std"] == pytest.approx(np.std(each, ddof=1), abs=1e-4)
    baselines = [aw.ablate(toy, text, ["L0H0"]).baseline_loss for text in chosen(4)]
    np.testing.assert_allclose(atlas.heads["loss"], np.mean(baselines), atol=1e-4)


def test_the_in_context_score_is_late_less_early_of_passages_that_are_long_enough(atlas, toy):
    losses = np.arange(127.0)
    # tokens 96 to 127 and 16 to 31, whose losses are one place before
    assert in_context(losses) == losses[95:].mean() - losses[15:31].mean()
    assert len(losses[95:]) == 32
    assert np.isnan(in_context(np.arange(30.0)))
    long = [text for text in chosen(4) if len(toy.encode(text)) >= 32]
    assert 0 < len(long) < 4
    changes = []
    for text in long:
        ablation = aw.ablate(toy, text, ["L1H0"])
        after, before = (
            in_context(one.double().numpy()) for one in (ablation.token_losses, ablation.baseline_token_losses)
        )
        changes.append(after - before)
    assert atlas.heads.loc["toy-induction:L1H0", "in_context_zero"] == pytest.approx(np.mean(changes), abs=1e-4)


def test_there_is_one_file_a_passage_and_one_of_the_means(atlas):
    ids = sorted(Passage(text, "").id for text in chosen(4))
    assert sorted(shard.about["passages"][0] for shard in shards(atlas.path, "ablations")) == ids
    (means,) = shards(atlas.path, "means")
    assert set(means.about["passages"]) == {Passage(text, "").id for text in chosen(4)}


def test_neither_blocks_nor_their_order_change_a_byte(atlas, tmp_path, monkeypatch):
    monkeypatch.setattr(building, "_BLOCK", 2)
    build_atlas(LATE, TEXTS[::-1], tmp_path, **OPTIONS)
    assert files(tmp_path) == files(atlas.path)


def test_what_was_interrupted_or_lost_is_measured_again_to_the_same_bytes(atlas, tmp_path, monkeypatch):
    worked = []

    def interrupted(unit, n_threads=None):
        if unit.kind == "ablations" and sum(one.kind == "ablations" for one in worked):
            raise KeyboardInterrupt
        worked.append(unit)
        return units.work(unit)

    monkeypatch.setattr(building, "work", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build_atlas(LATE, TEXTS, tmp_path, **OPTIONS)
    assert len(files(tmp_path)) == 2
    monkeypatch.setattr(building, "work", lambda unit, n_threads=None: (worked.append(unit), units.work(unit)))
    worked.clear()
    build_atlas(LATE, TEXTS, tmp_path, **OPTIONS)
    assert [unit.kind for unit in worked] == ["ablations"] * 3
    (means,) = (tmp_path / "means").glob("*/*.parquet")
    means.write_bytes(means.read_bytes()[:50])
    build_atlas(LATE, TEXTS, tmp_path, **OPTIONS)
    assert files(tmp_path) == files(atlas.path)


def test_they_can_be_added_later_and_to_one_model_alone(tmp_path):
    plain = build_atlas([LATE, EARLY], TEXTS, tmp_path, progress=False, compare=4)
    assert not set(COLUMNS) & set(plain.heads.columns)
    patterns = {path: path.stat().st_mtime_ns for path in tmp_path.glob("patterns/*/*")}
    more = plain.add(LATE, ablations=2, progress=False)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("patterns/*/*")} == patterns
    own = more.heads["model"] == "toy-induction"
    assert more.heads.loc[own, "ablation_zero"].notna().all()
    assert more.heads.loc[~own, COLUMNS].isna().all().all()
    assert more.settings.ablations == 2
    # who asks for none takes none away
    again = build_atlas(LATE, TEXTS, tmp_path, progress=False, compare=4)
    assert again.settings.ablations == 2
    assert again.heads.loc[own, "ablation_zero"].notna().all()
    assert sum(1 for _ in shards(tmp_path, "ablations")) == 2
    # one passage more, two are there
    assert again.add(LATE, ablations=3, progress=False).settings.ablations == 3
    assert sum(1 for _ in shards(tmp_path, "ablations")) == 3


def test_passages_that_are_not_read_say_why_and_leave_no_rows(tmp_path):
    bert = tiny("bert")
    passages = (Passage("w30 w31 w32 w33 w34 w35 w36 w37 w38 w39", ""),)
    settings = Settings(tokens=32)
    means = measure_means(bert, passages, settings)
    assert means["mean_output"].null_count == len(means) == bert.n_layers * bert.n_heads
    path = write_shard(tmp_path / "means.parquet", means, {})
    table = measure_ablations(bert, passages, settings, path)
    assert len(table) == 0
    assert "ablation_zero" in table.column_names
    assert b"predicts no next token" in table.schema.metadata[b"why_left_out"]
    with pytest.raises(ValueError, match="is not there, or damaged; call build_atlas again"):
        measure_ablations(bert, passages, settings, tmp_path / "other.parquet")


def test_how_many_passages_is_a_number(tmp_path):
    with pytest.raises(ValueError, match="ablations is -1; expected a whole number of at least 0"):
        build_atlas(LATE, TEXTS, tmp_path, ablations=-1)
    with pytest.raises(ValueError, match="ablations is 'all'; expected a whole number"):
        build_atlas(LATE, TEXTS, tmp_path, ablations="all")
