"""Bytes a cell, all cells counted: encoded, sent by a widget, and in the pages of BertViz and CircuitsVis."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import rivals
from synthetic import random_patterns
from table import Row

import attn_widgets as aw
from attn_widgets.widgets.wire.pattern import encode_matrix

_LAYERS, _HEADS, _TOKENS = 12, 12, 128
_BUDGET = 1.1


def bench() -> list[Row]:
    patterns = random_patterns(_LAYERS, _HEADS, _TOKENS)
    tokens = [f" word{i}" for i in range(_TOKENS)]
    trace = aw.Trace.from_arrays(patterns, tokens)
    cells = _TOKENS * _TOKENS
    encoded = len(encode_matrix(patterns[0, 0], causal=True)["data"])
    switched = _head_switch(aw.AttentionHeatmap(trace))
    whole = _bytes(aw.HeadGrid(trace).get_state()) + _bytes(aw.AttentionHeatmap(trace).get_state())
    bertviz, (_, circuitsvis) = rivals.bertviz(patterns, tokens), rivals.circuitsvis(patterns, tokens)
    values = patterns.size
    size = f"{_LAYERS} x {_HEADS} x {_TOKENS}"
    others = {"BertViz": len(bertviz.encode()), "CircuitsVis": len(circuitsvis.encode())}
    against = ", ".join(f"{name} {count / values:.1f}" for name, count in others.items())
    ratios = ", ".join(f"1/{count / values / (switched / cells):.0f}" for count in others.values())
    return [
        _row("causal pattern, encoded, bytes a cell", encoded / cells),
        _row("head switch, all that is sent, bytes a cell", switched / cells, against, ratios),
        Row(
            f"grid and heatmap of {size}, all that is sent at first",
            f"{whole / 1e6:.2f} MB",
            ", ".join(f"{name} {count / 1e6:.0f} MB" for name, count in others.items()),
            ", ".join(f"1/{count / whole:.0f}" for count in others.values()),
        ),
    ]


def _row(what: str, found: float, against: str = "", ratio: str = "") -> Row:
    return Row(what, f"{found:.3f}", against, ratio, f"<= {_BUDGET}", found <= _BUDGET)


def _head_switch(heatmap: aw.AttentionHeatmap) -> int:
    """Bytes of every message that answers a head selected in the browser, echoes included."""
    sent = 0

    def count(self: Any, message: Any, buffers: Any = None) -> None:
        nonlocal sent
        sent += len(json.dumps(message).encode()) + sum(memoryview(buffer).nbytes for buffer in buffers or [])

    with patch.object(type(heatmap), "_send", count):
        heatmap.set_state({"head": 5, "shown": ""})
    assert heatmap.pattern["head"] == 5
    return sent


def _bytes(state: dict[str, Any]) -> int:
    """What a widget's whole state takes, its code included."""
    binary = 0

    def measured(value: Any) -> None:
        nonlocal binary
        binary += len(value)

    return len(json.dumps(state, default=measured).encode()) + binary
