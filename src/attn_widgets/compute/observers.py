"""Observers that fail -> kept apart: all are called, and what one raises is its owner's to report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol

from traitlets import EventHandler


class Owner(Protocol):
    """What hears of failing observers."""

    def note_failure(self, error: Exception) -> None:
        """Keep what an observer raised."""
        ...


class Guarded:
    """An observer whose exceptions go to the object that it observes. Equal to another of the same observer."""

    def __init__(self, owner: Owner, handler: Callable[[Any], Any]) -> None:
        self._owner = owner
        self._handler = handler

    @classmethod
    def of(cls, owner: Owner, handler: Any) -> Any:
        """The observer guarded; what a class declares itself, or nothing, stays as it is."""
        return handler if handler is None or isinstance(handler, (EventHandler, Guarded)) else cls(owner, handler)

    def __call__(self, change: Any) -> None:
        try:
            self._handler(change)
        except Exception as error:
            if sys.version_info >= (3, 11):
                error.add_note(f"raised by an observer of {type(self._owner).__name__}.{change['name']}")
            self._owner.note_failure(error)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Guarded) and self._handler == other._handler

    def __hash__(self) -> int:
        return hash(self._handler)


def report(failures: list[Exception]) -> None:
    """Print what observers raised while nobody was waiting, and forget it."""
    while failures:
        error = failures.pop(0)
        sys.excepthook(type(error), error, error.__traceback__)
