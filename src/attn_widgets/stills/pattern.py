"""One head's matrix with its tokens, colour bar, locks and outlined motifs, on a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from attn_widgets.motifs.outline import Segment
from attn_widgets.stills.colors import Coloring, Pixels, ramp
from attn_widgets.stills.sheet import FAINT, LABEL, RATIO, TEXT, Sheet, fit, text_width
from attn_widgets.stills.tokens import readable

_LABELS = 92
_BAR = 66
_LABEL_SIZE = 9


@dataclass(frozen=True)
class Outlined:
    """A motif over the matrix.

    Attributes
    ----------
    label, color : str
    segments : list
        As `attn_widgets.motifs.outline` has them.
    numbers : str
        What is said of it.
    """

    label: str
    color: str
    segments: list[Segment]
    numbers: str


@dataclass(frozen=True)
class Pattern:
    """A matrix as it is on show.

    Attributes
    ----------
    coloring : Coloring
    block : int
        Rows and columns of the matrix in one of what is coloured.
    queries, keys : sequence of str
        Tokens, of every row and column of the matrix.
    bar : str
        What the colour bar is of.
    query, key : int or None
        What is locked.
    outlined : list of Outlined
    """

    coloring: Coloring
    block: int
    queries: Sequence[str]
    keys: Sequence[str]
    bar: str = "weight"
    query: int | None = None
    key: int | None = None
    outlined: list[Outlined] = field(default_factory=list)


def cell_side(shape: tuple[int, int], most: float) -> float:
    """Whole real pixels of a cell, in CSS pixels, so that none is blurred."""
    return max(1, int(most * RATIO // max(shape))) / RATIO


def size_of(pattern: Pattern, most: float) -> tuple[float, float]:
    """Width and height of the matrix with what is around it."""
    rows, columns = pattern.coloring.positions.shape
    cell = cell_side((rows, columns), most)
    return _LABELS + columns * cell + _BAR, _above(pattern, cell) + rows * cell + legend_height(pattern)


def legend_height(pattern: Pattern) -> float:
    """Room for the motifs below the matrix."""
    return 14 + 18 * -(-len(pattern.outlined) // 2) if pattern.outlined else 6


def draw_pattern(sheet: Sheet, left: float, top: float, pattern: Pattern, most: float) -> None:
    """Draw it, its upper left corner here; `most` is the longest side of the matrix."""
    rows, columns = pattern.coloring.positions.shape
    cell = cell_side((rows, columns), most)
    x, y = left + _LABELS, top + _above(pattern, cell)
    sheet.paint(x, y, enlarged(pattern.coloring.pixels(), round(cell * RATIO)))
    one = cell / pattern.block
    _label(sheet, pattern, x, y, one)
    _lock(sheet, pattern, x, y, one, (columns * cell, rows * cell))
    for place, motif in enumerate(pattern.outlined):
        # wider below, narrower above: where outlines coincide, both are seen
        width = min(1.5, max(0.75, one * 0.14)) * (1 + 0.45 * min(3, len(pattern.outlined) - 1 - place))
        for (key, query), (to_key, to_query) in motif.segments:
            ends = [(x + (k + 0.5) * one, y + (q + 0.5) * one) for k, q in ((key, query), (to_key, to_query))]
            sheet.line(ends, motif.color, width)
    _bar(sheet, pattern, x + columns * cell + 18, y, min(rows * cell, 240))
    _legend(sheet, pattern, left + 12, y + rows * cell + 16, max(480, columns * cell + _LABELS))


def enlarged(pixels: Pixels, by: int) -> Pixels:
    """Every pixel as a square of them."""
    return pixels.repeat(by, axis=0).repeat(by, axis=1)


def _above(pattern: Pattern, cell: float) -> float:
    """Room for the longest label above the matrix."""
    every = _every(cell / pattern.block)
    places = range(0, len(pattern.keys), every)
    longest = max((text_width(_written(pattern, i, pattern.keys), _LABEL_SIZE) for i in places), default=0)
    if pattern.key is not None:
        longest = max(longest, text_width(fit(readable(pattern.keys[pattern.key]), _LABELS - 10, _LABEL_SIZE)))
    return min(_LABELS, longest + 8)


def _written(pattern: Pattern, place: int, names: Sequence[str]) -> str:
    """A token; where only one of many has room its position says more."""
    return str(place) if pattern.block > 1 else fit(readable(names[place]), _LABELS - 10, _LABEL_SIZE)


def _every(one: float) -> int:
    """One label in so many has room."""
    return max(1, int(np.ceil(11 / one)))


def _label(sheet: Sheet, pattern: Pattern, x: float, y: float, one: float) -> None:
    every = _every(one)
    axes = (pattern.queries, pattern.keys)
    queries, keys = ([_written(pattern, i, names) for i in range(0, len(names), every)] for names in axes)
    for place, text in enumerate(queries):
        query = place * every
        sheet.text(x - 5, y + (query + 0.5) * one, text, size=_LABEL_SIZE, color=TEXT, align="right")
    for place, text in enumerate(keys):
        key = place * every
        sheet.text_up(x + (key + 0.5) * one, y - 5 - text_width(text, _LABEL_SIZE), text, size=_LABEL_SIZE, color=TEXT)


def _lock(sheet: Sheet, pattern: Pattern, x: float, y: float, one: float, size: tuple[float, float]) -> None:
    if pattern.query is not None:
        sheet.frame(x, y + pattern.query * one, size[0], max(one, 1), TEXT, 0.5)
        _chip(sheet, x - 5, y + (pattern.query + 0.5) * one, pattern.queries[pattern.query])
    if pattern.key is not None:
        sheet.frame(x + pattern.key * one, y, max(one, 1), size[1], TEXT, 0.5)
        text = fit(readable(pattern.keys[pattern.key]), _LABELS - 10, _LABEL_SIZE)
        long, middle = text_width(text, _LABEL_SIZE), x + (pattern.key + 0.5) * one
        sheet.box(middle - 6.5, y - long - 8, 13, long + 6, TEXT)
        sheet.text_up(middle, y - 5 - long, text, size=_LABEL_SIZE, color="white")


def _chip(sheet: Sheet, right: float, y: float, token: str) -> None:
    text = fit(readable(token), _LABELS - 10, _LABEL_SIZE)
    wide = text_width(text, _LABEL_SIZE)
    sheet.box(right - wide - 3, y - 6.5, wide + 6, 13, TEXT)
    sheet.text(right, y, text, size=_LABEL_SIZE, color="white", align="right")


def _bar(sheet: Sheet, pattern: Pattern, x: float, y: float, height: float) -> None:
    shown = pattern.coloring
    draw_bar(sheet, x, y, height, ramp(shown.palette))
    for place in (0.0, 0.25, 0.5, 0.75, 1.0):
        value = shown.low + place * (shown.high - shown.low)
        if shown.log:
            value = shown.high * (shown.low / shown.high) ** (1 - place)
        at = y + (1 - place) * height
        sheet.line([(x + 9, at), (x + 12, at)], LABEL, 0.5)
        sheet.text(x + 14, at, f"{value:.4g}".replace("-", "−"), size=9, color=LABEL)
    for number, line in enumerate(pattern.bar.split("\n")):
        sheet.text(x - 2, y + height + 13 + 12 * number, line, size=9, color=FAINT)


def draw_bar(sheet: Sheet, x: float, y: float, height: float, colors: Pixels) -> None:
    """Draw a ramp, `[256, RGB]`, the highest on top."""
    rows = np.linspace(255, 0, round(height * RATIO)).round().astype(np.intp)
    sheet.paint(x, y, colors[rows][:, None].repeat(9 * RATIO, axis=1))


def _legend(sheet: Sheet, pattern: Pattern, x: float, y: float, width: float) -> None:
    half = width / 2
    for place, motif in enumerate(pattern.outlined):
        left, at = x + (place % 2) * half, y + 18 * (place // 2) + 4
        sheet.box(left, at - 5, 10, 10, motif.color)
        sheet.box(left + 2, at - 3, 6, 6, "white")
        sheet.text(left + 16, at, motif.label)
        sheet.text(left + 24 + text_width(motif.label), at, motif.numbers, color=FAINT)
