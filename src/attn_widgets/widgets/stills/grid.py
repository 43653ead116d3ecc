"""HeadGrid -> its picture, of the thumbnails that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.compute.scored import scored
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.stills.grid import Grid, Mark, draw_grid
from attn_widgets.widgets.stills.words import length_of

if TYPE_CHECKING:
    from attn_widgets.widgets.grid import HeadGrid


def draw(widget: HeadGrid) -> tuple[bytes, int, int]:
    """The PNG of what is on show, with its width and height in CSS pixels."""
    trace = widget.trace
    marks, heads, legend = _marks(widget)
    title = f"{trace.model_name} ".lstrip() + f"{trace.n_layers} layers x {trace.n_heads} heads, {length_of(trace)}"
    if widget.scale == "exclude_first":
        title += f", first {trace.unit} left out"
    return draw_grid(
        Grid(
            title,
            _values(widget.atlas),
            trace.causal,
            widget.scale == "log",
            widget.palette,
            heads,
            bool(widget.sort_by),
            marks,
            (widget.layer, widget.head),
            legend,
            widget.layers,
        )
    )


def _values(atlas: dict[str, Any]) -> Any:
    """The thumbnails as they were sent, `[layer, head, query, key]`."""
    shape, codes = tuple(atlas["shape"]), np.frombuffer(atlas["data"], dtype=np.uint8)
    if atlas["layout"] != "causal":
        return codes.reshape(shape) * np.float32(atlas["factor"])
    values = np.zeros(shape, dtype=np.float32)
    inside = np.tri(shape[-1], dtype=bool)
    values[..., inside] = codes.reshape(*shape[:2], -1) * np.float32(atlas["factor"])
    return values


def _marks(widget: HeadGrid) -> tuple[dict[tuple[int, int], Mark], list[tuple[int, int]], list[tuple[str, str]]]:
    """How heads are marked, in which order they stand, and what the colours mean: js/src/grid/head_marks.ts."""
    every = [(int(layer), int(head)) for layer, head in np.ndindex(*widget.trace.shape[:2])]
    if not widget.motif and not widget.sort_by:
        return {}, every, []
    known = scored(widget.trace)
    scores = known.scores(exclude_first=widget.scale == "exclude_first")
    measure = scores[widget.sort_by or widget.motif] if widget.sort_by or widget.motif in MOTIFS else None
    text = scores[widget.motif] if widget.motif in MOTIFS else measure
    dominant = scores.dominant()
    marks = {}
    for head in every:
        low = measure is not None and widget.min_score > 0 and not measure[head] >= widget.min_score
        words = "" if text is None or np.isnan(text[head]) else f"{text[head]:.2f}"
        name = str(dominant[head]) if widget.motif == "dominant" else widget.motif
        color = MOTIFS[name].color if name in MOTIFS and known.known[head] else ""
        tinted = widget.motif == "dominant"
        strength = 1.0 if tinted or text is None else float(np.nan_to_num(text[head]))
        marks[head] = Mark(color, strength, tinted, words, low)
    if widget.sort_by and measure is not None:
        every = [head for head in every if widget.min_score <= 0 or measure[head] >= widget.min_score]
        every.sort(key=lambda head: (bool(np.isnan(measure[head])), -float(np.nan_to_num(measure[head]))))
    legend = []
    if widget.motif == "dominant":
        for name in MOTIFS:
            count = int((dominant[known.known] == name).sum())
            if count:
                legend.append((f"{MOTIFS[name].label} {count}", MOTIFS[name].color))
    elif widget.motif:
        legend = [(MOTIFS[widget.motif].label, MOTIFS[widget.motif].color)]
    return marks, every, legend
