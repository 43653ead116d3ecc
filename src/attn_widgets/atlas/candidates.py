"""Candidates: cells that may be an example of what a head does -> the heaviest of each head, and a fair sample.

Both can be chosen in parts and the parts put together, in any order: what is left is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

# of every kept heaviest so many are sampled
SAMPLED = 10

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Candidates:
    """One a query and head: the key that it attends to most, the first aside. All are arrays of one length.

    Attributes
    ----------
    head : numpy.ndarray
        int32, whatever number a head is known by.
    passage : numpy.ndarray
        int32, the same of a passage.
    query, key : numpy.ndarray
        int16, positions.
    weight : numpy.ndarray
        float32, in [0, 1].
    order : numpy.ndarray
        uint64, a number by chance (see `windows.orders`).
    same : numpy.ndarray
        uint64, equal where the text reads the same (see `windows.Windows`).
    """

    head: NDArray[np.int32]
    passage: NDArray[np.int32]
    query: NDArray[np.int16]
    key: NDArray[np.int16]
    weight: NDArray[np.float32]
    order: NDArray[np.uint64]
    same: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.head)

    def take(self, chosen: NDArray[Any]) -> Candidates:
        """Some of them, by a mask or by number."""
        return Candidates(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @classmethod
    def join(cls, parts: Sequence[Candidates]) -> Candidates:
        """All of several."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    @classmethod
    def none(cls) -> Candidates:
        """None at all."""
        empty: list[Any] = [np.zeros(0, dtype) for dtype in DTYPES.values()]
        return cls(*empty)

    def heaviest(self, keep: int) -> BoolArray:
        """Which are the `keep` heaviest of their head, of those that read the same only the heaviest."""
        return self._best((self.order, -self.weight), keep)

    def drawn(self, keep: int) -> BoolArray:
        """Which have the `keep` smallest orders of their head, of those that read the same only the smallest."""
        return self._best((-self.weight, self.order), keep)

    def _best(self, ranks: tuple[NDArray[Any], NDArray[Any]], keep: int) -> BoolArray:
        # the key decides between runs of one passage that differ; nothing then depends on the order given
        ranked = np.lexsort((self.key, *ranks, self.head))
        head, same = self.head[ranked], self.same[ranked]
        together = np.lexsort((same, head))
        new = np.ones(len(self), dtype=bool)
        new[1:] = (np.diff(head[together]) != 0) | (np.diff(same[together]) != 0)
        first = np.zeros(len(self), dtype=bool)
        first[together[new]] = True
        place = np.cumsum(first)
        starts = np.searchsorted(head, head)
        place -= place[starts] - first[starts]
        chosen = np.zeros(len(self), dtype=bool)
        chosen[ranked[first & (place <= keep)]] = True
        return chosen


DTYPES: dict[str, Any] = {
    "head": np.int32,
    "passage": np.int32,
    "query": np.int16,
    "key": np.int16,
    "weight": np.float32,
    "order": np.uint64,
    "same": np.uint64,
}
