"""`embed_heads`: how unlike every two heads are -> a point in 2 or 3 dimensions for each, to look at."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.distances import HeadDistances
from attn_widgets.heads.matrix import as_matrix

FloatArray = NDArray[np.floating[Any]]
Method = Literal["isomap", "mds", "pca", "tsne", "umap"]

METHODS: tuple[Method, ...] = ("isomap", "mds", "pca", "tsne", "umap")

_NEIGHBORS = 15
_PERPLEXITY = 30
# above this many points a whole decomposition costs more than finding the few directions that are needed
_WHOLE = 300


def embed_heads(
    distances: HeadDistances | FloatArray, method: Method = "isomap", *, dimensions: int = 2, seed: int = 0
) -> FloatArray:
    """Lay heads out so that those that look alike are close together.

    Only distances go in, so every method places the same heads by the same numbers; none keeps all distances, and
    what is close on the map is to be checked with `HeadDistances.nearest`.

    Parameters
    ----------
    distances : HeadDistances or numpy.ndarray
        Or a matrix of your own, `[head, head]`, symmetric and 0 on the diagonal.
    method : {"isomap", "mds", "pca", "tsne", "umap"}
        - `"isomap"`: distances along a graph of every head's 15 nearest (all others, where there are fewer), laid out
          by classical scaling (Tenenbaum et al. 2000, "A Global Geometric Framework for Nonlinear Dimensionality
          Reduction"). Parts of the graph that do not hang together are joined by the shortest edge between every two.
        - `"mds"`: metric multidimensional scaling, which keeps all distances as well as it can: SMACOF, started from
          `"pca"`.
        - `"pca"`: classical scaling of the distance matrix. For Euclidean distances this is the principal components
          of the points; distances averaged over several prompts are nearly so.
        - `"tsne"`: keeps neighbours and gives up large distances. Perplexity 30, or a third of the other heads where
          that is less; started from `"pca"`.
        - `"umap"`: the same aim, 15 neighbours, started from `"pca"`. Needs `pip install "attn_widgets[umap]"`.
    dimensions : {2, 3}
    seed : int
        Of what `"tsne"` and `"umap"` draw at random; the other methods draw nothing.

    Returns
    -------
    numpy.ndarray
        `[head, dimension]`, float64, in the order of `distances.heads`, the same each time. Axes have no meaning of
        their own; signs are fixed by making the largest coordinate positive for `"isomap"` and `"pca"`.

    Raises
    ------
    ValueError
        If the method or the number of dimensions is unknown, there are no more heads than dimensions, or the matrix
        is not one of distances.
    ImportError
        If `method` is `"umap"` and umap-learn is not installed.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> aw.embed_heads([[0, 3, 4], [3, 0, 5], [4, 5, 0]], method="pca").shape
    (3, 2)
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; expected one of {', '.join(map(repr, METHODS))}")
    if dimensions not in (2, 3):
        raise ValueError(f"dimensions is {dimensions!r}; expected 2 or 3")
    matrix = as_matrix(distances)
    if len(matrix) <= dimensions:
        raise ValueError(f"distances are of {len(matrix)} heads; expected more than dimensions, which is {dimensions}")
    if not matrix.any():
        # heads that all look the same are one point
        return np.zeros((len(matrix), dimensions))
    return _EMBED[method](matrix, dimensions, seed)


def embed_points(points: FloatArray, method: Method = "isomap", *, dimensions: int = 2, seed: int = 0) -> FloatArray:
    """Lay points out by their Euclidean distances, as `embed_heads` does: `[point, component] -> [point, dimension]`.

    For one point a head and prompt, from `HeadSpace.transform`.
    """
    from scipy.spatial.distance import pdist, squareform

    return embed_heads(squareform(pdist(points)), method, dimensions=dimensions, seed=seed)


def classical_scaling(matrix: FloatArray, dimensions: int) -> FloatArray:
    """Points whose scalar products are nearest to those that the distances imply: `[head, head] -> [head, dimension]`.

    A dimension that the distances do not have is 0 for every head.
    """
    squares = matrix.astype(np.float64) ** 2
    centred = squares - squares.mean(axis=0) - squares.mean(axis=1, keepdims=True) + squares.mean()
    values, directions = _largest_eigenvectors(-centred / 2, dimensions)
    # what rounding leaves of an eigenvalue of 0
    values = np.where(values > 1e-12 * max(values[0], 0), values, 0)
    points: FloatArray = directions * np.sqrt(values)
    largest = np.take_along_axis(points, np.abs(points).argmax(axis=0)[None], axis=0)
    return points * np.where(largest < 0, -1, 1)


def _largest_eigenvectors(matrix: FloatArray, number: int) -> tuple[FloatArray, FloatArray]:
    """The largest eigenvalues of a symmetric matrix, the first the largest, and their vectors as columns."""
    if len(matrix) > _WHOLE:
        from scipy.sparse.linalg import eigsh

        # a start of one's own, because the default one differs from call to call
        start = np.random.default_rng(0).normal(size=len(matrix))
        values, vectors = eigsh(matrix, k=number, which="LA", v0=start)
    else:
        values, vectors = np.linalg.eigh(matrix)
    order = np.argsort(-values, kind="stable")[:number]
    return values[order], vectors[:, order]


def geodesic(matrix: FloatArray, neighbors: int) -> FloatArray:
    """Lengths of the shortest ways along the graph that joins every head to its nearest, `[head, head]`."""
    from scipy.sparse.csgraph import connected_components, csgraph_from_dense, shortest_path

    heads = len(matrix)
    others = matrix + np.diag(np.full(heads, np.inf))
    nearest = np.argsort(others, axis=1, kind="stable")[:, : min(neighbors, heads - 1)]
    edges = np.full((heads, heads), np.inf)
    np.put_along_axis(edges, nearest, np.take_along_axis(matrix, nearest, axis=1), axis=1)
    parts, part = connected_components(np.isfinite(edges), directed=False)
    for one, other in combinations(range(parts), 2):
        between = np.where((part[:, None] == one) & (part == other), matrix, np.inf)
        i, j = np.unravel_index(between.argmin(), between.shape)
        edges[i, j] = matrix[i, j]
    # an edge of length 0, between heads that look the same, is an edge
    graph = csgraph_from_dense(edges, null_value=np.inf)
    lengths: FloatArray = shortest_path(graph, directed=False)
    return lengths


def _pca(matrix: FloatArray, dimensions: int, seed: int) -> FloatArray:
    return classical_scaling(matrix, dimensions)


def _isomap(matrix: FloatArray, dimensions: int, seed: int) -> FloatArray:
    return classical_scaling(geodesic(matrix, _NEIGHBORS), dimensions)


def _mds(matrix: FloatArray, dimensions: int, seed: int) -> FloatArray:
    from sklearn.manifold import smacof

    start = classical_scaling(matrix, dimensions)
    points, _ = smacof(matrix, n_components=dimensions, init=start, n_init=1, eps=1e-6, max_iter=300)
    return np.asarray(points, dtype=np.float64)


def _tsne(matrix: FloatArray, dimensions: int, seed: int) -> FloatArray:
    from sklearn.manifold import TSNE

    tsne = TSNE(
        dimensions,
        metric="precomputed",
        perplexity=min(_PERPLEXITY, (len(matrix) - 1) / 3),
        # Belkina et al. 2019, in the unit of scikit-learn. Its own rate is the same, but no less than 50, at which
        # fewer than some hundred points fly apart in 3 dimensions
        learning_rate=max(len(matrix) / 48, 1.0),
        init=_small(classical_scaling(matrix, dimensions)).astype(np.float32),
        random_state=seed,
    )
    return np.asarray(tsne.fit_transform(matrix), dtype=np.float64)


def _umap(matrix: FloatArray, dimensions: int, seed: int) -> FloatArray:
    try:
        from umap import UMAP
    except ImportError as error:
        raise ImportError(
            "method is 'umap', which needs umap-learn: pip install \"attn_widgets[umap]\". "
            "The other methods need nothing more"
        ) from error
    start = classical_scaling(matrix, dimensions)
    # UMAP stretches the start to the same size in every dimension, so there has to be something in each
    flat = np.ptp(start, axis=0) == 0
    start[:, flat] = np.random.default_rng(seed).normal(size=(len(matrix), int(flat.sum())))
    reducer = UMAP(
        n_neighbors=min(_NEIGHBORS, len(matrix) - 1),
        n_components=dimensions,
        metric="precomputed",
        init=start,
        random_state=seed,
        n_jobs=1,
    )
    with warnings.catch_warnings():
        # that what is precomputed cannot be inverted
        warnings.simplefilter("ignore", UserWarning)
        return np.asarray(reducer.fit_transform(matrix), dtype=np.float64)


def _small(points: FloatArray) -> FloatArray:
    """The start that t-SNE wants: so close together that every head feels every other."""
    spread = points[:, 0].std()
    return points / spread * 1e-4 if spread > 0 else points


_EMBED: dict[Method, Callable[[FloatArray, int, int], FloatArray]] = {
    "isomap": _isomap,
    "mds": _mds,
    "pca": _pca,
    "tsne": _tsne,
    "umap": _umap,
}
