"""Labels on a map: classes of every model, how good the map is by them, and what is said of wrong ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

import attn_widgets as aw

TEXTS = ["The cat sat on the mat. The cat sat on the", "Mary cat John dog Tom bird Anna fish Mary"]
YOUNG = "toy-induction@3"


@pytest.fixture(scope="module")
def traces(toy):
    return aw.capture(toy, TEXTS)


@pytest.fixture(scope="module")
def both(toy, traces):
    return [*traces, *aw.capture(aw.load_model("toy-induction", device="cpu", checkpoint=3), TEXTS)]


@pytest.fixture(scope="module")
def labels(toy):
    return aw.label_heads(toy)


def test_a_map_without_labels_has_no_quality(traces):
    assert aw.HeadMap(traces, method="pca").quality is None


def test_quality_is_that_of_the_distances_and_follows_them(toy, labels):
    runs = [aw.AttentionRun(toy, text) for text in TEXTS]
    head_map = aw.HeadMap(runs, labels=labels, method="pca")
    seen = []
    head_map.observe(lambda change: seen.append(change["new"]), "quality")

    def expected():
        return aw.class_quality(head_map.distances, labels).rows

    first = head_map.quality
    assert first.rows == expected()
    assert first.within["induction"] > first.chance_within["induction"]
    head_map.kind = "published"
    assert head_map.quality.rows == expected()
    assert head_map.quality is seen[-1]
    runs[1].prompt = "The dog ran to the park, and the cat ran after it."
    assert head_map.quality.rows == expected()
    before = head_map.quality
    head_map.method, head_map.n_clusters = "mds", 2
    assert head_map.quality is before


def test_labels_can_be_assigned(traces, labels):
    head_map = aw.HeadMap(traces, method="pca")
    head_map.labels = {"mine": ["L0H0", "L0H2"]}
    assert head_map.quality.classes == ("mine",)
    assert head_map.classes["L0H2"] == ["mine"]
    head_map.labels = labels
    assert "mine" not in head_map.quality.classes
    assert head_map.table["class"].tolist().count("induction") == len(labels["induction"])
    head_map.labels = None
    assert head_map.quality is None
    assert head_map.classes == {}


def test_labels_of_several_models_show_on_the_map_and_judge_it_within_and_across(both, labels):
    given = {"toy-induction": labels, YOUNG: {"induction": ["L1H0", (1, 2)], "Previous_Token": [f"{YOUNG}:L0H3"]}}
    head_map = aw.HeadMap(both, labels=given, method="pca", unit="token")
    for head in labels["induction"]:
        assert head_map.classes[f"toy-induction:{head}"] == ["induction"]
    assert head_map.classes[f"{YOUNG}:L1H2"] == ["induction"]
    table = head_map.table.set_index("name")
    # one class of both models, spelled as the literature has it
    assert table.loc[f"{YOUNG}:L0H3", "class"] == table.loc["toy-induction:L0H1", "class"] == "previous token"
    quality = head_map.quality
    assert quality.of("induction", "toy-induction", YOUNG).relevant == 2
    assert quality.of("previous-token", YOUNG, "toy-induction").members == 1
    assert math.isnan(quality.within["previous-token"])
    assert 0 < quality.across["induction"] <= 1
    scatter = aw.HeadScatter(head_map, color_by="class")
    (column,) = (column for column in scatter.columns if column["name"] == "class")
    assert column["values"] == ["previous token", "induction"]
    codes = np.frombuffer(column["codes"]["data"], dtype=np.uint16)
    names = list(head_map.heads)
    assert codes[names.index(f"{YOUNG}:L1H2")] == codes[names.index(f"toy-induction:{labels['induction'][0]}")] == 1


def test_labels_of_one_of_two_models_are_its_own(both, labels):
    head_map = aw.HeadMap(both, labels=labels, method="pca", unit="token")
    assert {head.rpartition(":")[0] for head in head_map.classes} == {"toy-induction"}
    assert head_map.quality.of("induction", "toy-induction").average_precision > 0
    assert head_map.quality.of("induction", "toy-induction", YOUNG).note == f"induction has no head in {YOUNG}"


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        ("induction", TypeError, "labels is a str; expected what label_heads or known_heads returns"),
        ([["L0H0"]], TypeError, "labels is a list"),
        (["toy-induction"], TypeError, "labels is a list"),
        ({"toy-inducton": {"a": ["L0H0"]}}, ValueError, "'toy-inducton', .* did you mean 'toy-induction'"),
        ({"toy-induction": ["L0H0"]}, ValueError, "several models; expected heads such as 'toy-induction:L0H0'"),
        ({"toy-induction": {"a": ["L0H0"]}, YOUNG: ["L0H0"]}, TypeError, f"{YOUNG}'] is a list, while others"),
        ({"a": ["toy-induction:L9H9"]}, ValueError, "'toy-induction:L9H9', which is not among the heads here"),
    ],
)
def test_wrong_labels_are_named_before_anything_is_computed(both, monkeypatch, given, error, match):
    monkeypatch.setattr("attn_widgets.compute.compared_traces.head_features", lambda *_: pytest.fail("computed"))
    with pytest.raises(error, match=match):
        aw.HeadMap(both, labels=given, method="pca")


def test_wrong_labels_that_are_assigned_go_back(traces, labels):
    head_map = aw.HeadMap(traces, labels=labels, method="pca")
    quality, classes = head_map.quality, head_map.classes
    with pytest.raises(TypeError, match="labels is a int"):
        head_map.labels = 3
    assert head_map.labels is labels
    assert head_map.error.startswith("labels is a int")
    assert head_map.quality is quality
    assert head_map.classes is classes
