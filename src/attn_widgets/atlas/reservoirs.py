"""Reservoirs: candidates of one passage after the other -> those that are kept, with bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.candidates import SAMPLED, Candidates

BoolArray = NDArray[np.bool_]

# passages are looked at together until they have so many candidates
_MOST_WAITING = 2_000_000


class Reservoirs:
    """The heaviest candidates of each head of a model, and a fair sample of them all.

    Parameters
    ----------
    heads : int
        Of the whole model, layer by layer.
    keep : int
        How many of the heaviest; ten times as many are sampled.
    """

    def __init__(self, heads: int, keep: int) -> None:
        self._heads, self._keep = heads, keep
        self._top = self._sample = Candidates.none()
        self._waiting: list[tuple[NDArray[Any], ...]] = []
        self._n_waiting = 0

    def add(
        self,
        passage: int,
        orders: NDArray[np.uint64],
        queries: NDArray[np.int16],
        keys: NDArray[np.int16],
        weights: NDArray[np.float32],
        same: NDArray[np.uint64],
    ) -> None:
        """Add a passage: what is known of its queries, `[query]`, and of every head at each, `[head, query]`."""
        passages = np.full(len(queries), passage, dtype=np.int32)
        self._waiting.append((passages, orders, queries, keys, weights, same))
        self._n_waiting += weights.size
        if self._n_waiting > _MOST_WAITING:
            self._choose()

    def kept(self) -> tuple[Candidates, BoolArray, BoolArray]:
        """Those kept, by passage, head and query; which are of the heaviest, and which of the sample."""
        self._choose()
        both = Candidates.join([self._sample, self._top])
        number = _number(both, self._heads)
        # those in both come twice, of the sample first
        ranked = np.argsort(number, kind="stable")
        again = np.zeros(len(both) + 1, dtype=bool)
        again[1:-1] = number[ranked][1:] == number[ranked][:-1]
        top, first = ranked >= len(self._sample), ~again[:-1]
        return both.take(ranked[first]), (top | again[1:])[first], ~top[first]

    def _choose(self) -> None:
        if not self._waiting:
            return
        passages, orders, queries = (np.concatenate(one) for one in list(zip(*self._waiting, strict=True))[:3])
        keys, weights, same = (np.concatenate(one, axis=1) for one in list(zip(*self._waiting, strict=True))[3:])
        self._waiting, self._n_waiting = [], 0

        def at(head: NDArray[Any], column: NDArray[Any]) -> Candidates:
            return Candidates(
                head.astype(np.int32),
                passages[column],
                queries[column],
                keys[head, column],
                weights[head, column],
                orders[column],
                same[head, column],
            )

        if weights.shape[1]:
            self._add_to_top(at, weights)
            self._add_to_sample(at, orders, same)

    def _add_to_top(self, at: Any, weights: NDArray[np.float32]) -> None:
        n = weights.shape[1]
        # looked for among somewhat more than are kept: to sort all takes long, and few come again
        most = self._keep
        while True:
            most = min(2 * most, n)
            least = -np.partition(-weights, most - 1, axis=1)[:, most - 1 : most]
            found = at(*np.nonzero(weights >= least))
            found = found.take(found.heaviest(self._keep))
            if most == n or np.bincount(found.head, minlength=self._heads).min() == self._keep:
                break
        if len(self._top):
            found = Candidates.join([self._top, found])
            found = found.take(found.heaviest(self._keep))
        self._top = found

    def _add_to_sample(self, at: Any, orders: NDArray[np.uint64], same: NDArray[np.uint64]) -> None:
        keep, n = SAMPLED * self._keep, len(orders)
        # one order of the columns for all heads
        columns = np.argsort(orders, kind="stable")
        most = keep + keep // 8
        while True:
            most = min(most, n)
            some = columns[:most]
            first = _first_in_row(same[:, some])
            place = np.cumsum(first, axis=1)
            if most == n or place[:, -1].min() >= keep:
                break
            most *= 2
        head, place_in_some = np.nonzero(first & (place <= keep))
        found = at(head, some[place_in_some])
        if len(self._sample):
            found = Candidates.join([self._sample, found])
            found = found.take(found.drawn(keep))
        self._sample = found


def _number(candidates: Candidates, heads: int) -> NDArray[np.int64]:
    """One a candidate, in the order of passage, head and query."""
    row = candidates.passage.astype(np.int64) * heads + candidates.head
    number: NDArray[np.int64] = (row << 16) + candidates.query
    return number


def _first_in_row(numbers: NDArray[np.uint64]) -> BoolArray:
    """Which are not there before in their row."""
    order = np.argsort(numbers, axis=1, kind="stable")
    ranked = np.take_along_axis(numbers, order, axis=1)
    new = np.ones(numbers.shape, dtype=bool)
    new[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    first = np.empty(numbers.shape, dtype=bool)
    np.put_along_axis(first, order, new, axis=1)
    return first
