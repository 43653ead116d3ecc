"""Reservoirs: candidates of one passage after the other -> those that are kept, with bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.candidates import SAMPLED, Candidates

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
        self._kept = Candidates.none()
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

    def kept(self) -> tuple[Candidates, NDArray[np.bool_], NDArray[np.bool_]]:
        """Those kept, by passage, head and query; which are of the heaviest, and which of the sample."""
        self._choose()
        kept = self._kept
        kept = kept.take(np.lexsort((kept.query, kept.head, kept.passage)))
        return kept, kept.heaviest(self._keep), kept.drawn(SAMPLED * self._keep)

    def _choose(self) -> None:
        if not self._waiting:
            return
        passages, orders, queries = (np.concatenate(one) for one in list(zip(*self._waiting, strict=True))[:3])
        keys, weights, same = (np.concatenate(one, axis=1) for one in list(zip(*self._waiting, strict=True))[3:])
        self._waiting, self._n_waiting = [], 0

        def at(cells: NDArray[np.bool_]) -> Candidates:
            head, column = np.nonzero(cells)
            return Candidates(
                head.astype(np.int32),
                passages[column],
                queries[column],
                keys[cells],
                weights[cells],
                orders[column],
                same[cells],
            )

        def heavy(most: int) -> NDArray[np.bool_]:
            least = -np.partition(-weights, most - 1, axis=1)[:, most - 1 : most]
            cells: NDArray[np.bool_] = weights >= least
            return cells

        def early(most: int) -> NDArray[np.bool_]:
            last = np.partition(orders, most - 1)[most - 1]
            return np.broadcast_to(orders <= last, weights.shape)

        n = weights.shape[1]
        if n == 0:
            return
        top = self._enough(lambda most: at(heavy(most)), Candidates.heaviest, n, self._keep)
        sample = self._enough(lambda most: at(early(most)), Candidates.drawn, n, SAMPLED * self._keep)
        found = Candidates.join([self._kept, top, sample])
        # those in both come twice
        found = found.take(found.heaviest(self._keep) | found.drawn(SAMPLED * self._keep))
        self._kept = found

    def _enough(
        self,
        some: Callable[[int], Candidates],
        choose: Callable[[Candidates, int], NDArray[np.bool_]],
        n: int,
        keep: int,
    ) -> Candidates:
        """The best `keep` of each head, looked for among some: to sort all takes long, and few come again."""
        most = keep + keep // 4
        while True:
            most = min(most, n)
            found = some(most)
            found = found.take(choose(found, keep))
            if most == n or np.bincount(found.head, minlength=self._heads).min() == keep:
                return found
            most *= 2
