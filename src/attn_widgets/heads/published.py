"""Patterns -> the 94 published features of each, or all 179 that the authors' project has now.

Source: "Motifs in Attention Patterns of Large Language Models" and the project behind it. Vectors and matrices are
taken from each pattern and summed up by the same few statistics; a matrix by those of a histogram of its entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.diagonals import skew
from attn_widgets.heads.statistics import OF_HISTOGRAMS, STATISTICS, statistics

FloatArray = NDArray[np.floating[Any]]

_VECTORS = ("diag", "first_tok")
_LATER_VECTORS = ("last_tok", "prev_tok", "row_entropy", "attn_distance", "row_max", "col_sum")
_MATRICES = ("gram.row", "gram.col", "gram.skew", "log.gram.row", "log.gram.col", "log.gram.skew")

PUBLISHED = (
    *(f"{vector}.{name}" for vector in _VECTORS for name in STATISTICS),
    *(f"{matrix}.hist.{name}" for matrix in _MATRICES for name in OF_HISTOGRAMS),
)
EXTENDED = (*PUBLISHED, *(f"{vector}.{name}" for vector in _LATER_VECTORS for name in STATISTICS), "band_energy")

_FLOOR = 1e-9  # added to the weights before the logarithm
_BINS = 32
# cells at a time: what is worked on stays in the processor's cache
_CELLS = 40_000


def published(patterns: FloatArray) -> FloatArray:
    """The features of the paper.

    Parameters
    ----------
    patterns : numpy.ndarray
        `[layer, head, query, key]`, as many queries as keys.

    Returns
    -------
    numpy.ndarray
        `[layer, head, feature]`, float64, in the order of `PUBLISHED`. NaN where a statistic has no value, such as
        the skewness of a constant vector.
    """
    return np.concatenate(_published(patterns), axis=-1)


def extended(patterns: FloatArray) -> FloatArray:
    """The features of the paper and those that its authors' project has added since.

    Parameters
    ----------
    patterns : numpy.ndarray
        `[layer, head, query, key]`, as many queries as keys.

    Returns
    -------
    numpy.ndarray
        `[layer, head, feature]`, float64, in the order of `EXTENDED`.
    """
    return np.concatenate([*_published(patterns), *_added_since(patterns)], axis=-1)


def _published(patterns: FloatArray) -> list[FloatArray]:
    vectors = np.stack([np.diagonal(patterns, axis1=-2, axis2=-1), patterns[..., 0]], axis=-2)
    n_heads, n = patterns.shape[1:3]
    room = _Room.make(min(n_heads, max(1, _CELLS // n**2)), n)
    histograms = np.stack([_layer_histograms(layer, room) for layer in patterns])
    few = [STATISTICS.index(name) for name in OF_HISTOGRAMS]
    return [_flat(statistics(vectors)), _flat(statistics(histograms)[..., few])]


def _added_since(patterns: FloatArray) -> list[FloatArray]:
    n = patterns.shape[-1]
    positions = np.arange(n)
    back = np.abs(positions[:, None] - positions).astype(np.float64)
    near = back <= max(1, n // 4)
    vectors = np.empty((*patterns.shape[:2], 5, n))
    band = np.empty((*patterns.shape[:2], 1))
    for index, heads in enumerate(patterns):
        layer = heads.astype(np.float64)
        vectors[index, :, 0] = layer[..., -1]
        vectors[index, :, 1] = -np.einsum("hqk,hqk->hq", layer, np.log(layer + _FLOOR))
        vectors[index, :, 2] = np.einsum("hqk,qk->hq", layer, back)
        vectors[index, :, 3] = layer.max(axis=-1)
        vectors[index, :, 4] = layer.sum(axis=-2)
        band[index, :, 0] = np.einsum("hqk,qk->h", layer, near) / layer.sum(axis=(-2, -1))
    previous = statistics(np.diagonal(patterns, offset=-1, axis1=-2, axis2=-1))
    others = statistics(vectors)
    return [_flat(others[..., :1, :]), previous, _flat(others[..., 1:, :]), band]


def _flat(statistics_of_each: FloatArray) -> FloatArray:
    """`[layer, head, vector, statistic] -> [layer, head, feature]`."""
    return statistics_of_each.reshape(*statistics_of_each.shape[:2], -1)


def _layer_histograms(patterns: FloatArray, room: _Room) -> FloatArray:
    """`[head, query, key] -> [head, matrix, bin]`, densities over [0, 1]."""
    step = len(room.pattern)
    parts = [_histograms(patterns[start : start + step], room) for start in range(0, len(patterns), step)]
    return np.concatenate(parts)


@dataclass
class _Room:
    """Arrays that every few heads use again: to ask for fresh memory costs more than the arithmetic in it."""

    pattern: FloatArray
    logs: FloatArray
    products: FloatArray
    scale: FloatArray
    index: NDArray[np.int64]
    skewed: FloatArray

    @classmethod
    def make(cls, heads: int, n: int) -> _Room:
        pattern, logs, products, scale = (np.empty((heads, n, n)) for _ in range(4))
        index = np.empty((heads, n, n), dtype=np.int64)
        return cls(pattern, logs, products, scale, index, skewed=np.zeros((heads, 2 * n * n)))

    def of(self, heads: int) -> _Room:
        """The same arrays, for fewer heads."""
        return _Room(**{name: array[:heads] for name, array in vars(self).items()})


def _histograms(patterns: FloatArray, room: _Room) -> FloatArray:
    room = room.of(len(patterns))
    pattern, logs = room.pattern, room.logs
    np.copyto(pattern, patterns)
    histograms = [
        _density(_gram(pattern, room), room),
        _density(_gram(_turned(pattern), room), room),
        _density(_gram(_turned(_skewed(pattern, room)), room), room),
    ]
    np.log(np.add(pattern, _FLOOR, out=logs), out=logs)
    for rows in (logs, _turned(logs), _skewed(logs, room)):
        histograms.append(_density(_cosines(rows, room), room))
    return np.stack(histograms, axis=1)


def _turned(matrices: FloatArray) -> FloatArray:
    return matrices.swapaxes(-2, -1)


def _skewed(matrices: FloatArray, room: _Room) -> FloatArray:
    """Rows shifted right until the diagonal is the last column; what is above it is dropped."""
    return skew(matrices, room.skewed)[..., : matrices.shape[-1]]


def _gram(rows: FloatArray, room: _Room) -> FloatArray:
    """32 times the products of the rows, which makes whole numbers of the edges of the histogram."""
    products = np.matmul(rows, _turned(rows), out=room.products)
    products *= _BINS
    return products


def _cosines(rows: FloatArray, room: _Room) -> FloatArray:
    """32 times the cosines of the rows, in place: scaling by a power of two is exact."""
    norms = np.sqrt(np.einsum("hij,hij->hi", rows, rows))
    scale = np.multiply(norms[:, :, None], norms[:, None, :] / _BINS, out=room.scale)
    scale += 1e-10 / _BINS
    products = np.matmul(rows, _turned(rows), out=room.products)
    products /= scale
    # a row's cosine with itself is a hair below 1; rounding may put it above, and out of the histogram
    return np.minimum(products, _BINS, out=products)


def _density(scaled: FloatArray, room: _Room) -> FloatArray:
    """`[head, n, n] -> [head, bin]` of 32 times the entries; those outside [0, 1] are not counted; 0 if none are."""
    np.clip(scaled, -1, _BINS + 1, out=scaled)
    index = np.floor(scaled, out=room.index, casting="unsafe")
    index += 1
    density: FloatArray = np.zeros((len(scaled), _BINS))
    for head, cells in enumerate(index):
        # first what lies below 0, last what lies above 1, and before that the upper edge with a little of what is above
        number = np.bincount(cells.reshape(-1), minlength=_BINS + 3)
        density[head] = number[1 : _BINS + 1]
        if number[_BINS + 1]:
            density[head, -1] += np.count_nonzero(scaled[head] == _BINS)
    # rounded once, as numpy rounds it: many densities lie on the edges of the bins of their own histogram
    total = np.maximum(density.sum(axis=1, keepdims=True), 1)
    density *= _BINS
    density /= total
    return density
