"""What is chosen for an exported page: heads, detail, rows -> what it holds of their matrices, and its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attn_widgets.names import check_head
from attn_widgets.tiles import SIDE, Matrix, block_for, line, tile
from attn_widgets.trace import Trace
from attn_widgets.widgets.pictures import overview_now, picture_wire
from attn_widgets.widgets.wire.tiles import Of, line_about, tile_about

Head = tuple[int, int]

# base64 writes three bytes as four characters
_WRITTEN = 4 / 3
# what is said of a picture, a tile or a line beside its cells
_ABOUT = 350


@dataclass(frozen=True)
class Chosen:
    """What a page holds.

    Attributes
    ----------
    heads : tuple of (int, int) or None
        None for all.
    detail : str or int
        "overview", "exact", or the size of the finest blocks that it has cells of. Only of long prompts: of short ones
        every cell is there.
    rows : tuple of int or None
        Queries whose rows are there exactly; None for the one that is locked.
    """

    heads: tuple[Head, ...] | None = None
    detail: str | int = "overview"
    rows: tuple[int, ...] | None = None

    @classmethod
    def of(cls, trace: Trace, heads: Any, detail: Any, rows: Any) -> Chosen:
        """What was asked for, checked.

        Raises
        ------
        ValueError
            If there is no such head, row or detail.
        """
        if detail not in ("overview", "exact") and not (type(detail) is int and detail > 0 and not detail & detail - 1):
            raise ValueError(f'detail is {detail!r}; expected "overview", "exact", or a power of two: 2, 4 and so on')
        if isinstance(heads, str):
            raise ValueError(f"heads is {heads!r}; expected a list of heads: [{heads!r}]")
        places = None
        if heads is not None:
            found = (check_head(head, trace.n_layers, trace.n_heads, "heads") for head in heads)
            places = tuple(dict.fromkeys(found))
            if not places:
                raise ValueError("heads is empty; expected at least one, or None for all")
        if rows is not None:
            rows = tuple(int(row) + (trace.n_queries if row < 0 else 0) for row in rows)
            outside = [row for row in rows if not 0 <= row < trace.n_queries]
            if outside:
                raise ValueError(f"rows holds {outside[0]}; expected queries from 0 to {trace.n_queries - 1}")
        return cls(places, detail, rows)

    def heads_of(self, trace: Trace) -> list[Head]:
        """The heads that are on the page."""
        every = [(layer, head) for layer in range(trace.n_layers) for head in range(trace.n_heads)]
        return every if self.heads is None else list(self.heads)

    def blocks(self, shape: tuple[int, int]) -> list[int]:
        """The sizes of blocks that there are tiles of, the coarsest first; none of a short prompt."""
        overview = block_for(shape)
        finest = {"overview": overview, "exact": 1}.get(str(self.detail), self.detail)
        assert isinstance(finest, int)
        return [2**power for power in range(overview.bit_length() - 2, finest.bit_length() - 2, -1)]


def archive(shown: Sequence[tuple[Of, Matrix]], chosen: Chosen, locked: int | None) -> dict[str, Any]:
    """Traits with the matrices of a page: `archive`; of long prompts `tiles_archive` and `lines_archive`, too."""
    traits: dict[str, Any] = {"archive": [picture_wire(of, matrix) for of, matrix in shown]}
    tiles, lines = [], []
    for of, matrix in shown:
        if block_for(matrix.shape) == 1:
            continue
        made = overview_now(of, matrix)
        for place in _places(matrix, chosen):
            codes = tile(matrix, made, of.shown_as, place)
            tiles.append(tile_about(of, place, codes, made.coding) | {"data": codes.tobytes()})
        for query in _rows(chosen, locked):
            found = line(matrix, made.rows, "query", query)
            factors = {} if found.rows is None else {"factors": found.rows.astype("<f4").tobytes()}
            lines.append(line_about(of, "query", query, found) | {"data": found.codes.tobytes()} | factors)
    return traits | ({"tiles_archive": tiles, "lines_archive": lines} if tiles or lines else {})


def archive_size(shown: Sequence[tuple[Of, Matrix]], chosen: Chosen, locked: int | None) -> int:
    """Bytes that `archive` takes in a page's file, without making it."""
    total = 0.0
    for _, matrix in shown:
        shape, causal = matrix.shape, matrix.causal
        block = block_for(shape)
        n_queries, n_keys = (-(-n // block) for n in shape)
        cells = n_queries * (n_queries + 1) // 2 if causal else n_queries * n_keys
        total += 2 * cells * _WRITTEN + _ABOUT
        if block == 1:
            continue
        for fine in chosen.blocks(shape):
            rows, columns = (-(-n // fine) for n in shape)
            squares = list(_squares((rows, columns), causal))
            sizes = (min(SIDE, rows - row * SIDE) * min(SIDE, columns - column * SIDE) for row, column in squares)
            total += sum(2 * size * _WRITTEN + _ABOUT for size in sizes)
        total += len(_rows(chosen, locked)) * (2 * shape[1] * _WRITTEN + _ABOUT)
    return int(total)


def _rows(chosen: Chosen, locked: int | None) -> tuple[int, ...]:
    if chosen.rows is not None:
        return chosen.rows
    return () if locked is None else (locked,)


def _places(matrix: Matrix, chosen: Chosen) -> list[tuple[int, int, int]]:
    return [
        (block, row, column)
        for block in chosen.blocks(matrix.shape)
        for row, column in _squares((-(-matrix.shape[0] // block), -(-matrix.shape[1] // block)), matrix.causal)
    ]


def _squares(shape: tuple[int, int], causal: bool) -> Iterable[tuple[int, int]]:
    """Rows and columns of tiles; of a causal matrix those that have anything."""
    rows, columns = (int(np.ceil(n / SIDE)) for n in shape)
    return ((row, column) for row in range(rows) for column in range(columns) if not causal or column <= row)
