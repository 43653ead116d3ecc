"""HeadMap: points are the embedding, the table says what heads are, and a change costs what it must."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import traitlets

import attn_widgets as aw
from attn_widgets.compute import compared_traces as module
from attn_widgets.compute.relatives import relatives

TEXTS = [
    "The cat sat on the mat. The cat sat on the",
    "Mary cat John dog Tom bird Anna fish Mary",
    "When Mary and John went to the store, Mary gave a book to",
]


@pytest.fixture(scope="module")
def traces(toy):
    return aw.capture(toy, TEXTS)


@pytest.fixture
def head_map(traces):
    return aw.HeadMap(traces, method="pca", n_clusters=3, own={"mine": ["L1H1", "L0H3"]})


def test_points_are_the_embedding_of_the_distances(head_map, traces):
    distances = aw.head_distances(traces)
    np.testing.assert_allclose(head_map.distances.matrix, distances.matrix)
    np.testing.assert_allclose(head_map.points, aw.embed_heads(distances, "pca"))
    assert head_map.nearest("L1H1", 2) == distances.nearest("L1H1", 2)
    for method in ("isomap", "mds"):
        head_map.method = method
        np.testing.assert_allclose(head_map.points, aw.embed_heads(distances, method))
    head_map.n_components = 3
    assert head_map.points.shape == (8, 3)


def test_the_table_says_what_each_head_is(head_map, traces):
    table, scores = head_map.table, aw.motif_scores(traces, exclude_first=True)
    assert table["name"].tolist() == [f"L{layer}H{head}" for layer in (0, 1) for head in range(4)]
    assert table["motif"].tolist() == scores.dominant().reshape(-1).tolist()
    np.testing.assert_allclose(table["induction"], scores["induction"].reshape(-1))
    np.testing.assert_allclose(table["first_token"], aw.motif_scores(traces)["first_token"].reshape(-1))
    for name in ("induction", "first_token"):
        of = aw.motif_scores(traces) if name == "first_token" else scores
        np.testing.assert_allclose(table[f"{name}_std"], of.spread[name].reshape(-1), rtol=1e-5)
        np.testing.assert_allclose(table[f"{name}_bits"], of.bits[name].reshape(-1), rtol=1e-5)
    assert table["class"].tolist() == ["", "", "", "mine", "", "mine", "", ""]
    assert sorted(set(table["cluster"])) == [0, 1, 2]
    chosen = head_map.frame(["L1H3", "L0H1"])
    assert chosen["name"].tolist() == ["L1H3", "L0H1"]
    with pytest.raises(ValueError, match="selection holds 'L7H7'"):
        head_map.frame(["L7H7"])


def test_pattern_space_has_a_point_for_every_head_and_prompt(head_map, traces):
    head_map.point = "pattern"
    table = head_map.table
    assert len(table) == len(head_map.points) == 3 * 8
    assert table["prompt"].tolist() == [text for text in head_map.prompts for _ in range(8)]
    second = aw.motif_scores(traces[1], exclude_first=True)
    np.testing.assert_allclose(table["induction"][8:16], second["induction"].reshape(-1))
    assert "induction_std" not in table, "one prompt has no spread"
    first = relatives(head_map, "L1H1")[0]
    rows = table[table["name"] == "L1H1"]
    assert list(rows["motif"]).count(first.motif) >= 2, "named as on most prompts"
    assert (first.score, first.spread) == pytest.approx((rows[first.motif].mean(), rows[first.motif].std()))
    inside = head_map.distances.space.transform(head_map.features[0]).reshape(24, -1)
    np.testing.assert_allclose(head_map.points, inside[:, :2])
    assert len(head_map.frame(["L1H1"])) == 3
    head_map.method = "isomap"
    assert head_map.points.shape == (24, 2)


def test_the_first_token_is_left_out_or_not(head_map, traces):
    head_map.exclude_first = False
    np.testing.assert_allclose(head_map.table["induction"], aw.motif_scores(traces)["induction"].reshape(-1))
    np.testing.assert_array_equal(head_map.picture("L1H2"), traces[0].head("L1H2"))
    head_map.exclude_first = True
    picture = head_map.picture("L1H2")
    assert not picture[:, 0].any()
    np.testing.assert_allclose(picture[-1].sum(), 1, rtol=1e-5)


def test_patterns_are_found_by_name_and_prompt(head_map, traces):
    np.testing.assert_array_equal(head_map.pattern("L1H2", 1), traces[1].head("L1H2"))
    with pytest.raises(ValueError, match="prompt is 3"):
        head_map.pattern("L1H2", 3)


def test_a_run_with_another_prompt_is_measured_again_and_the_others_are_not(toy, monkeypatch):
    runs = [aw.AttentionRun(toy, text) for text in TEXTS]
    head_map = aw.HeadMap(runs, method="pca")
    measured = []
    original = module.head_features
    monkeypatch.setattr(module, "head_features", lambda trace, kind: measured.append(trace) or original(trace, kind))
    before = head_map.points
    runs[1].prompt = "The dog ran to the park, and the cat ran after it."
    assert measured == [runs[1].trace]
    assert not np.allclose(head_map.points, before)
    measured.clear()
    head_map.method = "mds"
    head_map.n_clusters = 2
    assert measured == []
    head_map.close()
    runs[0].prompt = "The cat sat."
    assert measured == []


def test_several_models_meet_on_the_prompts_they_share(traces, toy):
    young = aw.load_model("toy-induction", device="cpu", checkpoint=3)
    theirs = aw.capture(young, TEXTS[:2])
    with pytest.warns(UserWarning, match=r"toy-induction@3 has not read 'When Mary and John went to the store, M…'"):
        head_map = aw.HeadMap([*traces, *theirs], method="pca", own={"mine": ["toy-induction@3:L1H1"]})
    assert head_map.left_out == {"toy-induction@3": (TEXTS[2],)}
    assert head_map.models == ("toy-induction", "toy-induction@3")
    assert list(head_map.prompts) == TEXTS[:2]
    assert len(head_map.points) == 16
    assert head_map.heads[8] == "toy-induction@3:L0H0"
    assert head_map.classes == {"toy-induction@3:L1H1": ["mine"]}
    np.testing.assert_array_equal(head_map.pattern("toy-induction@3:L1H1", 1), theirs[1].head("L1H1"))
    np.testing.assert_array_equal(head_map.pattern("toy-induction:L1H1", 1), traces[1].head("L1H1"))


def test_classes_come_from_the_literature_and_from_behaviour(toy, traces):
    labels = aw.label_heads(toy)
    head_map = aw.HeadMap(traces, labels=labels, method="pca")
    for head in labels["induction"]:
        assert "induction" in head_map.classes[head]
    patterns = np.tril(np.random.default_rng(0).uniform(0.5, 1.5, (12, 12, 6, 6)))
    patterns /= patterns.sum(-1, keepdims=True)
    known = aw.HeadMap(aw.Trace.from_arrays(patterns, list("abcdef"), model_name="gpt2"), method="pca")
    assert known.classes["L9H9"] == ["name mover"]


def test_relatives_are_near_alike_or_far(head_map):
    rows = relatives(head_map, "L1H1", nearest=2, same_class=3)
    assert [row.relation for row in rows] == ["self", "nearest", "nearest", "same class", "far"] or [
        row.relation for row in rows
    ] == ["self", "nearest", "nearest", "far"]
    assert [row.name for row in rows[1:3]] == [name for name, _ in head_map.nearest("L1H1", 2)]
    assert rows[-1].distance == head_map.distances.matrix[5].max()
    kin = relatives(head_map, "L1H1", nearest=1)
    assert any(row.name == "L0H3" for row in kin)


@pytest.mark.parametrize(
    ("name", "value", "error", "match"),
    [
        ("kind", "shape", traitlets.TraitError, "kind"),
        ("method", "lle", traitlets.TraitError, "method"),
        ("n_components", 4, traitlets.TraitError, "n_components"),
        ("n_clusters", 0, traitlets.TraitError, "n_clusters"),
        ("own", {"mine": "L1H1"}, traitlets.TraitError, r"own\['mine'\]"),
        ("own", {"mine": ["L7H7"]}, ValueError, "holds 'L7H7'"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(head_map, name, value, error, match):
    points = head_map.points
    with pytest.raises(error, match=match):
        setattr(head_map, name, value)
    assert head_map.points is points
    assert not head_map.busy


def test_what_is_no_source_is_refused(traces):
    with pytest.raises(TypeError, match="sources holds a str"):
        aw.HeadMap(["gpt2"])
    with pytest.raises(TypeError, match="sources is empty"):
        aw.HeadMap([])
    with pytest.raises(TypeError, match="'color'"):
        aw.HeadMap(traces, color="red")


def test_what_weights_say_are_columns_of_the_map(toy, traces):
    weights = aw.head_weights(toy)
    head_map = aw.HeadMap(traces, method="pca", columns=weights)
    table = head_map.table.set_index("name")
    assert table["ov_copying"].tolist() == weights.table["ov_copying"].tolist()
    assert table.loc["L1H0", "k_from"] == weights.table.loc["L1H0", "k_from"]
    scatter = aw.HeadScatter(head_map, color_by="ov_copying", size_by="k_composition")
    (sent,) = (column for column in scatter.columns if column["name"] == "ov_copying")
    numbers = np.frombuffer(sent["data"]["data"], "float32")
    np.testing.assert_allclose(numbers, weights.table["ov_copying"], rtol=1e-6)
    # all heads again for every prompt
    head_map.point = "pattern"
    assert head_map.table["ov_copying"].tolist() == [*weights.table["ov_copying"]] * 3


def test_columns_of_ones_own_are_by_name_and_refused_where_they_do_not_fit(traces):
    points = aw.HeadMap(traces, method="pca")
    mine = pd.DataFrame({"mine": [3.0, 1.0]}, index=["L1H3", "toy-induction:L0H0"])
    points.columns = mine
    table = points.table.set_index("name")
    assert table.loc[["L0H0", "L1H3"], "mine"].tolist() == [1, 3]
    assert table["mine"].isna().sum() == 6
    for columns, error, why in (
        (mine.rename(index={"L1H3": "L9H9"}), ValueError, "columns has a row 'L9H9'; expected heads from L0H0 to L1H3"),
        (mine.rename(columns={"mine": "induction"}), ValueError, "'induction', which the map has already"),
        ([mine, mine], ValueError, "'L1H3' twice"),
        ({"mine": [1]}, TypeError, "columns holds a dict"),
    ):
        with pytest.raises(error, match=why):
            points.columns = columns
        assert points.columns is mine
        assert points.table.set_index("name")["mine"].notna().sum() == 2


def test_columns_of_several_models_find_their_heads(toy):
    early = aw.load_model("toy-induction", device="cpu", checkpoint=3)
    both = aw.HeadMap([*aw.capture(toy, TEXTS), *aw.capture(early, TEXTS)], method="pca")
    each = [aw.head_weights(model) for model in (early, toy)]
    both.columns = each
    table = both.table.set_index("name")
    for model, weights in zip((early, toy), each, strict=True):
        own = [f"{model.name}:{name}" for name in weights.table.index]
        np.testing.assert_array_equal(table.loc[own, "ov_norm"], weights.table["ov_norm"])
