"""Matrix: one head's cells, made where they are asked for, with what a picture of them must know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.trace import Trace

FloatArray = NDArray[np.floating[Any]]

# kinds whose cells lie between 0 and the row's sum, so that it makes sense to divide by that
_ATTENTION = ("pattern", "value_weighted")


@dataclass(frozen=True, eq=False)
class Matrix:
    """One head's matrix, `[query, key]`.

    Attributes
    ----------
    shape : (int, int)
        Queries, keys.
    causal : bool
        Whether a query has cells only up to its own position.
    block : callable
        `block(queries, keys)` gives the cells of two slices, `[query, key]`.
    seen : callable
        `seen(queries)` gives the slice of keys outside of which these queries have nothing.
    masked : bool
        Whether cells that are not finite mean "no value", as in scores.
    signed : bool
        Whether values lie on both sides of 0, as in differences.
    attention : bool
        Whether a row is of one sum that is shared out, so that it can be renormalised.
    """

    shape: tuple[int, int]
    causal: bool
    block: Callable[[slice, slice], FloatArray]
    seen: Callable[[slice], slice]
    masked: bool = False
    signed: bool = False
    attention: bool = True

    @property
    def visible(self) -> int:
        """How many cells there are to work on."""
        n_queries, n_keys = self.shape
        return n_queries * (n_queries + 1) // 2 if self.causal else n_queries * n_keys

    def rows(self, queries: slice) -> tuple[int, FloatArray]:
        """The first key that these queries see, and their cells from there to the last."""
        seen = self.seen(queries)
        return seen.start, self.block(queries, seen)

    def minus(self, other: Matrix) -> Matrix:
        """The difference of two matrices of one shape."""

        def seen(queries: slice) -> slice:
            one, two = self.seen(queries), other.seen(queries)
            return slice(min(one.start, two.start), max(one.stop, two.stop))

        return Matrix(
            self.shape,
            self.causal and other.causal,
            lambda queries, keys: self.block(queries, keys) - other.block(queries, keys),
            seen,
            signed=True,
            attention=False,
        )


def matrix_of(trace: Trace, head: tuple[int, int], kind: str = "pattern") -> Matrix:
    """One head's matrix of a trace.

    Parameters
    ----------
    trace : Trace
    head : (int, int)
        Layer and head.
    kind : {"pattern", "score", "value_weighted"}
        As for `Trace.head`.
    """
    return Matrix(
        (trace.n_queries, trace.n_keys),
        trace.causal,
        lambda queries, keys: trace.block(head, queries, keys, kind),
        lambda queries: trace.attention.seen(head[0], queries),
        masked=kind == "score",
        attention=kind in _ATTENTION,
    )
