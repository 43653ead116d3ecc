"""Patterns -> patterns: without the first token, and pooled to a small picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

# with less of its mass elsewhere than on the first key, a row says nothing of where the head looks besides
LEAST_MASS = 1e-3


def first_excluded(patterns: FloatArray) -> FloatArray:
    """Patterns with key 0, which is usually an attention sink, taken out and the rest renormalised.

    Parameters
    ----------
    patterns : numpy.ndarray
        `[..., query, key]`.

    Returns
    -------
    numpy.ndarray
        The same shape, float32; column 0 is 0. Rows with less than 1e-3 of their mass elsewhere say
        nothing about where the head looks besides the sink; they are NaN.
    """
    rest: FloatArray = patterns.astype(np.float32)
    rest[..., 0] = 0
    mass = rest.sum(-1, keepdims=True)
    # by NaN, not where=: a masked division takes several times as long
    np.divide(rest, np.where(mass >= LEAST_MASS, mass, np.float32(np.nan)), out=rest)
    return rest


def max_pool(patterns: FloatArray, side: int) -> FloatArray:
    """Shrink patterns to at most `side` by `side`, keeping maxima so that a one-cell stripe stays visible.

    Parameters
    ----------
    patterns : numpy.ndarray
        `[..., query, key]`.
    side : int
        The most rows and columns of the result, at least 1.

    Returns
    -------
    numpy.ndarray
        `[..., min(query, side), min(key, side)]`.
    """
    for axis in (-1, -2):
        n = patterns.shape[axis]
        if n > side:
            patterns = np.maximum.reduceat(patterns, np.arange(side) * n // side, axis=axis)
    return patterns


def largest_of_blocks(cells: FloatArray, block: int) -> FloatArray:
    """The largest cell of each block of cells; NaN, no value, where a block has no other.

    Parameters
    ----------
    cells : numpy.ndarray
        `[..., query, key]`.
    block : int
        Cells of a side of a block; those at the end may be smaller.

    Returns
    -------
    numpy.ndarray
        `[..., ceil(query / block), ceil(key / block)]`.
    """
    if block == 1:
        return cells
    for axis in (-1, -2):
        cells = np.fmax.reduceat(cells, np.arange(0, cells.shape[axis], block), axis=axis)
    return cells
