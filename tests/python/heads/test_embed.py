"""Embeddings: what each method keeps of the distances, against other computations of the same thing."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from made_up_distances import blobs, distances_of, euclidean
from sklearn.decomposition import PCA
from sklearn.manifold import MDS, Isomap

import attn_widgets as aw
from attn_widgets.heads.embed import METHODS, embed_points

# umap is an extra, with a test of its own
INSTALLED = [method for method in METHODS if method != "umap"]


def same_shape(points, others, tolerance=1e-6):
    """Whether two sets of points are the same but for rotation, reflection and place."""
    np.testing.assert_allclose(euclidean(points), euclidean(others), atol=tolerance * euclidean(others).max())


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_of_points_in_so_few_dimensions_reproduces_their_distances(dimensions):
    points = np.random.default_rng(0).normal(size=(40, dimensions))
    placed = aw.embed_heads(euclidean(points), "pca", n_components=dimensions)
    np.testing.assert_allclose(euclidean(placed), euclidean(points), atol=1e-9)


@pytest.mark.parametrize("number", [40, 400])
def test_pca_of_distances_is_pca_of_the_points(number):
    points = np.random.default_rng(1).normal(size=(number, 6)) * [5, 4, 3, 1, 1, 1]
    placed = embed_points(points, "pca", n_components=3)
    expected = PCA(3).fit_transform(points)
    np.testing.assert_allclose(np.abs(placed), np.abs(expected), atol=1e-6)
    largest = np.abs(placed).argmax(axis=0)
    assert (placed[largest, [0, 1, 2]] > 0).all()


def test_a_dimension_that_distances_do_not_have_is_zero():
    on_a_line = np.arange(6.0)[:, None]
    placed = aw.embed_heads(euclidean(on_a_line), "pca", n_components=3)
    np.testing.assert_allclose(np.abs(np.diff(placed[:, 0])), 1)
    np.testing.assert_array_equal(placed[:, 1:], 0)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_isomap_is_that_of_scikit_learn(dimensions):
    # a rolled-up sheet, which distances along the graph unroll
    draw = np.random.default_rng(2)
    turn = 1.5 * np.pi * (1 + 2 * draw.random(200))
    roll = np.stack([turn * np.cos(turn), 20 * draw.random(200), turn * np.sin(turn)], axis=1)
    matrix = euclidean(roll)
    theirs = Isomap(n_neighbors=15, n_components=dimensions, metric="precomputed", eigen_solver="dense").fit(matrix)
    same_shape(aw.embed_heads(matrix, n_components=dimensions), theirs.embedding_)


def test_parts_of_the_graph_that_do_not_hang_together_are_joined_as_in_scikit_learn_without_warnings():
    points, _ = blobs((30, 25, 20))
    matrix = euclidean(points)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Isomap(n_neighbors=15, metric="precomputed", eigen_solver="dense").fit(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        placed = aw.embed_heads(matrix)
    same_shape(placed, theirs.embedding_)


def test_isomap_of_no_more_heads_than_neighbours_is_classical_scaling():
    matrix = euclidean(np.random.default_rng(3).normal(size=(16, 5)))
    np.testing.assert_allclose(aw.embed_heads(matrix), aw.embed_heads(matrix, "pca"), atol=1e-9)
    assert not np.allclose(aw.embed_heads(matrix, n_neighbors=3), aw.embed_heads(matrix, "pca"))


def test_heads_that_look_the_same_are_neighbours_of_each_other():
    points = np.random.default_rng(4).normal(size=(30, 3))
    points[7] = points[21]
    placed = aw.embed_heads(euclidean(points))
    np.testing.assert_allclose(placed[7], placed[21], atol=1e-9)


def test_mds_keeps_distances_better_than_pca_and_as_well_as_that_of_scikit_learn():
    matrix = euclidean(np.random.default_rng(5).normal(size=(50, 6)))

    def stress(points):
        return ((euclidean(points) - matrix) ** 2).sum() / 2

    ours = stress(aw.embed_heads(matrix, "mds"))
    assert ours < 0.8 * stress(aw.embed_heads(matrix, "pca"))
    with warnings.catch_warnings():
        # names of arguments differ between versions
        warnings.simplefilter("ignore")
        theirs = MDS(dissimilarity="precomputed", n_init=4, max_iter=300, eps=1e-6, random_state=0).fit(matrix)
    assert ours < 1.05 * stress(theirs.embedding_)


@pytest.mark.parametrize("method", INSTALLED)
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("sizes", [(12, 8, 5), (60, 50, 34)])
def test_groups_stay_apart_in_every_embedding(method, dimensions, sizes):
    points, group = blobs(sizes)
    number = sum(sizes)
    placed = aw.embed_heads(distances_of(points), method, n_components=dimensions)
    assert placed.shape == (number, dimensions)
    assert placed.dtype == np.float64
    between = euclidean(placed) + np.diag(np.full(number, np.inf))
    assert (group[between.argmin(axis=1)] == group).all(), "the nearest head on the map is of the same group"
    means = np.stack([placed[group == g].mean(axis=0) for g in range(3)])
    spread = max(np.linalg.norm(placed[group == g] - means[g], axis=1).mean() for g in range(3))
    assert euclidean(means)[np.triu_indices(3, 1)].min() > 1.5 * spread


@pytest.mark.parametrize("method", INSTALLED)
@pytest.mark.parametrize("number", [4, 8, 25])
def test_an_embedding_is_the_same_each_time_and_needs_no_warning(method, number):
    matrix = euclidean(np.random.default_rng(6).normal(size=(number, 5)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        once, again = (aw.embed_heads(matrix, method, n_components=3) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert np.isfinite(once).all()


def test_many_heads_are_placed_the_same_each_time_too():
    matrix = euclidean(np.random.default_rng(6).normal(size=(400, 5)))
    once = aw.embed_heads(matrix)
    np.testing.assert_array_equal(once, aw.embed_heads(matrix))


@pytest.mark.parametrize("method", INSTALLED)
def test_heads_that_are_all_alike_are_one_point(method):
    np.testing.assert_array_equal(aw.embed_heads(np.zeros((6, 6)), method), np.zeros((6, 2)))


def test_a_matrix_is_not_changed():
    matrix = euclidean(np.random.default_rng(7).normal(size=(20, 4)))
    before = matrix.copy()
    for method in ("isomap", "mds", "pca", "tsne"):
        aw.embed_heads(matrix, method)
    np.testing.assert_array_equal(matrix, before)


def test_umap():
    points, group = blobs((25, 20, 15))
    placed = aw.embed_heads(euclidean(points), "umap", n_components=3)
    assert placed.shape == (60, 3)
    assert placed.dtype == np.float64
    between = euclidean(placed) + np.diag(np.full(60, np.inf))
    assert (group[between.argmin(axis=1)] == group).all()
    np.testing.assert_array_equal(placed, aw.embed_heads(euclidean(points), "umap", n_components=3))
    # all in a plane, and fewer than there are neighbours
    flat = np.random.default_rng(8).normal(size=(8, 2))
    assert np.isfinite(embed_points(flat, "umap", n_components=3)).all()


def test_without_umap_an_error_says_what_to_install():
    code = (
        "import sys; sys.modules['umap'] = None; import numpy as np, attn_widgets as aw\n"
        "try: aw.embed_heads(1 - np.eye(5), 'umap')\n"
        "except ImportError as error: assert 'pip install \"attn_widgets[umap]\"' in str(error), error\n"
        "else: raise AssertionError\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_wrong_arguments_are_explained():
    matrix = 1 - np.eye(6)
    with pytest.raises(ValueError, match="method is 'PCA'; expected one of 'isomap', 'mds', 'pca', 'tsne', 'umap'"):
        aw.embed_heads(matrix, "PCA")
    with pytest.raises(ValueError, match="n_components is 4; expected 2 or 3"):
        aw.embed_heads(matrix, n_components=4)
    with pytest.raises(ValueError, match="distances are of 2 heads; expected more than n_components, which is 2"):
        aw.embed_heads(matrix[:2, :2])
    with pytest.raises(ValueError, match=r"distances has shape \(5, 6\); expected \[head, head\]"):
        aw.embed_heads(matrix[:5])
    with pytest.raises(ValueError, match="not symmetric"):
        aw.embed_heads(matrix * np.arange(1, 7))
    with pytest.raises(ValueError, match="not 0 on the diagonal"):
        aw.embed_heads(np.eye(6))
    with pytest.raises(ValueError, match="negative or not finite"):
        aw.embed_heads(-matrix)
    with pytest.raises(ValueError, match="negative or not finite"):
        aw.embed_heads(np.where(matrix > 0, np.nan, 0))
    with pytest.raises(TypeError, match="distances is a str; expected what head_distances returns"):
        aw.embed_heads("distances")
