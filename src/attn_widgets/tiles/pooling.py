"""Cells -> the largest of each block; of signed ones the one farthest from 0."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


def pool(cells: FloatArray, block: int, first: int = 0, *, signed: bool = False) -> FloatArray:
    """Pool cells whose first row begins a block.

    Parameters
    ----------
    cells : numpy.ndarray
        `[query, key]`; -inf where there is no value.
    block : int
        Rows and columns of a block.
    first : int
        The key of the first column, which need not begin a block.
    signed : bool
        Whether values lie on both sides of 0: the one farthest from it is taken, of two as far the positive one.

    Returns
    -------
    numpy.ndarray
        `[ceil(query / block), blocks that the columns touch]`.
    """
    if block == 1 or 0 in cells.shape:
        return cells[:: max(block, 1)]
    if signed:
        most = pool(cells, block, first)
        least: FloatArray = -pool(-cells, block, first)
        farthest: FloatArray = np.where(most >= -least, most, least)
        return farthest
    rows = np.maximum.reduceat(cells, np.arange(0, len(cells), block), axis=0)
    return _columns(rows, block, first)


def _columns(rows: FloatArray, block: int, first: int) -> FloatArray:
    begun = -first % block
    whole = (rows.shape[1] - begun) // block
    parts = []
    if begun:
        parts.append(rows[:, :begun].max(axis=1, keepdims=True))
    if whole > 0:
        middle = rows[:, begun : begun + whole * block]
        parts.append(middle.reshape(len(rows), whole, block).max(axis=2))
    if begun + max(whole, 0) * block < rows.shape[1]:
        parts.append(rows[:, begun + max(whole, 0) * block :].max(axis=1, keepdims=True))
    pooled: FloatArray = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return pooled
