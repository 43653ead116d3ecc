"""`embed_heads`: how unlike every two heads are -> a point in 2 or 3 dimensions for each, to look at."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.distances import HeadDistances
from attn_widgets.heads.matrix import as_matrix

FloatArray = NDArray[np.floating[Any]]
Method = Literal["isomap", "mds", "pca", "tsne", "umap"]

METHODS: tuple[Method, ...] = ("isomap", "mds", "pca", "tsne", "umap")

_PERPLEXITY = 30
# above this many points a whole decomposition costs more than finding the few directions that are needed
_WHOLE = 300


def embed_heads(
    distances: HeadDistances | FloatArray,
    method: Method = "isomap",
    *,
    n_components: int = 2,
    n_neighbors: int = 15,
    random_state: int = 0,
) -> FloatArray:
    """Lay heads out so that those that look alike are close together.

    Only distances go in, so every method places the same heads by the same numbers; none keeps all distances, and
    what is close on the map is to be checked with `HeadDistances.nearest`.

    Parameters
    ----------
    distances : HeadDistances or numpy.ndarray
        Or a matrix of your own, `[head, head]`, symmetric and 0 on the diagonal.
    method : {"isomap", "mds", "pca", "tsne", "umap"}
        - `"isomap"`: distances along a graph of every head's `n_neighbors` nearest (all others, where there are fewer),
          laid out by classical scaling (Tenenbaum et al. 2000, "A Global Geometric Framework for Nonlinear
          Dimensionality Reduction"), by scikit-learn. Parts of the graph that do not hang together are joined by the
          shortest edge between every two.
        - `"mds"`: metric multidimensional scaling, which keeps all distances as well as it can: SMACOF, started from
          `"pca"`.
        - `"pca"`: classical scaling of the distance matrix. For Euclidean distances this is the principal components
          of the points; distances averaged over several prompts are nearly so.
        - `"tsne"`: keeps neighbours and gives up large distances. Perplexity 30, or a third of the other heads where
          that is less; started from `"pca"`.
        - `"umap"`: the same aim, `n_neighbors` neighbours, started from `"pca"`. Needs
          `pip install "attn_widgets[umap]"`.
    n_components : {2, 3}
        Dimensions of the map.
    n_neighbors : int
        Of `"isomap"` and `"umap"`: how many of its nearest each head is tied to.
    random_state : int
        Of what `"tsne"` and `"umap"` draw at random; the other methods draw nothing.

    Returns
    -------
    numpy.ndarray
        `[head, component]`, float64, in the order of `distances.heads`, the same each time. Axes have no meaning of
        their own; signs are fixed by making the largest coordinate positive for `"isomap"` and `"pca"`.

    Raises
    ------
    ValueError
        If the method or `n_components` is unknown, there are no more heads than that, `n_neighbors` is not positive, or
        the matrix is not one of distances.
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
    if n_components not in (2, 3):
        raise ValueError(f"n_components is {n_components!r}; expected 2 or 3")
    if n_neighbors < 1:
        raise ValueError(f"n_neighbors is {n_neighbors}; expected at least 1")
    matrix = as_matrix(distances)
    if len(matrix) <= n_components:
        raise ValueError(
            f"distances are of {len(matrix)} heads; expected more than n_components, which is {n_components}"
        )
    if not matrix.any():
        # heads that all look the same are one point
        return np.zeros((len(matrix), n_components))
    return _EMBED[method](matrix, _Settings(n_components, min(n_neighbors, len(matrix) - 1), random_state))


def embed_points(points: FloatArray, method: Method = "isomap", *, n_components: int = 2) -> FloatArray:
    """Lay points out by their Euclidean distances, as `embed_heads` does: `[point, component] -> [point, component]`.

    For one point a head and prompt, from `HeadSpace.transform`.
    """
    from scipy.spatial.distance import pdist, squareform

    return embed_heads(squareform(pdist(points)), method, n_components=n_components)


class _Settings(NamedTuple):
    n_components: int
    n_neighbors: int
    random_state: int


def classical_scaling(matrix: FloatArray, n_components: int) -> FloatArray:
    """Points whose scalar products are nearest to those that distances imply: `[head, head] -> [head, component]`.

    A component that the distances do not have is 0 for every head.
    """
    squares = matrix.astype(np.float64) ** 2
    centred = squares - squares.mean(axis=0) - squares.mean(axis=1, keepdims=True) + squares.mean()
    values, directions = _largest_eigenvectors(-centred / 2, n_components)
    # what rounding leaves of an eigenvalue of 0
    values = np.where(values > 1e-12 * max(values[0], 0), values, 0)
    points: FloatArray = directions * np.sqrt(values)
    # eigenvectors have no sign of their own: the largest coordinate along each axis is positive
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


def _pca(matrix: FloatArray, settings: _Settings) -> FloatArray:
    return classical_scaling(matrix, settings.n_components)


def _isomap(matrix: FloatArray, settings: _Settings) -> FloatArray:
    from sklearn.manifold import Isomap

    isomap = Isomap(n_neighbors=settings.n_neighbors, n_components=1, metric="precomputed")
    with warnings.catch_warnings():
        # that parts which do not hang together are joined, as the docstring says
        warnings.simplefilter("ignore")
        lengths = isomap.fit(matrix).dist_matrix_
    # its own last step starts at random where there are many heads, and is not the same each time
    return classical_scaling(lengths, settings.n_components)


def _mds(matrix: FloatArray, settings: _Settings) -> FloatArray:
    from sklearn.manifold import smacof

    start = classical_scaling(matrix, settings.n_components)
    points, _ = smacof(matrix, n_components=settings.n_components, init=start, n_init=1, eps=1e-6, max_iter=300)
    return np.asarray(points, dtype=np.float64)


def _tsne(matrix: FloatArray, settings: _Settings) -> FloatArray:
    from sklearn.manifold import TSNE

    tsne = TSNE(
        settings.n_components,
        metric="precomputed",
        perplexity=min(_PERPLEXITY, (len(matrix) - 1) / 3),
        # Belkina et al. 2019, in the unit of scikit-learn. Its own rate is the same, but no less than 50, at which
        # fewer than some hundred points fly apart in 3 dimensions
        learning_rate=max(len(matrix) / 48, 1.0),
        init=_small(classical_scaling(matrix, settings.n_components)).astype(np.float32),
        random_state=settings.random_state,
    )
    return np.asarray(tsne.fit_transform(matrix), dtype=np.float64)


def _umap(matrix: FloatArray, settings: _Settings) -> FloatArray:
    try:
        from umap import UMAP
    except ImportError as error:
        raise ImportError(
            "method is 'umap', which needs umap-learn: pip install \"attn_widgets[umap]\". "
            "The other methods need nothing more"
        ) from error
    start = classical_scaling(matrix, settings.n_components)
    # UMAP stretches the start to the same size in every dimension, so there has to be something in each
    flat = np.ptp(start, axis=0) == 0
    draw = np.random.default_rng(settings.random_state)
    start[:, flat] = draw.normal(size=(len(matrix), int(flat.sum())))
    reducer = UMAP(
        n_neighbors=settings.n_neighbors,
        n_components=settings.n_components,
        metric="precomputed",
        init=start,
        random_state=settings.random_state,
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


_EMBED: dict[Method, Callable[[FloatArray, _Settings], FloatArray]] = {
    "isomap": _isomap,
    "mds": _mds,
    "pca": _pca,
    "tsne": _tsne,
    "umap": _umap,
}
