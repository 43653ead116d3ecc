"""A trace -> about how much of its attention rests on the first token, and the scale that shows the rest."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from attn_widgets.tiles import block_for
from attn_widgets.trace import Trace

# what is looked at: a long prompt's patterns are not there before they are asked for
_MOST_HEADS, _MOST_ROWS = 16, 3
# from here on the other scales show a column and little else
_MOST = 0.5
_known: WeakKeyDictionary[Trace, float] = WeakKeyDictionary()


def first_share(trace: Trace) -> float:
    """Mean weight of the first key, over some heads and some rows of the later half, in [0, 1].

    The first rows see few other keys. Heads and rows are spread evenly: 16 heads of the model, three rows of each.
    Measured once a trace; 0 where a prompt is too long to be shown whole, and a row takes its time.
    """
    if trace not in _known:
        _known[trace] = _measured(trace)
    return _known[trace]


def _measured(trace: Trace) -> float:
    layers, heads, queries, keys = trace.shape
    if queries < 2 or keys < 2 or block_for((queries, keys)) > 1:
        return 0.0
    all_heads = layers * heads
    some = np.unique(np.linspace(0, all_heads - 1, min(_MOST_HEADS, all_heads)).astype(int))
    rows = np.unique(np.linspace(max(1, queries // 2), queries - 1, _MOST_ROWS).astype(int))
    found = [
        float(trace.attention.block(at // heads, at % heads, slice(row, row + 1), slice(0, 1))[0, 0])
        for at in some.tolist()
        for row in rows.tolist()
    ]
    return float(np.nan_to_num(np.mean(found)))


def with_scale(traits: dict[str, Any], trace: Trace) -> dict[str, Any]:
    """Traits that a widget is made with, and a scale if none was chosen: the one that shows something.

    Of a long prompt an overview keeps the largest of each block, which shows beside any sink: it stays linear.
    """
    chosen = "scale" in traits or traits.get("kind", "pattern") != "pattern"
    if chosen or first_share(trace) <= _MOST:
        return traits
    return {"scale": "exclude_first", **traits}
