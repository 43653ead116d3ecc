"""A row or a column of a matrix -> all of its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.tiles.coding import Coding
from attn_widgets.tiles.matrix import Matrix

FloatArray = NDArray[np.floating[Any]]
Axis = Literal["query", "key"]


@dataclass(frozen=True, eq=False)
class Line:
    """One row or column.

    Attributes
    ----------
    codes : numpy.ndarray
        uint16 `[key]` of a row, `[query]` of a column: values as they are, whatever they are shown as.
    coding : Coding
        Of this line alone, so that small values are told apart.
    rows : numpy.ndarray or None
        float32, what its values are multiplied by to be shown: `[1]` of a row, `[query]` of a column; None for 1.
    """

    codes: NDArray[np.uint16]
    coding: Coding
    rows: FloatArray | None


def line(matrix: Matrix, factors: FloatArray | None, axis: Axis, index: int) -> Line:
    """A row (axis "query") or a column (axis "key").

    Parameters
    ----------
    matrix : Matrix
    factors : numpy.ndarray or None
        `Overview.rows` of this matrix, shown as it is.
    axis : {"query", "key"}
    index : int

    Raises
    ------
    ValueError
        If there is no such line.
    """
    if axis not in ("query", "key"):
        raise ValueError(f'axis is {axis!r}; expected "query" or "key"')
    n_queries, n_keys = matrix.shape
    n = n_queries if axis == "query" else n_keys
    if not isinstance(index, int) or not 0 <= index < n:
        raise ValueError(f"index is {index!r}; this matrix has {axis} 0 to {n - 1}")
    if axis == "query":
        cells = matrix.block(slice(index, index + 1), slice(0, n_keys))[0]
        cells = np.where(np.arange(n_keys) > index, -np.inf if matrix.masked else 0, cells) if matrix.causal else cells
    else:
        cells = matrix.block(slice(0, n_queries), slice(index, index + 1))[:, 0]
    coding = Coding.of(cells, masked=matrix.masked, signed=matrix.signed)
    rows = factors if factors is None or axis == "key" else factors[index : index + 1]
    return Line(coding.codes(cells), coding, rows)
