"""A place in a matrix -> a tile, 256 by 256 blocks of any size, coded as its overview is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.tiles.matrix import Matrix
from attn_widgets.tiles.overviews import Overview
from attn_widgets.tiles.pooling import pool
from attn_widgets.tiles.shown import show

SIDE = 256
_STRIP_CELLS = 500_000


def tile(matrix: Matrix, of: Overview, shown_as: str, place: Any) -> NDArray[np.uint16]:
    """One tile.

    Parameters
    ----------
    matrix : Matrix
    of : Overview
        Of this matrix, shown the same way.
    shown_as : {"linear", "row_max", "exclude_first"}
    place : (int, int, int)
        Block, row and column: its first query is `row * 256 * block`.

    Returns
    -------
    numpy.ndarray
        uint16 `[query block, key block]`, at most 256 by 256: what is past the end of the matrix is left out. 0 where
        there is nothing.

    Raises
    ------
    ValueError
        If there is no such tile.
    """
    block, rows, columns = _checked(place, matrix.shape)
    strips = range(rows.start, rows.stop, block * max(1, _STRIP_CELLS // ((columns.stop - columns.start) * block)))
    shape = tuple(-(-(part.stop - part.start) // block) for part in (rows, columns))
    # of differences 0 has the code in the middle
    out = np.full(shape, 0 if matrix.masked else of.coding.codes(np.zeros(1))[0], "<u2")
    for start in strips:
        strip = slice(start, min(start + strips.step, rows.stop))
        seen = matrix.seen(strip)
        keys = slice(max(seen.start, columns.start), min(seen.stop, columns.stop))
        if keys.start >= keys.stop:
            continue
        cells = matrix.block(strip, keys)
        cells = show(cells, keys.start, None if of.rows is None else of.rows[strip], shown_as)
        small = of.coding.codes(pool(cells, block, keys.start, signed=matrix.signed))
        where = out[(start - rows.start) // block :, (keys.start - columns.start) // block :]
        where[: small.shape[0], : small.shape[1]] = small
    return out


def _checked(place: Any, shape: tuple[int, int]) -> tuple[int, slice, slice]:
    whole = isinstance(place, (list, tuple)) and len(place) == 3 and all(isinstance(n, int) for n in place)
    if not whole or place[0] < 1 or min(place) < 0:
        raise ValueError(f"tile is {place!r}; expected [block, row, column]")
    block, row, column = place
    starts = row * SIDE * block, column * SIDE * block
    if starts[0] >= shape[0] or starts[1] >= shape[1]:
        raise ValueError(f"tile {list(place)} begins at query {starts[0]}, key {starts[1]}; this matrix has {shape}")
    rows, columns = (slice(at, min(at + SIDE * block, n)) for at, n in zip(starts, shape, strict=True))
    return block, rows, columns
