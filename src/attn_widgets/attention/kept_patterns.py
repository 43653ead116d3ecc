"""KeptPatterns: patterns that are all there, `[layer, head, query, key]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets import arrays

FloatArray = NDArray[np.floating[Any]]


class KeptPatterns:
    """Patterns as an array.

    Parameters
    ----------
    patterns : numpy.ndarray
        `[layer, head, query, key]`, float; each row sums to 1. Not copied; a read-only view is kept.
    causal : bool

    Raises
    ------
    ValueError
        If these can be no attention patterns.
    """

    kind = "patterns"
    has_scores = False

    def __init__(self, patterns: FloatArray, *, causal: bool) -> None:
        arrays.check_patterns(patterns, causal=causal)
        # a view: the caller's own array stays as writable as it is
        self.patterns = patterns.view()
        self.patterns.setflags(write=False)
        self.causal = causal

    @property
    def shape(self) -> tuple[int, int, int, int]:
        layers, heads, queries, keys = self.patterns.shape
        return layers, heads, queries, keys

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.patterns.dtype

    @property
    def nbytes(self) -> int:
        return int(self.patterns.nbytes)

    def of(self, layer: int, heads: slice = slice(None)) -> FloatArray:
        """`[head, query, key]`, a view."""
        return self.patterns[layer, heads]

    def block(self, layer: int, head: int, queries: slice, keys: slice) -> FloatArray:
        """`[query, key]`, a view."""
        return self.patterns[layer, head, queries, keys]

    def seen(self, layer: int, queries: slice) -> slice:
        """Up to the last of the queries where the patterns are causal."""
        _, _, n_queries, n_keys = self.shape
        return slice(0, queries.indices(n_queries)[1] if self.causal else n_keys)

    def scores(self, layer: int, head: int, queries: slice = slice(None), keys: slice = slice(None)) -> FloatArray:
        """Refuse: a pattern does not tell its scores."""
        raise ValueError("scores cannot be had from patterns alone; capture with scores=True")

    def tensors(self) -> Mapping[str, NDArray[Any]]:
        """The array, by its name."""
        return {"patterns": self.patterns}
