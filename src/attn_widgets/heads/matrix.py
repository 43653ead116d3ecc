"""What callers give as distances -> a matrix `[head, head]` of them, checked, and the names of its heads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.distances import HeadDistances

FloatArray = NDArray[np.floating[Any]]


def as_matrix(distances: Any) -> FloatArray:
    """The matrix of HeadDistances, or one given as it is, `[head, head]`, float64.

    Raises
    ------
    ValueError
        If it is not square, not symmetric, not 0 on the diagonal, or not finite and positive.
    TypeError
        If it is no matrix.
    """
    if isinstance(distances, HeadDistances):
        return np.asarray(distances.matrix, dtype=np.float64)
    try:
        matrix = np.array(distances, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.zeros(())
    if matrix.ndim == 0:
        raise TypeError(
            f"distances is a {type(distances).__name__}; expected what head_distances returns, or a matrix [head, head]"
        )
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"distances has shape {matrix.shape}; expected [head, head], as many rows as columns")
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise ValueError("distances has values that are negative or not finite; expected distances")
    largest = matrix.max(initial=0)
    if np.abs(matrix - matrix.T).max(initial=0) > 1e-6 * largest:
        raise ValueError("distances is not symmetric; expected the distance from one head to another to be that back")
    if np.diag(matrix).max(initial=0) > 1e-6 * largest:
        raise ValueError(
            "distances is not 0 on the diagonal. For similarities, pass what is large where they are small"
        )
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 0)
    return matrix


def head_names(distances: Any, matrix: FloatArray) -> tuple[str, ...]:
    """The names of the heads; of a plain matrix, the numbers of its rows."""
    if isinstance(distances, HeadDistances):
        return distances.heads
    return tuple(str(row) for row in range(len(matrix)))
