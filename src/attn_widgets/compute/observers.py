"""Observers that fail -> kept apart: all are called, and what one raises is raised again when all is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import traitlets as t


class Observed(t.HasTraits):
    """Traits whose observers are all called, whatever one of them raises."""

    _depth = 0
    _failures: list[Exception] | None = None

    def observe(self, handler: Any, names: Any = t.All, type: Any = "change") -> None:
        """As for all traits; an observer that raises keeps no other from being called."""
        super().observe(_guarded(self, handler), names, type)

    def unobserve(self, handler: Any, names: Any = t.All, type: Any = "change") -> None:
        """As for all traits."""
        super().unobserve(_guarded(self, handler), names, type)

    def notify_change(self, change: Any) -> None:
        """Tell the observers, then raise what one of them raised."""
        with self._quietly():
            super().notify_change(change)
        self._raise_failures()

    def note_failure(self, error: Exception) -> None:
        """Keep what an observer raised until all is done."""
        self._failures = [*(self._failures or []), error]

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Within, what observers raise is kept."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def _raise_failures(self) -> None:
        """Raise the first thing that an observer raised, once nothing is left to do."""
        if self._failures and not self._depth:
            first, *others = self._failures
            self._failures = others
            self._print_failures()
            raise first

    def _print_failures(self) -> None:
        """Print what observers raised where nobody waits for it, as a cell prints what is raised in it."""
        for error in self._failures or []:
            sys.excepthook(type(error), error, error.__traceback__)
        self._failures = None


class _Guarded:
    """An observer whose exceptions go to the object that it observes. Equal to another of the same observer."""

    def __init__(self, owner: Observed, handler: Callable[[Any], Any]) -> None:
        self._owner = owner
        self._handler = handler

    def __call__(self, change: Any) -> None:
        try:
            self._handler(change)
        except Exception as error:
            if sys.version_info >= (3, 11):
                error.add_note(f"raised by an observer of {type(self._owner).__name__}.{change['name']}")
            self._owner.note_failure(error)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Guarded) and self._handler == other._handler

    def __hash__(self) -> int:
        return hash(self._handler)


def _guarded(owner: Observed, handler: Any) -> Any:
    # what a class declares itself is part of it: it may refuse a change by raising
    return handler if handler is None or isinstance(handler, (t.EventHandler, _Guarded)) else _Guarded(owner, handler)
