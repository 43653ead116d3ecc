"""What a freeze panel shows: a pattern, the next tokens of the runs, the parts of the change, the heads -> a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.stills.colors import ramp
from attn_widgets.stills.pattern import Pattern, draw_pattern, enlarged, size_of
from attn_widgets.stills.sheet import ACCENT, FAINT, LABEL, RATIO, TEXT, Sheet, fit
from attn_widgets.stills.tokens import readable

_SIDE, _COLUMN = 330, 330
_MORE, _LESS = "#3d87c4", "#d6604d"
_ROW = 17


@dataclass(frozen=True)
class Panel:
    """A panel as it is on show.

    Attributes
    ----------
    title, about : str
    pattern : Pattern
    runs : sequence of str
    tokens : sequence of (str, sequence of float)
        Next tokens, each with its probability in every run.
    parts : sequence of (str, float)
        Of the change; the last is the whole. Empty where there is none.
    parts_of : str
    heads : numpy.ndarray or None
        `[layer, head]`: what each head adds to the logit.
    heads_of : str
    selected : (int, int)
    """

    title: str
    about: str
    pattern: Pattern
    runs: Sequence[str]
    tokens: Sequence[tuple[str, Sequence[float]]]
    parts: Sequence[tuple[str, float]]
    parts_of: str
    heads: NDArray[np.floating[Any]] | None
    heads_of: str
    selected: tuple[int, int]


def draw_panel(panel: Panel) -> tuple[bytes, int, int]:
    """Draw it; the PNG with its width and height in CSS pixels."""
    width, height = size_of(panel.pattern, _SIDE)
    cell = 0.0 if panel.heads is None else min(18.0, (_COLUMN - 40) // panel.heads.shape[1])
    board = 0 if panel.heads is None else 40 + cell * panel.heads.shape[0]
    column = 60 + _ROW * len(panel.tokens) + (50 + _ROW * len(panel.parts) if panel.parts else 0) + board
    sheet = Sheet(width + _COLUMN + 40, 52 + max(height, column) + 8)
    sheet.text(12, 18, fit(panel.title, sheet.width - 60, 13), size=13, bold=True)
    sheet.text(12, 37, fit(panel.about, sheet.width - 24), color=LABEL)
    draw_pattern(sheet, 4, 52, panel.pattern, _SIDE)
    x, y = width + 20, 62.0
    y = _tokens(sheet, panel, x, y) if panel.tokens else y
    y = _parts(sheet, panel, x, y + 22) if panel.parts else y
    if panel.heads is not None:
        _heads(sheet, panel, panel.heads, x, y + 22, cell)
    return sheet.png(), sheet.width, sheet.height


def _tokens(sheet: Sheet, panel: Panel, x: float, y: float) -> float:
    """A row a token, a column a run, bars as long as probabilities."""
    wide = (_COLUMN - 90) / len(panel.runs)
    sheet.text(x, y, "Next token", color=LABEL)
    for number, run in enumerate(panel.runs):
        sheet.text(x + 90 + number * wide, y, run, size=10, color=LABEL)
    for text, values in panel.tokens:
        y += _ROW
        sheet.text(x, y, fit(readable(text), 84), size=10)
        for number, value in enumerate(values):
            left = x + 90 + number * wide
            sheet.box(left, y - 5, max(0.5, (wide - 40) * value), 10, "#9ecae1")
            sheet.text(left + wide - 8, y, f"{value:.3f}", size=9, align="right")
    return y


def _parts(sheet: Sheet, panel: Panel, x: float, y: float) -> float:
    """Bars, each from where the last one ended; the whole from 0."""
    sheet.text(x, y, fit(panel.parts_of, _COLUMN), color=LABEL)
    values = [value for _, value in panel.parts]
    starts = [0.0, *np.cumsum(values[:-2]).tolist(), 0.0]
    ends = [start + value for start, value in zip(starts, values, strict=True)]
    low, high = min(0.0, *starts, *ends), max(0.0, *starts, *ends)
    by = (_COLUMN - 150) / ((high - low) or 1)
    for (name, value), start in zip(panel.parts, starts, strict=True):
        y += _ROW
        sheet.text(x, y, name, size=10)
        left = x + 84 + (min(start, start + value) - low) * by
        sheet.box(left, y - 5, max(0.5, abs(value) * by), 10, _MORE if value >= 0 else _LESS)
        sheet.text(x + _COLUMN - 8, y, f"{value:+.3g}".replace("-", "−"), size=9, align="right")
    return y


def _heads(sheet: Sheet, panel: Panel, heads: NDArray[Any], x: float, y: float, cell: float) -> None:
    sheet.text(x, y, fit(panel.heads_of, _COLUMN), color=LABEL)
    most = float(np.abs(heads).max(initial=0)) or 1.0
    index = 128 + np.rint(heads / most * 127).astype(int).clip(-127, 127)
    y, left = y + 14, x + 28
    sheet.paint(left, y, enlarged(ramp("diverging")[index], round(cell * RATIO)))
    every = max(1, int(np.ceil(12 / cell)))
    for layer in range(0, heads.shape[0], every):
        sheet.text(left - 5, y + (layer + 0.5) * cell, f"L{layer}", size=9, color=FAINT, align="right")
    layer, head = panel.selected
    sheet.frame(left + head * cell, y + layer * cell, cell, cell, ACCENT, 1.5)
    strongest = np.unravel_index(np.abs(heads).argmax(), heads.shape)
    words = f"L{strongest[0]}H{strongest[1]} {heads[strongest]:+.3g}".replace("-", "−")
    if left + heads.shape[1] * cell + 90 < x + _COLUMN:
        sheet.text(left + heads.shape[1] * cell + 10, y + 6, words, size=10, color=TEXT)
