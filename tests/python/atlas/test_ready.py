"""The atlases that come with the package: there, small, true to what is measured, and left as they are."""

from __future__ import annotations

import shutil

import numpy as np
import pyarrow as pa
import pytest

import attn_widgets as aw
from attn_widgets.atlas.folder import READY
from attn_widgets.atlas.make_ready import toy_passages
from attn_widgets.atlas.ready import NAMES
from attn_widgets.atlas.shards import shards
from attn_widgets.atlas.small_files import BITS, rounded, write_small


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A checkpoint of the ready atlas, built again from the same texts."""
    path = tmp_path_factory.mktemp("atlas") / "built"
    toy = {"model": "toy-induction", "checkpoint": 9, "device": "cpu"}
    return aw.build_atlas(toy, toy_passages(), path, keep_examples=8, compare=8, progress=False)


def test_they_are_a_few_megabytes():
    sizes = {name: sum(file.stat().st_size for file in (READY / name).rglob("*") if file.is_file()) for name in NAMES}
    assert all(size > 100_000 for size in sizes.values())
    assert sum(sizes.values()) < 6_500_000


def test_two_pretrained_models_on_ten_passages_of_each_kind():
    atlas = aw.ready_atlas()
    assert set(atlas.models) == {"smollm2-135m", "all-minilm-l6-v2"}
    assert len(atlas.heads) == 30 * 9 + 6 * 12
    assert set(atlas.heads["n_passages"]) == {100}
    assert set(atlas.scores_by_kind("smollm2-135m:L0H0")["n_passages"]) == {10}
    assert atlas.corpus.texts == aw.passages()[:100].texts


def test_it_knows_the_heads_that_are_known():
    heads = aw.ready_atlas().heads
    assert heads.loc["smollm2-135m:L16H0", "motif"] == "previous_token"
    assert heads.loc["smollm2-135m:L17H3", "motif"] == "induction"
    near = [name for name, _ in aw.ready_atlas().nearest("smollm2-135m:L17H3", 5, "smollm2-135m")]
    assert set(near) & {f"smollm2-135m:{name}" for name in ("L17H4", "L17H5", "L18H6", "L18H7")}


def test_the_training_has_induction_appear():
    heads = aw.ready_atlas("training").heads
    first, last = heads[heads["model"] == "toy-induction@0"], heads[heads["model"] == "toy-induction"]
    assert len(set(heads["model"])) == 12
    assert first["induction"].max() < 0.1 < 0.5 < last["induction"].max()
    assert "induction" in set(last["motif"])
    assert "induction" not in set(first["motif"])


def test_induction_needs_the_previous_token_head_for_where_it_looks():
    without = aw.ready_atlas("training").heads
    assert without["ablation_mean"].notna().all()
    assert without.loc["toy-induction@0:L0H1", "ablation_mean"] < 0.1
    assert without.loc["toy-induction:L0H1", "ablation_mean"] > 1
    # with the patterns of later heads as they were
    assert without.loc["toy-induction:L0H1", "ablation_pattern"] < 0.1


def test_its_numbers_are_those_that_are_measured_rounded(built):
    ready = aw.ready_atlas("training").heads
    again = built.heads
    assert set(again["model"]) == {"toy-induction@9"}
    for column in ("previous_token", "induction", "entropy", "on_first"):
        np.testing.assert_allclose(ready.loc[again.index, column], again[column], rtol=2.0**-BITS, atol=1e-4)


def test_examples_and_mean_patterns_are_those_of_what_was_built(built, tmp_path):
    small = _small(built, tmp_path / "small", keep_examples=8)
    for head in ("L0H1", "L1H2"):
        told = [(e.passage, e.query, e.key) for e in built.examples(head, 8)]
        # weights that are equal once rounded may change places
        assert {(e.passage, e.query, e.key) for e in small.examples(head, 8)} & set(told)
        np.testing.assert_allclose(small.mean_pattern(head), built.mean_pattern(head), atol=4e-5)


def test_fewer_examples_can_be_kept(built, tmp_path):
    small = _small(built, tmp_path / "small", keep_examples=2)
    kept = {pa.compute.sum(pa.compute.list_value_length(shard.read()["examples"])).as_py() for shard in _of(small)}
    assert max(kept) <= 8 * (2 + 20)


def test_what_is_rounded_is_near_and_nothing_else_changes():
    values = np.random.default_rng(0).random(1000, dtype=np.float32)
    near = rounded(pa.array(values, mask=values > 0.9))
    there = values <= 0.9
    assert near.null_count == np.count_nonzero(~there)
    found = near.to_numpy(zero_copy_only=False)[there]
    assert np.all(np.abs(found / values[there] - 1) <= 2.0 ** -(BITS + 1))
    assert len(np.unique(found)) < 1000
    lists = pa.array([[0.1, 0.2], None, [], [0.3]], pa.list_(pa.float32()))
    assert [None if one is None else len(one) for one in rounded(lists).to_pylist()] == [2, None, 0, 1]
    whole = pa.array([{"query": 3, "weight": 0.5}])
    assert rounded(whole) == whole


def test_a_name_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"trainin.*training"):
        aw.ready_atlas("trainin")
    with pytest.raises(FileNotFoundError, match=r"ready_atlas\(\)"):
        aw.Atlas("ready")


def test_it_is_not_written_to_and_a_copy_can_be(tmp_path):
    atlas = aw.ready_atlas("training")
    with pytest.raises(ValueError, match="copytree"):
        atlas.add("toy-induction", progress=False)
    before = sorted((file, file.stat().st_size) for file in atlas.path.rglob("*"))
    atlas.nearest("toy-induction:L1H0", 3)
    assert sorted((file, file.stat().st_size) for file in atlas.path.rglob("*")) == before
    copy = aw.Atlas(shutil.copytree(atlas.path, tmp_path / "mine"))
    more = copy.add({"model": "toy-induction", "device": "cpu"}, ["Tom has a red apple. Tom has a red apple."])
    assert more.heads.loc["toy-induction:L0H0", "n_passages"] == 49


def _of(atlas):
    return list(shards(atlas.path, "patterns"))


def _small(atlas, folder, keep_examples):
    shutil.copytree(atlas.path, folder, ignore=shutil.ignore_patterns("patterns", "weights"))
    write_small(_of(atlas), folder, keep_examples)
    return aw.Atlas(folder)
