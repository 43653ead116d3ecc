"""Heads as points, coloured by a column, with its legend -> a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.stills.colors import css, indices, ramp
from attn_widgets.stills.pattern import draw_bar
from attn_widgets.stills.sheet import FAINT, LABEL, TEXT, Sheet, fit

# of groups, in their order: js/src/scatter/coloring.ts
CATEGORIES = (
    *("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#1f8a8a"),
    *("#c44e9a", "#8a9a1f", "#d2691e", "#5b5bd6", "#2e9ee6", "#b03a48", "#7fb800", "#c9a27e", "#6d7f99", "#e4572e"),
)
NONE = "#b4bbc4"
_SIDE, _LEGEND = 440, 190
# more points than these are not told apart
_MOST = 20_000


@dataclass(frozen=True)
class Points:
    """A map as it is on show.

    Attributes
    ----------
    title : str
    places : numpy.ndarray
        `[point, 2]`, in [-1, 1], y up.
    colors : list of str
        One a point.
    legend : sequence of (str, str, int)
        Label, colour and number of points of each group; empty where colours are numbers.
    bar : (str, float, float, str) or None
        What the colours are of, from where to where, and the palette.
    by : str
        What colours are by.
    named : dict
        point -> what is written beside it; they are ringed.
    """

    title: str
    places: NDArray[np.floating[Any]]
    colors: Sequence[str]
    legend: Sequence[tuple[str, str, int]]
    bar: tuple[str, float, float, str] | None
    by: str
    named: dict[int, str]


def ramp_of_points(palette: str) -> NDArray[np.uint8]:
    """`[256, RGB]`: without the end that is close to white, as points are small."""
    low, high = (0.24, 1.0) if palette in ("blues", "greys") else (0.0, 0.94)
    return ramp(palette)[indices(low + (high - low) * np.arange(256) / 255)]


def number_colors(values: NDArray[Any], palette: str) -> tuple[list[str], float, float]:
    """A colour for each number, the least and the most of them."""
    seen = values[~np.isnan(values)]
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    high = high if high > low else low + 1
    colors = [css(color) for color in ramp_of_points(palette)]
    index = indices((np.nan_to_num(values, nan=low) - low) / (high - low))
    return [NONE if np.isnan(value) else colors[i] for i, value in zip(index, values, strict=True)], low, high


def draw_points(points: Points) -> tuple[bytes, int, int]:
    """Draw it; the PNG with its width and height in CSS pixels."""
    sheet = Sheet(_SIDE + _LEGEND + 36, _SIDE + 56)
    sheet.text(12, 18, points.title, size=13, bold=True)
    sheet.frame(12, 40, _SIDE, _SIDE, "#dfe3e8", 0.5)
    n = len(points.places)
    radius = float(np.clip(70 / max(n, 1) ** 0.5, 1.2, 4.5))
    half = _SIDE / 2 - 14
    xy = np.stack([12 + _SIDE / 2 + points.places[:, 0] * half, 40 + _SIDE / 2 - points.places[:, 1] * half], 1)
    step = -(-n // _MOST)
    for place in range(0, n, step):
        x, y = xy[place]
        sheet.dot(x, y, radius, points.colors[place])
    for place, name in points.named.items():
        x, y = xy[place]
        sheet.dot(x, y, radius + 1.5, points.colors[place], TEXT, 1)
        right = x < 12 + _SIDE * 0.75
        sheet.text(x + (radius + 4) * (1 if right else -1), y, name, size=10, align="left" if right else "right")
    _explain(sheet, points, _SIDE + 26)
    return sheet.png(), sheet.width, sheet.height


def _explain(sheet: Sheet, points: Points, x: float) -> None:
    sheet.text(x, 48, points.by, color=LABEL)
    if points.bar is not None:
        _, low, high, palette = points.bar
        draw_bar(sheet, x, 64, 190, ramp_of_points(palette))
        for value, y in ((high, 64), ((low + high) / 2, 159), (low, 254)):
            sheet.text(x + 15, y, f"{value:.3g}", size=9, color=LABEL)
    most = 22
    for place, (label, color, count) in enumerate(points.legend[:most]):
        y = 68 + 18 * place
        sheet.dot(x + 5, y, 5, color, None)
        sheet.text(x + 16, y, fit(label, _LEGEND - 60))
        sheet.text(x + _LEGEND - 4, y, str(count), size=10, color=FAINT, align="right")
    if len(points.legend) > most:
        sheet.text(x + 16, 68 + 18 * most, f"and {len(points.legend) - most} more", color=FAINT)
