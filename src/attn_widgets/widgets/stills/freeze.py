"""FreezePanel -> its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.stills.panel import Panel, draw_panel
from attn_widgets.widgets.stills.pattern import about_pattern, pattern_of, title_of

if TYPE_CHECKING:
    from attn_widgets.widgets.freeze import FreezePanel

_PARTS = {"direct": "direct", "ov": "OV", "qk": "QK", "interaction": "interaction", "total": "total"}
_MOST_TOKENS = 8


def draw(widget: FreezePanel) -> tuple[bytes, int, int]:
    """The PNG of what is on show, with its width and height in CSS pixels."""
    head = (widget.layer, widget.head)
    trace = widget.trace if widget.kind != "frozen" else widget._held
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
    kind = {"live": "live pattern", "frozen": "held pattern", "difference": "live − held"}[widget.kind]
    runs = ["baseline", "live", "frozen"]
    rows = widget.next_tokens.get("rows", [])[:_MOST_TOKENS]
    tokens = [(row["text"], [row[run]["probability"] for run in runs]) for row in rows]
    parts, parts_of = _parts(widget.effects)
    heads, heads_of = _heads(widget.attribution)
    about = about_pattern(trace, kind, widget.scale, matrix)
    title = title_of(trace, *head) + (", patterns held" if widget.frozen else "")
    return draw_panel(Panel(title, about, pattern, runs, tokens, parts, parts_of, heads, heads_of, head))


def _parts(effects: dict[str, Any]) -> tuple[list[tuple[str, float]], str]:
    if not effects:
        return [], ""
    name = "difference" if "difference" in effects["measures"] else "logit"
    measure = effects["measures"][name]
    return [(label, measure[part]) for part, label in _PARTS.items()], f"Change of the {_logit(effects)}"


def _heads(attribution: dict[str, Any]) -> tuple[Any, str]:
    if not attribution or attribution["refused"]:
        return None, ""
    wire = attribution["heads"]
    heads = np.frombuffer(wire["data"], "<f4").reshape(wire["shape"])
    return heads, f"What heads add to the {_logit(attribution)}, {attribution['of']}"


def _logit(about: dict[str, Any]) -> str:
    target, versus = about["target"], about["versus"]
    return f"logit of {target['text']!r}" + (f" less {versus['text']!r}" if versus else "")
