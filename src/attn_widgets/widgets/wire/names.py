"""A trace -> what it is called on the wire, the same for every widget."""

from __future__ import annotations

from itertools import count
from weakref import WeakKeyDictionary

from attn_widgets.trace import Trace

_numbers = count(1)
_trace_ids: WeakKeyDictionary[Trace, str] = WeakKeyDictionary()


def trace_name(trace: Trace) -> str:
    """What a trace is called: no other ever has that name."""
    return _trace_ids.setdefault(trace, str(next(_numbers)))
