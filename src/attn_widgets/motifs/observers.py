"""Callbacks -> called one after another; a method does not keep its object alive, and one failure stops no other."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import MethodType
from weakref import WeakMethod

Callback = Callable[[], object]


class Observers:
    """Functions to be called when something changed."""

    def __init__(self) -> None:
        # each as a function that gives the callback, or None when its object is gone
        self._kept: list[Callable[[], Callback | None]] = []

    def __len__(self) -> int:
        return len(self._alive())

    def add(self, callback: Callback) -> None:
        """Call it from now on; methods are held weakly."""
        self._kept.append(WeakMethod(callback) if isinstance(callback, MethodType) else lambda: callback)

    def discard(self, callback: Callback) -> None:
        """Call it no more, if it was called at all."""
        self._kept = [kept for kept in self._kept if kept() not in (None, callback)]

    def call(self) -> None:
        """Call all; what one raises is reported as what is raised in a cell is, and the others are called."""
        for callback in self._alive():
            try:
                callback()
            except Exception as error:
                sys.excepthook(type(error), error, error.__traceback__)

    def _alive(self) -> list[Callback]:
        self._kept = [kept for kept in self._kept if kept() is not None]
        return [callback for kept in self._kept if (callback := kept()) is not None]
