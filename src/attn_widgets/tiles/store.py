"""Store: what was made of matrices, as long as there is room; what was used last stays longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any


class Store:
    """Things with `nbytes` by name, within a budget.

    Parameters
    ----------
    most_bytes : int
        What all of them may take together. Something larger is not kept at all.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()
        self.nbytes = 0

    def __contains__(self, name: Hashable) -> bool:
        return name in self._kept

    def get(self, name: Hashable) -> Any:
        """What has this name, or None."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def put(self, name: Hashable, thing: Any) -> None:
        """Keep something, and let go of what was used longest ago."""
        with self._lock:
            before = self._kept.pop(name, None)
            if before is not None:
                self.nbytes -= before.nbytes
            if thing.nbytes > self.most_bytes:
                return
            self._kept[name] = thing
            self.nbytes += thing.nbytes
            while self.nbytes > self.most_bytes:
                _, oldest = self._kept.popitem(last=False)
                self.nbytes -= oldest.nbytes


# one for all widgets: several may show the same
STORE = Store(128_000_000)
