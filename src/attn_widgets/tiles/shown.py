"""How values are shown, as they are, by the row's maximum or without the first key -> a factor a row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.patterns import LEAST_MASS

FloatArray = NDArray[np.floating[Any]]

SHOWN_AS = ("linear", "row_max", "exclude_first")


def factors(cells: FloatArray, first: int, shown_as: str) -> FloatArray | None:
    """What the rows are multiplied by; None for nothing.

    Parameters
    ----------
    cells : numpy.ndarray
        `[query, key]`: everything that these queries see.
    first : int
        The key of the first column.
    shown_as : {"linear", "row_max", "exclude_first"}

    Returns
    -------
    numpy.ndarray or None
        `[query]`, float32: 1 over the row's maximum, or over what it has beside key 0. NaN where that is nothing, or
        too little to say where the head looks beside the first key.
    """
    if shown_as == "linear":
        return None
    if shown_as == "row_max":
        whole, least = cells.max(axis=1, initial=0), 1e-38
    else:
        whole, least = cells[:, int(first == 0) :].sum(axis=1, dtype=np.float32), LEAST_MASS
    found: FloatArray = np.full(len(cells), np.nan, dtype=np.float32)
    np.divide(1, whole, out=found, where=whole >= least)
    return found


def show(cells: FloatArray, first: int, rows: FloatArray | None, shown_as: str) -> FloatArray:
    """Cells as they are shown; undefined rows, and key 0 where it is left out, are 0.

    Parameters
    ----------
    cells : numpy.ndarray
        `[query, key]`.
    first : int
        The key of the first column.
    rows : numpy.ndarray or None
        Their factors.
    shown_as : {"linear", "row_max", "exclude_first"}
    """
    if rows is None:
        return cells
    shown: FloatArray = cells.astype(np.float32) * np.nan_to_num(rows)[:, None]
    if shown_as == "exclude_first" and first == 0:
        shown[:, :1] = 0
    return shown
