"""HeadMap over an atlas: its heads, numbers and neighbours are those of the atlas, and what it lacks is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import attn_widgets as aw
from attn_widgets.compute import compared_atlas
from attn_widgets.patterns import first_excluded

TEXTS = [
    "The cat sat on the mat. The cat sat on the mat. The cat sat on the mat.",
    "When Mary and John went to the store, Mary gave a book to John.",
    "Tom has a red apple. Mary has a red apple. Tom has a red apple.",
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
def head_map(atlas):
    return aw.HeadMap(atlas, method="pca", n_clusters=3)


def test_points_table_and_neighbours_are_those_of_the_atlas(head_map, atlas):
    assert head_map.heads == tuple(atlas.heads.index)
    assert head_map.models == ("toy-induction", "toy-induction@3")
    np.testing.assert_allclose(head_map.points, atlas.embed("pca"))
    assert head_map.compared_on == "word"
    assert set(head_map.prompts) == set(TEXTS)
    assert (head_map.traces, head_map.sources, head_map.features) == ([], [], [])
    table = head_map.table
    for name in ("induction", "induction_std", "induction_bits", "depth", "n_passages"):
        np.testing.assert_array_equal(table[name], atlas.heads[name])
    assert table["motif"].tolist() == atlas.heads["motif"].tolist()
    assert len(set(table["cluster"])) == 3
    head = "toy-induction:L1H0"
    assert head_map.nearest(head, 4) == atlas.nearest(head, 4)
    which, away = head_map.compared.neighbours(4)
    row = head_map.heads.index(head)
    assert [head_map.heads[i] for i in which[row]] == [name for name, _ in atlas.nearest(head, 4)]
    np.testing.assert_allclose(away[row], [distance for _, distance in atlas.nearest(head, 4)], rtol=1e-4)
    assert head_map.frame([head])["layer"].tolist() == [1]


def test_pictures_are_mean_patterns(head_map, atlas):
    head = "toy-induction@3:L1H2"
    picture, causal = head_map.compared.picture(head, 0, None, False)
    np.testing.assert_array_equal(picture, np.nan_to_num(atlas.mean_pattern(head)))
    assert causal
    np.testing.assert_array_equal(head_map.picture(head), np.nan_to_num(first_excluded(atlas.mean_pattern(head))))
    assert sum(len(patterns) for patterns, _ in head_map.compared.overview(True)) == len(head_map.heads)
    assert head_map.compared.pictures_of == "Mean pattern over 3 passages, in words"


def test_columns_that_are_added_are_on_the_map_at_once(head_map, atlas):
    points, seen = head_map.points, []
    head_map.observe(lambda change: seen.append(change["new"]), "version")
    atlas.add_columns(pd.Series(np.arange(16.0), index=atlas.heads.index, name="mine"))
    assert head_map.table["mine"].tolist() == list(range(16))
    assert len(seen) == 1
    np.testing.assert_array_equal(head_map.points, points)
    head_map.close()
    atlas.add_columns(pd.Series(1.0, index=atlas.heads.index, name="later"))
    assert "later" not in head_map.table


def test_classes_are_of_the_literature_your_own_and_labels(head_map):
    head_map.own = {"mine": ["toy-induction@3:L0H0"]}
    assert head_map.classes["toy-induction@3:L0H0"] == ["mine"]
    assert head_map.table["class"][8] == "mine"
    head_map.labels = {"toy-induction": {"copying": ["L1H0", "L1H1"]}}
    assert head_map.table["class"][4] == "copying"
    assert head_map.quality.classes == ("copying",)


def test_one_model_needs_no_prefix(tmp_path):
    atlas = aw.build_atlas([LATE], TEXTS, tmp_path, progress=False)
    head_map = aw.HeadMap(atlas, method="pca")
    assert head_map.heads[:2] == ("L0H0", "L0H1")
    assert head_map.compared_on == "token"
    near = [f"toy-induction:{name}" for name, _ in head_map.nearest("L1H0", 2)]
    assert near == [name for name, _ in atlas.nearest("L1H0", 2)]


def test_many_heads_have_neighbours_points_and_the_clusters_of_the_atlas_but_no_matrix(atlas, monkeypatch):
    monkeypatch.setattr(compared_atlas, "MANY_HEADS", 10)
    head_map = aw.HeadMap(atlas, method="pca")
    assert head_map.distances is None
    np.testing.assert_array_equal(head_map.table["cluster"], atlas.heads["cluster"])
    assert len(head_map.nearest("toy-induction:L1H0", 3)) == 3


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("kind", "published", r"kind is 'published'; a map of an atlas has only 'profile'"),
        ("point", "pattern", r"point is 'pattern'"),
        ("labels", {"x": ["toy-induction:L9H9"]}, "L9H9"),
        ("own", {"x": ["L9H9"]}, "holds 'L9H9'"),
    ],
)
def test_what_an_atlas_has_not_is_refused(head_map, name, value, match):
    points = head_map.points
    with pytest.raises(ValueError, match=match):
        setattr(head_map, name, value)
    assert head_map.points is points


def test_there_are_no_patterns_on_prompts_and_a_card_says_so(head_map, atlas):
    with pytest.raises(ValueError, match="keeps no patterns on single prompts; atlas"):
        head_map.pattern("toy-induction:L1H0")
    for given in (head_map, atlas):
        with pytest.raises(TypeError, match=r"HeadDossier\(atlas, head\)"):
            aw.HeadCard(given)
