"""A matrix of any length -> a thumbnail of it; and those of all heads of a trace, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.threads import CORES, threads
from attn_widgets.tiles.matrix import Matrix, matrix_of
from attn_widgets.tiles.shown import factors, show
from attn_widgets.trace import Trace

FloatArray = NDArray[np.floating[Any]]
Head = tuple[int, int]

_STRIP_CELLS = 500_000


def thumb(matrix: Matrix, side: int, shown_as: str = "linear") -> FloatArray:
    """One thumbnail, as `max_pool` makes it of the whole matrix.

    Parameters
    ----------
    matrix : Matrix
        Of attention.
    side : int
        The most rows and columns.
    shown_as : {"linear", "row_max", "exclude_first"}
        What is done to the rows before they are pooled.

    Returns
    -------
    numpy.ndarray
        float32 `[min(query, side), min(key, side)]`.
    """
    n_queries, n_keys = matrix.shape
    rows, columns = (np.arange(min(n, side)) * n // min(n, side) for n in matrix.shape)
    ends = np.append(rows[1:], n_queries)
    out: FloatArray = np.zeros((len(rows), len(columns)), dtype=np.float32)
    most = max(1, _STRIP_CELLS // n_keys)
    at = 0
    while at < len(rows):
        # as many rows of the thumbnail as there is room for, at least one
        stop = max(at + 1, int(np.searchsorted(ends, rows[at] + most, side="right")))
        first, cells = matrix.rows(slice(int(rows[at]), int(ends[stop - 1])))
        cells = show(cells, first, factors(cells, first, shown_as), shown_as)
        wide = np.zeros((stop - at, n_keys), dtype=np.float32)
        wide[:, first : first + cells.shape[1]] = np.maximum.reduceat(cells, rows[at:stop] - rows[at], axis=0)
        out[at:stop] = np.maximum.reduceat(wide, columns, axis=1)
        at = stop
    return out


def thumbs_in_steps(
    trace: Trace, side: int, shown_as: str, near: Callable[[], int]
) -> Generator[list[tuple[Head, FloatArray]], None, None]:
    """Thumbnails of all heads, in several threads, with a pause after every few.

    Parameters
    ----------
    trace : Trace
    side : int
    shown_as : {"linear", "row_max", "exclude_first"}
    near : callable
        Gives the layer next to which comes first; asked before every few.

    Yields
    ------
    list of ((int, int), numpy.ndarray)
        Heads, and their thumbnails.
    """
    left = [(layer, head) for layer in range(trace.n_layers) for head in range(trace.n_heads)]
    with threads("thumbs") as pool:
        while left:
            layer = near()
            left.sort(key=lambda head: (abs(head[0] - layer), head))
            heads, left = left[:CORES], left[CORES:]
            made = pool.map(lambda head: thumb(matrix_of(trace, head), side, shown_as), heads)
            yield list(zip(heads, made, strict=True))
