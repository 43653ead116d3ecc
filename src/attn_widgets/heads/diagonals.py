"""Patterns -> patterns whose columns are offsets, so that what runs along a diagonal stands upright."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


def skew(patterns: FloatArray, buffer: FloatArray) -> FloatArray:
    """Rows shifted right until the diagonal is the last column of the left half.

    Parameters
    ----------
    patterns : numpy.ndarray
        `[head, n, n]`.
    buffer : numpy.ndarray
        `[head, 2 * n * n]`, zeros or what an earlier call left.

    Returns
    -------
    numpy.ndarray
        `[head, n, 2 * n]`, a view of the buffer: entry `[i, n - 1 - d]` is `[i, i - d]` of the patterns, 0 where there
        is none. The left half holds what is on or below the diagonal, the right half what is above.
    """
    heads, n, _ = patterns.shape
    # a row of 2n - 1 numbers read as one of 2n starts one cell later each time
    buffer[:, : n * (2 * n - 1)].reshape(heads, n, 2 * n - 1)[..., n - 1 :] = patterns
    return buffer.reshape(heads, n, 2 * n)
