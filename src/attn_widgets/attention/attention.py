"""Attention: what is asked of whatever a trace holds, so that nobody needs to know which it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


class Attention(Protocol):
    """The patterns of all heads of one prompt, there or made when asked for: `KeptPatterns`, `QueriesKeys`, words."""

    # what it is called in `Trace.holds`
    kind: str
    causal: bool

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of all patterns: `(layer, head, query, key)`."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of what is stored."""
        ...

    @property
    def nbytes(self) -> int:
        """Memory that is held."""
        ...

    @property
    def has_scores(self) -> bool:
        """Whether `scores` works."""
        ...

    def of(self, layer: int, heads: slice = slice(None)) -> FloatArray:
        """Patterns of some heads of a layer, `[head, query, key]`; made anew where they are not kept."""
        ...

    def block(self, layer: int, head: int, queries: slice, keys: slice) -> FloatArray:
        """Cells of one pattern, `[query, key]`; both slices of whole positions, without steps."""
        ...

    def seen(self, layer: int, queries: slice) -> slice:
        """Keys, one after the other, that any of these queries sees; of all others their patterns have nothing."""
        ...

    def scores(self, layer: int, head: int, queries: slice = slice(None), keys: slice = slice(None)) -> FloatArray:
        """Attention scores before the softmax, `[query, key]`, float32; masked cells are -inf."""
        ...

    def tensors(self) -> Mapping[str, NDArray[Any]]:
        """Everything it is made of, by name, for a file."""
        ...


def as_attention(given: Any, *, causal: bool) -> Attention:
    """What a trace is given, checked: an array is taken as patterns.

    Raises
    ------
    ValueError
        If these can be no patterns, or `causal` says otherwise than what is given.
    """
    from attn_widgets.attention.kept_patterns import KeptPatterns

    attention: Attention = given if hasattr(given, "block") else KeptPatterns(given, causal=causal)
    if attention.causal != causal:
        raise ValueError(f"causal is {causal}, but the {attention.kind} given are of causal={attention.causal}")
    return attention
