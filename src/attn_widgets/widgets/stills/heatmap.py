"""AttentionHeatmap -> its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.stills.heatmap import draw_heatmap
from attn_widgets.widgets.stills.pattern import about_pattern, pattern_of, title_of

if TYPE_CHECKING:
    from attn_widgets.widgets.heatmap import AttentionHeatmap


def draw(widget: AttentionHeatmap) -> tuple[bytes, int, int]:
    """The PNG of what is on show, with its width and height in CSS pixels."""
    trace, head = widget.trace, (widget.layer, widget.head)
    matrix = widget._matrix(trace, widget.kind, head)
    pattern = pattern_of(
        matrix,
        trace,
        head,
        kind=widget.kind,
        scale=widget.scale,
        palette=widget.palette,
        query=widget.query,
        key=widget.key,
        motifs=widget.overlays,
    )
    return draw_heatmap(title_of(trace, *head), about_pattern(trace, widget.kind, widget.scale, matrix), pattern)
