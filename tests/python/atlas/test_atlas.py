"""`Atlas`: its tables, distances and examples are those of the traces of the same texts."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from many_models import tiny

import attn_widgets as aw
from attn_widgets.atlas import building, first_words, of_model
from attn_widgets.atlas.kinds import KINDS, Kind
from attn_widgets.atlas.measuring_weights import measure_weights
from attn_widgets.atlas.shards import shard_path, shards, write_shard

TEXTS = {
    "repeated": [
        "The cat sat on the mat. The cat sat on the mat. The cat sat on the mat.",
        "Tom has a red apple. Mary has a red apple. Tom has a red apple.",
    ],
    "prose": [
        "When Mary and John went to the store, Mary gave a book to John.",
        "The old dog sat on the mat and the cat went to the store.",
        "John has a blue car and a green book, and Mary has a red apple.",
    ],
}
EARLY = {"model": "toy-induction", "checkpoint": 3, "device": "cpu"}
LATE = {"model": "toy-induction", "device": "cpu"}
ALL = [text for texts in TEXTS.values() for text in texts]


def corpus(*kinds):
    return [{"text": text, "kind": kind} for kind in kinds or TEXTS for text in TEXTS[kind]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("atlas")
    aw.build_atlas([LATE, EARLY], corpus(), path, progress=False)
    return path


@pytest.fixture(scope="module")
def atlas(folder):
    return aw.Atlas(folder)


@pytest.fixture(scope="module")
def traces(toy):
    return aw.capture(toy, ALL), aw.capture(aw.load_model(**EARLY), ALL)


def test_a_head_has_the_means_and_the_motif_that_its_traces_give(atlas, traces):
    scores = aw.motif_scores(traces[0], exclude_first=True)
    own = atlas.heads[atlas.heads["model"] == "toy-induction"]
    assert list(own.index) == [f"toy-induction:L{layer}H{head}" for layer in range(2) for head in range(4)]
    for name in scores.names:
        if name == "first_token":
            continue
        np.testing.assert_allclose(own[name], scores[name].reshape(-1), atol=1e-6)
        np.testing.assert_allclose(own[f"{name}_std"], scores.spread[name].reshape(-1), atol=1e-6)
        np.testing.assert_allclose(own[f"{name}_bits"], scores.bits[name].reshape(-1), atol=1e-5)
        np.testing.assert_allclose(own[f"{name}_lift"], scores.lift[name].reshape(-1), rtol=1e-5, atol=1e-5)
    sink = aw.motif_scores(traces[0], motifs=["first_token"])["first_token"]
    np.testing.assert_allclose(own["first_token"], sink.reshape(-1), atol=1e-6)
    np.testing.assert_array_equal(own["motif"], scores.dominant().reshape(-1))
    assert set(own["motif"]) >= {"previous_token", "induction"}
    assert list(own["depth"]) == [0.0] * 4 + [1.0] * 4
    assert set(own["n_passages"]) == {5}


def test_kinds_of_passages_are_told_apart(atlas, traces):
    by_kind = atlas.scores_by_kind("toy-induction:L1H0")
    assert list(by_kind["n_passages"]) == [2, 3]
    for kind, own in (("repeated", traces[0][:2]), ("prose", traces[0][2:])):
        expected = aw.motif_scores(own, exclude_first=True)
        assert by_kind.loc[kind, "induction"] == pytest.approx(expected["induction"][1, 0], abs=1e-6)
        for head in range(4):
            assert atlas.scores_by_kind(f"toy-induction:L1H{head}").loc[kind, "motif"] == expected.dominant()[1, head]


def test_distances_are_those_of_the_traces(atlas, traces):
    expected = aw.head_distances([*traces[0], *traces[1]])
    found = atlas.distances()
    assert found.heads == expected.heads
    assert found.unit == "word"
    np.testing.assert_allclose(found.matrix, expected.matrix, rtol=1e-4, atol=1e-4)
    assert set(found.prompts) == set(ALL)


def test_the_nearest_are_the_smallest_distances_of_all_models_or_of_one(atlas):
    distances = atlas.distances()
    head = "toy-induction:L1H0"
    for found, expected in zip(atlas.nearest(head, 5), distances.nearest(head, 5), strict=True):
        assert found[0] == expected[0]
        assert found[1] == pytest.approx(expected[1], rel=1e-4)
    assert all(name.startswith("toy-induction@3:") for name, _ in atlas.nearest(head, 3, model="toy-induction@3"))
    references = [head, "toy-induction:L1H1"]
    mean = distances.to_frame()[references].mean(axis=1).drop(references).sort_values()
    assert [name for name, _ in atlas.candidates(references, 3)] == list(mean.index[:3])


def test_examples_are_cells_of_the_patterns(atlas, traces):
    by_text = dict(zip(ALL, traces[0], strict=True))
    for by in ("top", "decile", "random"):
        found = atlas.examples("toy-induction:L1H0", 12, by)
        assert 0 < len(found) <= 12
        for one in found:
            trace = by_text[atlas.text(one.passage)]
            row = trace.head("L1H0")[one.query]
            assert one.tokens == trace.tokens
            assert one.weight == pytest.approx(row[one.key])
            assert one.key == 1 + row[1:].argmax()
            assert one.kind in TEXTS
    top = atlas.examples("toy-induction:L1H0", 12)
    assert [one.weight for one in top] == sorted((one.weight for one in top), reverse=True)
    deciles = {one.decile for one in atlas.examples("toy-induction:L1H0", 40, "decile")}
    assert deciles == set(range(1, 11))


def test_strengths_count_every_query_but_the_first(atlas, traces):
    assert atlas.strengths("toy-induction:L1H0").sum() == sum(trace.n_queries - 1 for trace in traces[0])


def test_the_mean_pattern_is_that_of_the_traces_in_words(atlas, traces, monkeypatch, tmp_path):
    between = [trace.words().patterns for trace in traces[0]]
    n = max(one.shape[-1] for one in between)
    assert len({one.shape[-1] for one in between}) > 1
    there = np.zeros((len(between), n, n), dtype=bool)
    padded = np.zeros((len(between), 2, 4, n, n))
    for i, one in enumerate(between):
        padded[i, ..., : one.shape[-1], : one.shape[-1]] = one
        there[i, : one.shape[-1], : one.shape[-1]] = True
    expected = padded.sum(axis=0) / there.sum(axis=0)
    found = atlas.mean_patterns("toy-induction")
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-3)
    np.testing.assert_array_equal(atlas.mean_pattern("toy-induction:L1H2"), found[1, 2])
    with pytest.raises(ValueError, match="model is None, and there are several; expected one of toy-induction, "):
        atlas.mean_patterns()
    # longer texts are cut, and several blocks make the same mean
    for module in (first_words, of_model):
        monkeypatch.setattr(module, "N_WORDS", 12)
    monkeypatch.setattr(building, "_BLOCK", 2)
    cut = aw.build_atlas(LATE, corpus(), tmp_path, progress=False).mean_patterns()
    np.testing.assert_allclose(cut, expected[..., :12, :12], atol=1e-5)


def test_a_mean_pattern_of_a_model_that_sees_later_words_has_them_too():
    patterns = np.random.default_rng(0).dirichlet(np.ones(9), (1, 2, 9))
    trace = aw.Trace.from_arrays(patterns, [f"w{i}" for i in range(9)], causal=False)
    means = first_words.MeanPatterns(1, 2, causal=False)
    means.add(first_words.FirstWords(trace, first_words.words_of(trace)).part(patterns[0])[None])
    cells, passages = means.packed()
    found = first_words.together(cells, passages[None])
    np.testing.assert_allclose(found, patterns[0], atol=1e-5)


def test_maps_and_clusters_have_all_heads(atlas):
    assert atlas.embed("pca").shape == (16, 2)
    assert atlas.embed("pca") is atlas.embed("pca")
    np.testing.assert_array_equal(atlas.heads["cluster"], atlas.clusters(8, "complete").labels)
    assert len(atlas.clusters(method="ward")) == 8
    assert len(atlas.clusters(method="leiden", n_neighbors=3)) > 1
    assert len(atlas.clusters(distance_threshold=0.0)) == 16
    assert sorted(head for heads in atlas.clusters(3).values() for head in heads) == sorted(atlas.heads.index)
    labels = {"induction": ["toy-induction:L1H0", "toy-induction:L1H1"]}
    assert atlas.quality(labels).within["induction"]


def test_trends_are_shares_by_depth_and_by_model(atlas):
    heads = atlas.heads
    by_model = atlas.trends("model", "motif")
    assert list(by_model.index) == ["toy-induction", "toy-induction@3"]
    own = heads[heads["model"] == "toy-induction"]
    assert by_model.loc["toy-induction", "previous_token"] == (own["motif"] == "previous_token").mean() > 0
    by_depth = atlas.trends("depth", "cluster", bins=4)
    assert [(bin.left, bin.right) for bin in by_depth.index] == [(0, 0.25), (0.75, 1)]
    for depth, row in zip((0.0, 1.0), by_depth.index, strict=True):
        shares = heads.loc[heads["depth"] == depth, "cluster"].value_counts(normalize=True)
        for cluster in by_depth.columns[1:]:
            assert by_depth.loc[row, cluster] == shares.get(cluster, 0)
    assert list(by_depth["n_heads"]) == [8, 8]
    clusters = atlas.clusters(3, "average")
    np.testing.assert_allclose(atlas.trends(of=clusters)[[0, 1, 2]].sum(axis=1), 1)
    for wrong, said in (
        ({"by": "layer"}, "by is 'layer'; expected"),
        ({"of": "motiv"}, "of is 'motiv'; did you mean 'motif'"),
        ({"bins": 0}, "bins is 0"),
        ({"of": aw.cluster_heads([[0, 1], [1, 0]], n_clusters=1)}, "clusters of other heads"),
    ):
        with pytest.raises(ValueError, match=said):
            atlas.trends(**wrong)


def test_models_that_read_no_passage_in_common_have_no_clusters(tmp_path):
    aw.build_atlas(LATE, corpus("prose"), tmp_path, progress=False)
    both = aw.Atlas(tmp_path).add(EARLY, corpus("repeated"), progress=False)
    assert set(both.heads["cluster"]) == {-1}


def test_what_is_added_later_finds_its_place_among_what_was_there(tmp_path, folder):
    first = aw.build_atlas(LATE, corpus(), tmp_path, progress=False)
    before = first.distances(unit="word").matrix
    both = first.add(EARLY, progress=False)
    assert both.models == ("toy-induction", "toy-induction@3")
    # the space is the one of before
    np.testing.assert_allclose(both.distances().matrix[:8, :8], before, rtol=1e-5)
    # the files are those of both at once
    assert {shard.path.name for shard in shards(tmp_path, "patterns")} == {
        shard.path.name for shard in shards(folder, "patterns")
    }


def test_a_passage_that_comes_again_counts_once(tmp_path):
    aw.build_atlas(LATE, corpus("prose"), tmp_path, progress=False)
    again = aw.build_atlas(LATE, corpus("repeated", "prose"), tmp_path, progress=False)
    assert len(again.corpus) == 5
    assert set(again.heads["n_passages"]) == {5}


def test_shards_of_other_kinds_become_columns_by_themselves(tmp_path, folder, monkeypatch):
    copy = shutil.copytree(folder, tmp_path / "copy")
    known = next(shard for shard in shards(copy, "patterns") if shard.model == "toy-induction").about
    layer, head = (axis.reshape(-1).astype(np.int16) for axis in np.indices((2, 4)))
    heads = pa.table({"layer": layer, "head": head, "copies": np.arange(8) / 8, "note": ["text"] * 8})
    passages = {
        name: pa.table({"passage": [name] * 8, "layer": layer, "head": head, "effect": pa.array(effect, pa.float32())})
        for name, effect in {"one": np.arange(8.0), "two": [None, *np.arange(1.0, 8)]}.items()
    }
    tables = {"of_heads": [heads, heads], "of_passages": [*passages.values(), passages["one"]]}
    for kind, parts in tables.items():
        monkeypatch.setitem(KINDS, kind, Kind("module:function"))
        for i, table in enumerate(parts):
            write_shard(shard_path(copy, kind, "toy-induction", str(i)), table, known)
    own = aw.Atlas(copy).heads
    np.testing.assert_array_equal(own["copies"][:8], np.arange(8) / 8)
    np.testing.assert_array_equal(own["effect"][:8], np.arange(8))
    assert own[["copies", "effect"]][8:].isna().all().all()
    assert "note" not in own


def test_columns_of_ones_own_stand_beside_the_others(folder):
    atlas = aw.Atlas(folder)
    atlas.add_columns(pd.Series([1.0, 2.0], index=["toy-induction:L0H0", "toy-induction:L0H1"], name="mine"))
    assert atlas.heads.loc["toy-induction:L0H1", "mine"] == 2
    assert np.isnan(atlas.heads.loc["toy-induction:L1H1", "mine"])
    with pytest.raises(ValueError, match="columns has 'mine', which the table has already"):
        atlas.add_columns(pd.DataFrame({"mine": [1]}, index=["toy-induction:L0H0"]))
    with pytest.raises(ValueError, match="columns has a row 'L9H9'"):
        atlas.add_columns(pd.DataFrame({"other": [1]}, index=["L9H9"]))


def test_arrow_and_duckdb_read_the_files_as_they_are(folder):
    duckdb = pytest.importorskip("duckdb")
    found = duckdb.sql(
        f"select layer, head, avg(induction) as mean from '{folder}/patterns/toy-induction/*.parquet' "
        "group by layer, head order by layer, head"
    ).fetchall()
    own = aw.Atlas(folder).heads.query("model == 'toy-induction'")
    np.testing.assert_allclose([row[2] for row in found], own["induction"], atol=1e-6)


def test_a_folder_that_cannot_be_written_to_is_read(tmp_path, folder, monkeypatch):
    copy = shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("space-*"))

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    # the superuser may write anywhere
    monkeypatch.setattr("attn_widgets.atlas.durable.tempfile.mkstemp", refuse)
    monkeypatch.setattr("attn_widgets.heads.space.HeadSpace.save", refuse)
    before = sorted(os.listdir(copy))
    assert (
        aw.Atlas(copy).nearest("toy-induction:L1H0", 1)[0][0] == aw.Atlas(folder).nearest("toy-induction:L1H0", 1)[0][0]
    )
    assert sorted(os.listdir(copy)) == before


def test_a_damaged_file_is_told_and_the_rest_is_read(tmp_path, folder):
    copy = shutil.copytree(folder, tmp_path / "copy")
    (one,) = (copy / "patterns" / "toy-induction@3").glob("*.parquet")
    one.write_bytes(one.read_bytes()[:200])
    with pytest.warns(UserWarning, match="1 files of the atlas .* are damaged and left out.*build_atlas again"):
        found = aw.Atlas(copy)
    assert found.models == ("toy-induction",)


def test_what_is_no_atlas_head_or_model_is_refused(tmp_path, atlas):
    with pytest.raises(FileNotFoundError, match="where there is no atlas"):
        aw.Atlas(tmp_path)
    with pytest.raises(ValueError, match="there are several models; expected such as 'toy-induction:L1H0'"):
        atlas.nearest("L1H0")
    with pytest.raises(ValueError, match="did you mean 'toy-induction'"):
        atlas.nearest("toy-inductoin:L1H0")
    with pytest.raises(ValueError, match="expected one of toy-induction:L0H0 to toy-induction:L1H3"):
        atlas.examples("toy-induction:L5H0")
    with pytest.raises(ValueError, match="by is 'decil'; did you mean 'decile'"):
        atlas.examples("toy-induction:L1H0", by="decil")
    with pytest.raises(ValueError, match="k is 0; expected at least 1"):
        atlas.nearest("toy-induction:L1H0", 0)
    with pytest.raises(ValueError, match="unit is 'tokens'"):
        atlas.distances(unit="tokens")


def test_passages_that_a_model_cannot_read_are_told(tmp_path):
    atlas = aw.build_atlas(LATE, [*ALL[:2], "The cat.", "A chrysanthemum."], tmp_path, progress=False)
    left_out = {atlas.text(passage): why for passage, why in atlas.left_out("toy-induction").items()}
    assert "fewer than 8" in left_out["The cat."]
    assert "chrysanthemum" in left_out["A chrysanthemum."]
    assert set(atlas.heads["n_passages"]) == {2}


def test_a_model_that_could_read_nothing_has_heads_without_scores(tmp_path):
    atlas = aw.build_atlas(LATE, ["A chrysanthemum by any other name would smell as sweet."], tmp_path, progress=False)
    assert len(atlas.heads) == 8
    assert set(atlas.heads["n_passages"]) == {0}
    assert atlas.heads["induction"].isna().all()
    assert set(atlas.heads["motif"]) == {"none"}
    assert atlas.heads["ov_copying"].notna().all()
    assert atlas.strengths("L1H1").sum() == 0
    assert atlas.examples("L1H1") == []
    with pytest.raises(ValueError, match="no passage has profiles"):
        atlas.nearest("L1H1")


def test_columns_of_weights_are_those_of_head_weights(atlas, toy):
    table = aw.head_weights(toy).table
    own = atlas.heads[atlas.heads["model"] == "toy-induction"]
    for name in ("ov_copying", "qk_matching", "qk_norm", "ov_norm", "q_composition", "k_composition", "v_composition"):
        np.testing.assert_allclose(own[name], table[name], rtol=1e-3, atol=1e-5)
    assert own["kernel_offset"].isna().all()
    (shard,) = (one for one in shards(atlas.path, "weights") if one.model == "toy-induction")
    assert shard.read(["k_from"])["k_from"].to_pylist() == [name or None for name in table["k_from"]]
    assert [atlas.no_weights(model) for model in atlas.models] == ["", ""]


def test_a_model_that_has_no_such_columns_says_why():
    model = tiny("bert")
    table = measure_weights(model, (), None, frozenset())
    assert table.num_rows == model.n_layers * model.n_heads
    assert all(table[name].null_count == table.num_rows for name in table.column_names if name not in ("layer", "head"))
    assert "norm before attention" in json.loads(table.schema.metadata[b"refused"])
