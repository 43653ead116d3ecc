"""A head and others like it on several prompts, two patterns large -> a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.stills.grid import stretched, thumb_pixels
from attn_widgets.stills.pattern import Pattern, draw_pattern, size_of
from attn_widgets.stills.sheet import ACCENT, BLANK, FAINT, LABEL, RATIO, Sheet, fit

_SIDE, _THUMB, _STEP = 250, 44, 52
_NAMES = 190
_MOST_ROWS, _MOST_COLUMNS = 12, 10


@dataclass(frozen=True)
class Row:
    """One head of the table.

    Attributes
    ----------
    name, about : str
    thumbs : list of numpy.ndarray
        One a prompt, `[query, key]`, in [0, 1].
    causal : sequence of bool
    """

    name: str
    about: str
    thumbs: Sequence[NDArray[np.floating[Any]]]
    causal: Sequence[bool]


@dataclass(frozen=True)
class Card:
    """A card as it is on show.

    Attributes
    ----------
    title : str
    windows : sequence of (str, Pattern)
    columns : sequence of str
    rows : sequence of Row
    palette : str
    """

    title: str
    windows: Sequence[tuple[str, Pattern]]
    columns: Sequence[str]
    rows: Sequence[Row]
    palette: str


def draw_card(card: Card) -> tuple[bytes, int, int]:
    """Draw it; the PNG with its width and height in CSS pixels."""
    sizes = [size_of(pattern, _SIDE) for _, pattern in card.windows]
    columns = card.columns[:_MOST_COLUMNS]
    rows = card.rows[:_MOST_ROWS]
    width = max(sum(wide + 12 for wide, _ in sizes), _NAMES + _STEP * len(columns)) + 16
    below = 34 + max((high + 20 for _, high in sizes), default=0)
    sheet = Sheet(max(480, width), below + 40 + _STEP * len(rows) + 18)
    sheet.text(12, 18, fit(card.title, sheet.width - 40, 13), size=13, bold=True)
    x = 4.0
    for (name, pattern), (wide, _) in zip(card.windows, sizes, strict=True):
        sheet.text(x + 8, 42, name, bold=True)
        draw_pattern(sheet, x, 54, pattern, _SIDE)
        x += wide + 12
    for number, text in enumerate(columns):
        sheet.text(12 + _NAMES + number * _STEP, below + 22, fit(text, _STEP - 6, 8), size=8, color=FAINT)
    for place, row in enumerate(rows):
        y = below + 36 + place * _STEP
        sheet.text(12, y + 14, fit(row.name, _NAMES - 12), bold=place == 0)
        sheet.text(12, y + 30, fit(row.about, _NAMES - 12, 9), size=9, color=LABEL)
        for number, (thumb, causal) in enumerate(zip(row.thumbs[:_MOST_COLUMNS], row.causal, strict=False)):
            blank = tuple(int(BLANK[i : i + 2], 16) for i in (1, 3, 5))
            pixels = thumb_pixels(thumb, causal, False, card.palette, blank)
            left = 12 + _NAMES + number * _STEP
            sheet.paint(left, y, stretched(pixels, _THUMB * RATIO))
            if place == 0:
                sheet.frame(left, y, _THUMB, _THUMB, ACCENT, 1)
    more = len(card.rows) - len(rows), len(card.columns) - len(columns)
    if any(number > 0 for number in more):
        words = [f"{n} more {what}" for n, what in zip(more, ("heads", "prompts"), strict=True) if n > 0]
        sheet.text(12, sheet.height - 9, "and " + ", ".join(words), size=9, color=FAINT)
    return sheet.png(), sheet.width, sheet.height
