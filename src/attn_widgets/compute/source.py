"""Source: what a widget asks of whatever it shows; and a trace of one's own as such a source. No torch here."""

from __future__ import annotations

from typing import Any, Protocol

from attn_widgets.trace import Trace

# what can be shown of a head -> what must be kept for it beside the patterns
NEEDS = {"pattern": None, "score": "scores", "value_weighted": "value_norms"}


class Source(Protocol):
    """Something with a trace, which may change: `AttentionRun`, `FrozenRun`, or anything that offers the same.

    `trace`, `text`, `busy`, `progress` and `error` are traits or properties; those that change are observable.
    """

    @property
    def trace(self) -> Trace:
        """What is on show now."""
        ...

    @property
    def text(self) -> str:
        """The prompt as it can be edited."""
        ...

    @property
    def editable(self) -> bool:
        """Whether `edit` works."""
        ...

    @property
    def busy(self) -> bool:
        """Whether a new trace is on its way."""
        ...

    @property
    def progress(self) -> float:
        """Share of that work done, 0 to 1."""
        ...

    @property
    def error(self) -> str:
        """Why the last change was refused; "" when it was not."""
        ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be shown, if need be after another run."""
        ...

    def edit(self, text: str) -> None:
        """Take another prompt; `trace` follows."""
        ...

    def keep(self, kind: str) -> None:
        """Have `trace` keep what a kind needs."""
        ...

    def observe(self, handler: Any, names: Any) -> None:
        """Call the handler with a change after any of these changed."""
        ...

    def unobserve(self, handler: Any, names: Any) -> None:
        """Call it no more."""
        ...


class FixedTrace:
    """A trace that stays as it is, as a source."""

    editable = False
    busy = False
    progress = 1.0
    error = ""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    @property
    def text(self) -> str:
        """The trace's own."""
        return self.trace.text

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the trace kept."""
        return self.trace.kinds

    def edit(self, text: str) -> None:
        """Refuse: there is no model here."""
        raise ValueError("prompt cannot be changed: the widget shows a fixed trace. Show an AttentionRun instead")

    def keep(self, kind: str) -> None:
        """Refuse what was not kept at capture."""
        if kind not in self.kinds:
            raise ValueError(
                f"kind is {kind!r}, which this trace did not keep; capture it with {NEEDS[kind]}=True, or show "
                "an AttentionRun, which runs again when asked"
            )

    def observe(self, handler: Any, names: Any) -> None:
        """Nothing ever changes."""

    def unobserve(self, handler: Any, names: Any) -> None:
        """Nothing ever changes."""


def as_source(source: Any) -> Source:
    """What a widget was given, as a source.

    Raises
    ------
    TypeError
        If it is none.
    """
    if isinstance(source, Trace):
        return FixedTrace(source)
    # by name, without asking for values: a property of a source may compute
    wanted = [name for name in dir(Source) if not name.startswith("_")]
    if isinstance(source, type) or not all(name in dir(source) for name in wanted):
        raise TypeError(f"source is a {type(source).__name__}; expected an AttentionRun, a FrozenRun or a Trace")
    found: Source = source
    return found
