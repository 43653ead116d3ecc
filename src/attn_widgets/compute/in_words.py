"""A trace -> the same between words, made once for all that show it."""

from __future__ import annotations

from collections.abc import Sequence

from attn_widgets.trace import Trace
from attn_widgets.words import Span

_Made = dict[tuple[Span, ...] | None, Trace]


def in_words(trace: Trace, only: Sequence[Span] | None = None) -> Trace:
    """Return `trace.words(only)`, from memory where it is there: all words, and the last choice of some."""
    if trace.unit == "word" and only is None:
        # itself: to remember it would keep it for ever
        return trace
    # on the trace itself, which they refer to: in a dictionary they would keep each other for ever
    made: _Made = vars(trace).setdefault("_in_words", {})
    key = None if only is None else tuple(only)
    if key not in made:
        for other in [other for other in made if (other is None) == (key is None)]:
            del made[other]
        made[key] = trace.words(only)
    return made[key]
