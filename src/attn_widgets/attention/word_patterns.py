"""WordPatterns: attention between tokens and the words they make -> attention between words, made when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.attention.attention import Attention
from attn_widgets.words import Words

FloatArray = NDArray[np.floating[Any]]


class WordPatterns:
    """Patterns between words of attention that is not kept as patterns.

    Parameters
    ----------
    tokens : Attention
        Between tokens.
    keys, queries : Words
    """

    kind = "queries_keys"
    has_scores = False

    def __init__(self, tokens: Attention, keys: Words, queries: Words) -> None:
        self._of_tokens, self._keys, self._queries = tokens, keys, queries
        self.causal = tokens.causal

    @property
    def shape(self) -> tuple[int, int, int, int]:
        layers, heads, _, _ = self._of_tokens.shape
        return layers, heads, len(self._queries), len(self._keys)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.float32)

    @property
    def nbytes(self) -> int:
        return self._of_tokens.nbytes

    def of(self, layer: int, heads: slice = slice(None)) -> FloatArray:
        """`[head, query, key]`, float32."""
        chosen = range(self.shape[1])[heads]
        if not len(chosen):
            return np.zeros((0, *self.shape[2:]), dtype=np.float32)
        # a head at a time: between tokens they take more room
        return np.concatenate(
            [self._keys.between(self._of_tokens.of(layer, slice(head, head + 1)), self._queries) for head in chosen]
        )

    def block(self, layer: int, head: int, queries: slice, keys: slice) -> FloatArray:
        """`[query, key]`, float32."""
        asked, asked_sizes = _tokens_of(self._queries, queries)
        looked, _ = _tokens_of(self._keys, keys)
        cells = self._of_tokens.block(layer, head, _span(asked), _span(looked)).astype(np.float32, copy=False)
        if 0 in cells.shape:
            return np.zeros((len(asked_sizes), len(looked) - 1), dtype=np.float32)
        received = np.add.reduceat(cells, looked[:-1] - looked[0], axis=1)
        given: FloatArray = np.add.reduceat(received, asked[:-1] - asked[0], axis=0)
        given /= asked_sizes[:, None]
        return given

    def seen(self, layer: int, queries: slice) -> slice:
        """Words that have a token which any token of these words sees."""
        asked, _ = _tokens_of(self._queries, queries)
        tokens = self._of_tokens.seen(layer, _span(asked))
        first = int(np.searchsorted(self._keys.starts, tokens.start, side="right")) - 1
        return slice(max(first, 0), int(np.searchsorted(self._keys.starts, tokens.stop)))

    def scores(self, layer: int, head: int, queries: slice = slice(None), keys: slice = slice(None)) -> FloatArray:
        """Refuse: a softmax is over tokens."""
        raise ValueError("scores are between tokens; words have patterns only")

    def tensors(self) -> Mapping[str, NDArray[Any]]:
        """Those of the attention between tokens."""
        return self._of_tokens.tensors()


def _tokens_of(words: Words, chosen: slice) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The first token of each word chosen, and the end of the last; and how many tokens each has."""
    start, stop, _ = chosen.indices(len(words))
    edges = np.array([*words.starts, words.n_tokens], dtype=np.int64)[start : max(start, stop) + 1]
    return edges, np.diff(edges).astype(np.float32)


def _span(edges: NDArray[np.int64]) -> slice:
    return slice(int(edges[0]), int(edges[-1])) if len(edges) else slice(0, 0)
