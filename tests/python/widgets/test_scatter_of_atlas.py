"""HeadScatter over an atlas: any column on an axis, in the colours and in a filter, and what of that is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import traitlets

import attn_widgets as aw
from attn_widgets.widgets.course import course_of
from attn_widgets.widgets.wire.scatter import pictures_wire

TEXTS = [
    "The cat sat on the mat. The cat sat on the mat. The cat sat on the mat.",
    "When Mary and John went to the store, Mary gave a book to John.",
]
EARLY = {"model": "toy-induction", "checkpoint": 3, "device": "cpu"}
LATE = {"model": "toy-induction", "device": "cpu"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("atlas")
    aw.build_atlas([LATE, EARLY], TEXTS, path, progress=False)
    return path


@pytest.fixture
def atlas(folder):
    return aw.Atlas(folder)


@pytest.fixture
def scatter(atlas):
    return aw.HeadScatter(aw.HeadMap(atlas, method="pca", own={"mine": ["toy-induction:L0H0", "toy-induction:L1H0"]}))


def read(wire):
    return np.frombuffer(wire["data"], np.dtype(wire["dtype"]).newbyteorder("<")).reshape(wire["shape"])


def columns(scatter):
    return {column["name"]: column for column in scatter.columns}


def test_an_atlas_is_shown_as_it_is(atlas):
    scatter = aw.HeadScatter(atlas)
    assert scatter.names == list(atlas.heads.index)
    assert scatter.map_info["pictures_of"] == "Mean pattern over 2 passages, in words"
    assert scatter.map_info["prompts"] == [], "of patterns on prompts there are none"
    assert read(scatter.thumbs["data"]).shape == (16, 32, 32)
    assert read(scatter.neighbours).shape == (16, 10)
    sent = columns(scatter)
    assert list(sent)[:6] == ["layer", "head", "depth", "model", "motif", "class"]
    assert sent["induction_bits"]["label"] == "induction, bits"
    np.testing.assert_allclose(read(sent["induction_lift"]["data"]), atlas.heads["induction_lift"], rtol=1e-6)
    np.testing.assert_allclose(read(sent["induction"]["spread"]), atlas.heads["induction_std"], rtol=1e-6)
    assert not {"induction_std", "name", "classes"} & set(sent)
    scatter.selection = ["toy-induction:L1H1"]
    expected = pictures_wire([scatter.head_map.compared.picture("toy-induction:L1H1", 0, None, True)], 64)
    assert scatter.gallery["thumbs"]["data"] == expected["data"]
    assert scatter.page_title == "Heads of 2 models"


def test_columns_of_ones_own_colour_size_and_place_the_heads(scatter, atlas):
    heads = atlas.heads.index
    atlas.add_columns(pd.DataFrame({"mine_too": np.arange(16.0), "team": ["red", "blue"] * 8, "odd": [1j] * 16}, heads))
    assert columns(scatter)["mine_too"]["label"] == "mine too"
    assert columns(scatter)["team"]["values"] == ["red", "blue"]
    assert "odd" not in columns(scatter)
    scatter.color_by, scatter.size_by, scatter.x, scatter.y = "team", "mine_too", "depth", "mine_too"


def test_filters_say_who_is_shown(scatter):
    table = scatter.head_map.table
    assert scatter.shown == list(scatter.head_map.heads)
    scatter.filters = {"model": ["toy-induction@3"], "depth": [0.5, 1]}
    assert scatter.shown == [f"toy-induction@3:L1H{head}" for head in range(4)]
    scatter.filters = {"class": ["mine"], "name": "l1 toy"}
    assert scatter.shown == ["toy-induction:L1H0"]
    scatter.filters = {"class": [""]}
    assert len(scatter.shown) == 14
    scatter.filters = {"motif": ["induction"], "induction": (0.2, 1)}
    assert scatter.filters == {"motif": ["induction"], "induction": [0.2, 1.0]}
    expected = table["name"][(table["motif"] == "induction") & (table["induction"] >= 0.2)]
    assert scatter.shown == expected.tolist() != []


def test_a_head_of_several_classes_is_in_each(scatter):
    scatter.head_map.own = {"one": ["toy-induction:L0H0"], "two": ["toy-induction:L0H0", "toy-induction:L0H1"]}
    scatter.filters = {"class": ["two"]}
    assert scatter.shown == ["toy-induction:L0H0", "toy-induction:L0H1"]
    sent = columns(scatter)["class"]
    assert sent["values"] == ["one", "two"]
    assert read(sent["codes"]).tolist() == [0, 1, *[65535] * 14]
    assert read(sent["others"]).tolist() == [[0, 1]]


def test_what_is_gone_is_not_filtered_by(scatter):
    scatter.filters = {"class": ["mine"], "name": "L0"}
    scatter.head_map.own = {}
    assert scatter.filters == {"name": "L0"}


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("x", "motif", "x is 'motif', which holds no numbers"),
        ("y", "inductoin", "y is 'inductoin'; did you mean 'induction'"),
        ("color_by", "classes", "color_by is 'classes'"),
        ("filters", {"dept": [0, 1]}, "did you mean 'depth'"),
        ("filters", {"depth": 0.5}, r"filters\['depth'\] is 0.5; expected a range"),
        ("filters", {"depth": [1, 0]}, "no more than high"),
        ("filters", {"depth": ["a", "b"]}, "two numbers"),
        ("filters", {"motif": "induction"}, "expected a list of values"),
        ("filters", {"motif": ["inductoin"]}, "did you mean 'induction'"),
        ("filters", {"name": 5}, "expected a text"),
    ],
)
def test_bad_values_are_refused_and_the_good_ones_kept(scatter, name, value, match):
    before = getattr(scatter, name)
    with pytest.raises(traitlets.TraitError, match=match):
        setattr(scatter, name, value)
    assert getattr(scatter, name) == before


def test_checkpoints_of_one_model_are_a_course(scatter):
    assert scatter.map_info["course"] == ["toy-induction@3", "toy-induction"]
    scatter.checkpoint = 0.5
    with pytest.raises(traitlets.TraitError, match="expected None, or 0 to 1"):
        scatter.checkpoint = 2
    assert scatter.checkpoint == 0.5


@pytest.mark.parametrize(
    ("models", "course"),
    [
        (["m@10", "gpt2", "m@2", "m@0"], ["m@0", "m@2", "m@10"]),
        (["m@1", "m"], ["m@1", "m"]),
        (["m", "n"], []),
        (["a@b", "a"], []),
        ([], []),
    ],
)
def test_a_course_is_in_the_order_of_training(models, course):
    assert course_of(dict.fromkeys(models, (2, 4))) == course


def test_checkpoints_of_another_size_are_no_course():
    assert course_of({"m@0": (2, 4), "m@1": (3, 4)}) == []


def test_without_checkpoints_there_is_none_to_go_to(tmp_path):
    scatter = aw.HeadScatter(aw.build_atlas([LATE], TEXTS, tmp_path, progress=False))
    with pytest.raises(traitlets.TraitError, match="no models here are checkpoints of one"):
        scatter.checkpoint = 0


def test_a_closed_scatter_lets_go_of_the_atlas(atlas):
    scatter = aw.HeadScatter(atlas)
    assert len(atlas.on_columns) == 1
    scatter.close()
    assert len(atlas.on_columns) == 0
