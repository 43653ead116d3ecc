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
        if name not in self._known or not _same(self._known[name][0], key):
            self._known[name] = (key, make())
        result: T = self._known[name][1]
        return result

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()


def _same(one: Any, other: Any) -> bool:
    """Whether two keys are equal; what has no single truth when compared, such as a table, is only equal to itself."""
    if one is other:
        return True
    if isinstance(one, (tuple, list)) and type(one) is type(other):
        return len(one) == len(other) and all(map(_same, one, other))
    try:
        return bool(one == other)
    except (ValueError, TypeError, RuntimeError):
        return False
