"""What was made, and of what: so that it is made again only when that is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """Keeps the last result of each name. Keys are compared, so they hold what a result depends on, not a copy."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, Any]] = {}

    def once(self, name: str, key: Any, make: Callable[[], T]) -> T:
        """What was made for this key, or what `make` makes of it now."""
        if name not in self._known or self._known[name][0] != key:
            self._known[name] = (key, make())
        result: T = self._known[name][1]
        return result

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
