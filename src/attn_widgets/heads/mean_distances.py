"""Points `[prompt, head, component]` -> how far heads are from each other, averaged over prompts, a block at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

# a block of distances stays in the cache while prompts are added up
_BLOCK = 512
# of so many heads the nearest are looked for at once
_ROWS = 128


def mean_distances(points: FloatArray) -> FloatArray:
    """Euclidean distances between heads on each prompt, averaged: `[prompt, head, component] -> [head, head]`.

    Computed and returned in the precision of the points; of memory it takes the matrix alone.
    """
    left, right = _augmented(points)
    n_heads = points.shape[1]
    matrix = np.empty((n_heads, n_heads), points.dtype)
    for start in range(0, n_heads, _BLOCK):
        rows = slice(start, start + _BLOCK)
        for other in range(start, n_heads, _BLOCK):
            columns = slice(other, other + _BLOCK)
            block = _averaged(left[:, rows], right[:, :, columns])
            matrix[rows, columns] = block
            matrix[columns, rows] = block.T
    np.fill_diagonal(matrix, 0)
    return matrix


def distances_from(points: FloatArray, rows: NDArray[np.intp]) -> FloatArray:
    """From some heads to all: `[prompt, head, component] -> [row, head]`, exact, 0 from each to itself."""
    found = np.zeros((len(rows), points.shape[1]))
    for on_prompt in points:
        on_prompt = on_prompt.astype(np.float64)
        for i, row in enumerate(rows):
            found[i] += np.sqrt(((on_prompt - on_prompt[row]) ** 2).sum(axis=1))
    return found / len(points)


def nearest_heads(points: FloatArray, k: int) -> tuple[NDArray[np.intp], FloatArray]:
    """The k nearest of every head, without the matrix of all distances.

    Parameters
    ----------
    points : numpy.ndarray
        `[prompt, head, component]`.
    k : int
        Less than the number of heads.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        `[head, k]`: which they are, the nearest first, and how far they are.
    """
    n_heads = points.shape[1]
    which, away = np.empty((n_heads, k), np.intp), np.empty((n_heads, k), points.dtype)
    for rows, block in _bands(points):
        block[np.arange(len(block)), np.arange(n_heads)[rows]] = np.inf
        found = np.argpartition(block, k - 1, axis=1)[:, :k] if k < n_heads - 1 else np.argsort(block, axis=1)[:, :k]
        own = np.take_along_axis(block, found, axis=1)
        # of those that are as far the first head comes first
        order = np.lexsort((found, own))
        which[rows], away[rows] = np.take_along_axis(found, order, 1), np.take_along_axis(own, order, 1)
    return which, away


def _bands(points: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    """Distances from some heads to all, band after band."""
    left, right = _augmented(points)
    n_heads = points.shape[1]
    for start in range(0, n_heads, _ROWS):
        rows = slice(start, start + _ROWS)
        band = np.empty((len(range(n_heads)[rows]), n_heads), points.dtype)
        for other in range(0, n_heads, _BLOCK):
            columns = slice(other, other + _BLOCK)
            band[:, columns] = _averaged(left[:, rows], right[:, :, columns])
        yield rows, band


def _averaged(left: FloatArray, right: FloatArray) -> FloatArray:
    total = np.zeros((left.shape[1], right.shape[2]), left.dtype)
    for one, other in zip(left, right, strict=True):
        squares = one @ other
        # what rounding leaves of 0
        np.maximum(squares, 0, out=squares)
        total += np.sqrt(squares, out=squares)
    total /= len(left)
    return total


def _augmented(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`[prompt, head, c + 2]` and `[prompt, c + 2, head]`, whose products are squares of distances."""
    # about the middle of each prompt, where squares are small and rounding takes least of their differences
    points = points - points.mean(axis=1, keepdims=True)
    squares = (points**2).sum(axis=2, keepdims=True)
    ones = np.ones_like(squares)
    left = np.concatenate([points, squares, ones], axis=2)
    right = np.concatenate([-2 * points, ones, squares], axis=2)
    return left, np.ascontiguousarray(right.transpose(0, 2, 1))
