"""A head's matrix under a title -> a PNG."""

from __future__ import annotations

from attn_widgets.stills.pattern import Pattern, draw_pattern, size_of
from attn_widgets.stills.sheet import LABEL, Sheet, fit

_SIDE = 420
_TOP = 52


def draw_heatmap(title: str, about: str, pattern: Pattern) -> tuple[bytes, int, int]:
    """Draw it; the PNG with its width and height in CSS pixels."""
    width, height = size_of(pattern, _SIDE)
    sheet = Sheet(max(560, width + 24), height + _TOP + 10)
    sheet.text(12, 18, fit(title, sheet.width - 60, 13), size=13, bold=True)
    sheet.text(12, 37, fit(about, sheet.width - 24), color=LABEL)
    draw_pattern(sheet, 4, _TOP, pattern, _SIDE)
    return sheet.png(), sheet.width, sheet.height
