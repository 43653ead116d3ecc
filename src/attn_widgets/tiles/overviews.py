"""A matrix -> all of it as one picture of at most 1,024 by 1,024, made by strips of rows on all cores."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.threads import threads
from attn_widgets.tiles.coding import Coding
from attn_widgets.tiles.matrix import Matrix
from attn_widgets.tiles.pooling import pool
from attn_widgets.tiles.shown import factors, show

FloatArray = NDArray[np.floating[Any]]

# a matrix with more cells is shown by an overview and tiles
MOST_CELLS = 1_440_000
_SIDE = 1024
# cells of a strip: what a core works on at a time
_STRIP_CELLS = 500_000


@dataclass(frozen=True, eq=False)
class Overview:
    """All of a matrix, pooled.

    Attributes
    ----------
    block : int
        Rows and columns that became one; 1 where every cell is there.
    codes : numpy.ndarray
        uint16, `[query block, key block]`: the largest of each block; of signed values the one farthest from 0.
    coding : Coding
        Of these and of the matrix's own cells: a tile's codes, pooled, are those of the overview.
    rows : numpy.ndarray or None
        `[query]`, float32: what the rows were multiplied by before; NaN where undefined; None for 1.
    """

    block: int
    codes: NDArray[np.uint16]
    coding: Coding
    rows: FloatArray | None

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return int(self.codes.nbytes) + (0 if self.rows is None else int(self.rows.nbytes))

    def undefined(self) -> list[tuple[int, int]]:
        """Runs of rows of which nothing can be shown, start and end of each."""
        if self.rows is None:
            return []
        edges = np.flatnonzero(np.diff(np.isnan(self.rows).astype(np.int8), prepend=0, append=0))
        return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def block_for(shape: tuple[int, int]) -> int:
    """How large the blocks of an overview are: 1 for a matrix of at most 1.44 million cells, else a power of two."""
    if shape[0] * shape[1] <= MOST_CELLS:
        return 1
    block = 1
    while -(-max(shape) // block) > _SIDE:
        block *= 2
    return block


def overview(matrix: Matrix, shown_as: str = "linear", block: int | None = None) -> Overview:
    """All of a matrix, pooled; see `overview_in_steps`."""
    steps = overview_in_steps(matrix, shown_as, block)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Overview = end.value
            return made


def overview_in_steps(
    matrix: Matrix, shown_as: str = "linear", block: int | None = None
) -> Generator[float, None, Overview]:
    """All of a matrix, pooled, with a pause after every strip of rows.

    Parameters
    ----------
    matrix : Matrix
    shown_as : {"linear", "row_max", "exclude_first"}
        What is done to the rows before they are pooled; only of attention.
    block : int, optional
        Rows and columns that become one; default `block_for` of its shape.

    Yields
    ------
    float
        Share done, 0 to 1.

    Returns
    -------
    Overview
        As the value of the generator.
    """
    n_queries, n_keys = matrix.shape
    block = block or block_for(matrix.shape)
    nothing = -np.inf if matrix.masked else 0.0
    # float32: what a block holds most of is known exactly, the codes come at the end, when all of it is known
    pooled = np.full((-(-n_queries // block), -(-n_keys // block)), nothing, dtype=np.float32)
    rows = None if shown_as == "linear" else np.empty(n_queries, dtype=np.float32)
    lowest = np.inf

    def work(strip: slice) -> tuple[int, float]:
        first, cells = matrix.rows(strip)
        if rows is not None:
            rows[strip] = of_rows = factors(cells, first, shown_as)
            cells = show(cells, first, of_rows, shown_as)
        least = float(cells.min(where=np.isfinite(cells), initial=np.inf)) if matrix.masked else 0.0
        small = pool(cells, block, first, signed=matrix.signed)
        where = pooled[strip.start // block :, first // block :]
        where[: small.shape[0], : small.shape[1]] = small
        return cells.size, least

    strips = _strips(matrix, block)
    done = 0
    with threads("overview") as pool_of_threads:
        tasks: list[Future[tuple[int, float]]] = [pool_of_threads.submit(work, strip) for strip in strips]
        try:
            for task in as_completed(tasks):
                size, least = task.result()
                done += size
                lowest = min(lowest, least)
                yield min(1.0, done / max(matrix.visible, 1))
        finally:
            for task in tasks:
                task.cancel()
    seen = pooled[np.isfinite(pooled)]
    high = float(seen.max(initial=0.0)) if not matrix.masked else float(seen.max()) if seen.size else 0.0
    low = float(seen.min(initial=0.0)) if matrix.signed else lowest if np.isfinite(lowest) else 0.0
    coding = Coding.between(low, high, masked=matrix.masked, signed=matrix.signed)
    return Overview(block, coding.codes(pooled), coding, rows)


def _strips(matrix: Matrix, block: int) -> list[slice]:
    """Rows, whole blocks of them; the longest first, so that no core is left with one at the end."""
    n_queries, n_keys = matrix.shape
    step = block * max(1, _STRIP_CELLS // (n_keys * block))
    strips = [slice(start, min(start + step, n_queries)) for start in range(0, n_queries, step)]
    return strips[::-1]
