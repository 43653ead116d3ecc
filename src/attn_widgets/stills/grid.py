"""All heads as thumbnails, layers by heads or sorted, with their marks -> a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.stills.colors import Pixels, indices, ramp
from attn_widgets.stills.sheet import ACCENT, FAINT, LABEL, RATIO, TEXT, Sheet, fit

_BLANK = np.array([0xF2, 0xF3, 0xF5])
_TINT = 0.3
_LEFT, _TOP = 44, 62
_WIDE, _HIGH = 720, 560
# with more cells than this in all, a file of all colours is too large
_DETAILED = 150_000


@dataclass(frozen=True)
class Mark:
    """How one head is marked.

    Attributes
    ----------
    color : str
        Of its frame; "" for none.
    strength : float
        Of the frame, 0 to 1.
    tinted : bool
        Whether what is blank takes on the colour.
    text : str
        Above it where heads are sorted, else in its corner.
    dimmed : bool
    """

    color: str = ""
    strength: float = 1.0
    tinted: bool = False
    text: str = ""
    dimmed: bool = False


@dataclass(frozen=True)
class Grid:
    """Heads as they are on show.

    Attributes
    ----------
    title : str
    values : numpy.ndarray
        `[layer, head, query, key]`, in [0, 1]: pooled patterns.
    causal : bool
    log : bool
        Whether colours are of logarithms.
    palette : str
    heads : list of (int, int)
        Those on show; in their layers, or in this order.
    sorted : bool
    marks : dict
        (layer, head) -> `Mark`.
    selected : (int, int)
    legend : sequence of (str, str)
        Labels and colours of motifs.
    layers : {"auto", "down", "across"}
        Which way the layers run.
    """

    title: str
    values: NDArray[np.floating[Any]]
    causal: bool
    log: bool
    palette: str
    heads: Sequence[tuple[int, int]]
    sorted: bool
    marks: dict[tuple[int, int], Mark]
    selected: tuple[int, int]
    legend: Sequence[tuple[str, str]] = ()
    layers: str = "down"

    def across(self) -> bool:
        """Whether layers lie side by side; "auto" where thumbnails become larger."""
        n_layers, n_heads = self.values.shape[:2]
        larger = _fitting(n_layers, n_heads) > _fitting(n_heads, n_layers)
        return not self.sorted and (self.layers == "across" or (self.layers == "auto" and larger))


def draw_grid(grid: Grid) -> tuple[bytes, int, int]:
    """Draw it; the PNG with its width and height in CSS pixels."""
    across = grid.across()
    rows, columns = grid.values.shape[1::-1] if across else grid.values.shape[:2]
    if grid.sorted:
        columns = min(max(1, len(grid.heads)), int(np.ceil((len(grid.heads) * _WIDE / _HIGH) ** 0.5)) or 1)
        rows = max(1, -(-len(grid.heads) // columns))
    above = 14 if grid.sorted else 0
    # as thumbnails of the browser: not larger than 96, as many as fit
    cell = _fitting(columns, rows, above)
    cell = max(1.0, int(max(cell, 6.0) * RATIO)) / RATIO
    step = cell + (4.0 if cell >= 40 else 3.0)
    width = max(480, _LEFT + columns * step + 8)
    in_row = int(width // 150)
    legend_rows = -(-len(grid.legend) // in_row)
    top = _TOP + 18 * legend_rows
    sheet = Sheet(width, top + rows * (step + above) + 6)
    sheet.text(12, 18, fit(grid.title, width - 40, 13), size=13, bold=True)
    for number, (label, color) in enumerate(grid.legend):
        x, y = 12 + (number % in_row) * (width - 24) / in_row, 42.0 + 18 * (number // in_row)
        sheet.box(x, y - 5, 10, 10, color)
        sheet.text(x + 15, y, label, size=10)
    for place, head in enumerate(grid.heads):
        row, column = divmod(place, columns) if grid.sorted else head[::-1] if across else head
        x, y = _LEFT + column * step, top + row * (step + above)
        _thumb(sheet, grid, head, x, y, cell)
        if grid.sorted:
            sheet.text(x, y - 8, f"L{head[0]}H{head[1]}", size=9, bold=head == grid.selected)
    if not grid.sorted:
        _axes(sheet, grid, top, cell, step)
    detailed = len(grid.heads) * grid.values[0, 0].size > _DETAILED
    return sheet.png(detailed=detailed), sheet.width, sheet.height


def _fitting(columns: int, rows: int, above: float = 0) -> float:
    """Side of the largest thumbnails that fit."""
    return min(96.0, (_WIDE - _LEFT) / columns - 4, (_HIGH - _TOP) / rows - 4 - above)


def thumb_pixels(values: NDArray[np.floating[Any]], causal: bool, log: bool, palette: str, blank: Any) -> Pixels:
    """One thumbnail, `[query, key, RGB]`."""
    positions = np.asarray(values, dtype=np.float64)
    if log:
        with np.errstate(divide="ignore"):
            positions = np.maximum(0, 1 + np.log10(positions) / 4)
    pixels = ramp(palette)[indices(positions)]
    if causal:
        pixels[np.triu_indices(len(positions), 1)] = blank
    return pixels


def stretched(pixels: Pixels, side: int) -> Pixels:
    """A thumbnail as a square of so many real pixels: each is the nearest of its own."""
    rows, columns = (np.minimum(n - 1, (np.arange(side) * n) // side) for n in pixels.shape[:2])
    enlarged: Pixels = pixels[rows[:, None], columns]
    return enlarged


def _thumb(sheet: Sheet, grid: Grid, head: tuple[int, int], x: float, y: float, cell: float) -> None:
    mark = grid.marks.get(head, Mark())
    blank = _BLANK
    if mark.tinted and mark.color:
        tint = np.array([int(mark.color[i : i + 2], 16) for i in (1, 3, 5)])
        blank = np.rint(_BLANK * (1 - _TINT) + tint * _TINT)
    pixels = thumb_pixels(grid.values[head], grid.causal, grid.log, grid.palette, blank)
    pixels = stretched(pixels, round(cell * RATIO))
    if mark.dimmed:
        pixels = np.rint(pixels * 0.22 + 255 * 0.78).astype(np.uint8)
    sheet.paint(x, y, pixels)
    if mark.color and mark.strength > 0 and not mark.dimmed:
        sheet.frame(x, y, cell, cell, _faded(mark.color, mark.strength), 1.5)
    if head == grid.selected:
        sheet.frame(x, y, cell, cell, ACCENT, 2)
    if mark.text and cell >= 30:
        sheet.box(x + cell - 22, y, 22, 12, "white")
        sheet.text(x + cell - 2, y + 6, mark.text, size=8, align="right")


def _faded(color: str, strength: float) -> str:
    share = 0.15 + 0.85 * min(1.0, strength)
    return "#" + "".join(f"{round(int(color[i : i + 2], 16) * share + 255 * (1 - share)):02x}" for i in (1, 3, 5))


def _axes(sheet: Sheet, grid: Grid, top: float, cell: float, step: float) -> None:
    every = max(1, int(np.ceil(14 / step)))
    sizes, names = list(grid.values.shape[:2]), ["Layer", "Head"]
    selected = list(grid.selected)
    if grid.across():
        for both in (sizes, names, selected):
            both.reverse()
    for number in range(0, sizes[0], every):
        y = top + number * step + cell / 2
        sheet.text(_LEFT - 8, y, str(number), size=10, align="right", color=ACCENT if number == selected[0] else TEXT)
    for number in range(0, sizes[1], every):
        x = _LEFT + number * step + cell / 2
        sheet.text(x, top - 9, str(number), size=10, align="center", color=ACCENT if number == selected[1] else TEXT)
    sheet.text(_LEFT - 8, top - 9, names[0], size=9, color=FAINT, align="right")
    sheet.text(_LEFT, top - 22, names[1], size=9, color=LABEL)
