"""A trace -> motif scores of its heads, measured when they are asked for and remembered for all that show the trace."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.motifs.measure import Measurer, Part, together
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.motifs.scores import MotifScores
from attn_widgets.motifs.scoring import scores_of
from attn_widgets.trace import Trace
from attn_widgets.traces import each_part

Head = tuple[int, int]

# cells of all heads that are measured in much less than a tenth of a second, in a second or so
_QUICK, _SOON = 2_500_000, 100_000_000
# a head with more takes more memory than a kernel has to spare
_MOST_CELLS = 70_000_000


class Scored:
    """Motif scores of a trace, with and without its first token, of the heads that were measured so far.

    Parameters
    ----------
    trace : Trace

    Attributes
    ----------
    version : int
        That of `MOTIFS` it was begun with.
    known : numpy.ndarray
        bool `[layer, head]`: which heads were measured. Those of a prompt that is too long to be measured count, with
        NaN.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace, self.version = trace, MOTIFS.version
        self.motifs = tuple(MOTIFS.values())
        self.known: NDArray[np.bool_] = np.zeros((trace.n_layers, trace.n_heads), dtype=bool)
        if trace.n_queries * trace.n_keys > _MOST_CELLS:
            self.known[:] = True
        self._parts: list[tuple[int, slice, Part, Part]] = []
        self._measurers: dict[bool, Measurer] = {}
        self._lock = Lock()

    @property
    def quick(self) -> bool:
        """Whether measuring all heads takes a moment only."""
        return self._cells <= _QUICK

    @property
    def soon(self) -> bool:
        """Whether all heads can be measured while a person looks at the first."""
        return self._cells <= _SOON

    @property
    def _cells(self) -> int:
        return int(np.prod(self.trace.shape, dtype=np.int64))

    def missing(self, heads: Sequence[Head] | None = None) -> list[Head]:
        """Those of some heads, or of all, that are not measured yet."""
        every = np.ndindex(*self.known.shape) if heads is None else heads
        return [(layer, head) for layer, head in every if not self.known[layer, head]]

    def measure(self, heads: Sequence[Head] | None = None) -> None:
        """Measure some heads, or all, if they are not yet."""
        for _ in self.measure_in_steps(heads):
            pass

    def measure_in_steps(self, heads: Sequence[Head] | None = None) -> Generator[float, None, None]:
        """Measure some heads, or all, a few at a time; yields the share done."""
        missing = self.missing(heads)
        if not missing:
            return
        done = 0
        measurers = []
        for exclude_first in (False, True):
            measurers.append(self._measurer(exclude_first))
            # of a long prompt masks take seconds
            yield 0.0
        plain, first_excluded = measurers

        def both(patterns: NDArray[Any]) -> tuple[Part, Part]:
            return plain.part(patterns), first_excluded.part(patterns)

        # all heads of a layer are measured together faster than one by one
        only = None if len(missing) == self.known.size else missing
        for layer, chosen, found in each_part(self.trace, both, only):
            with self._lock:
                # others may have asked for the same meanwhile
                if not self.known[layer, chosen].all():
                    self._parts.append((layer, chosen, *found))
                    self.known[layer, chosen] = True
            done += chosen.stop - chosen.start
            yield done / len(missing)

    def _measurer(self, exclude_first: bool) -> Measurer:
        known = self._measurers.get(exclude_first)
        if known is None:
            known = Measurer(self.trace, self.motifs, exclude_first=exclude_first)
            self._measurers[exclude_first] = known
        return known

    def scores(self, *, exclude_first: bool = False) -> MotifScores:
        """What is known so far; NaN of heads that are not."""
        with self._lock:
            parts = [(layer, heads, found[exclude_first]) for layer, heads, *found in self._parts]
        measured = together(self.motifs, self.trace, parts)
        return scores_of(self.motifs, [measured], self.trace.model_name, exclude_first=exclude_first)


def scored(trace: Trace) -> Scored:
    """What is known of a trace's motifs, the same object for all that ask, until `MOTIFS` changes."""
    found: Scored | None = vars(trace).get("_scored")
    if found is None or found.version != MOTIFS.version:
        found = Scored(trace)
        # on the trace itself, which it refers to: in a dictionary they would keep each other for ever
        vars(trace)["_scored"] = found
    return found
