"""QueriesKeys: queries and keys of all heads -> any head's scores and pattern, exactly, when they are asked for.

A pattern of n tokens has n * n cells, its queries and keys only 2 * n * d_head numbers: at 8,192 tokens a hundredth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.attention.checks import checked_queries_keys

FloatArray = NDArray[np.floating[Any]]

# cells that are worked on at a time: rows of a pattern whose numbers stay in the processor's cache
_CELLS = 400_000


class QueriesKeys:
    """What enters the softmax of every head: `softmax(cap(scale * q . k) + bias)` over the keys that a query sees.

    Parameters
    ----------
    queries : numpy.ndarray
        `[layer, head, query, d_head]`, float32 or float16, after rotary embedding and norms of queries and keys where
        the model has them; not yet multiplied by `scale`. Not copied.
    keys : numpy.ndarray
        `[layer, kv_head, key, d_head]`, likewise. One KV head serves `n_heads / n_kv_heads` heads that follow each
        other (grouped-query attention).
    scale : float or array
        What products are multiplied by: one number, or `[layer]`.
    causal : bool
        Whether a query sees only keys at or before its own position.
    window : array of int, optional
        `[layer]`: how many positions back a query sees, itself counted (sliding window); 0 for all. In bidirectional
        models as many ahead.
    bias : numpy.ndarray, optional
        `[layer, head, n_queries + n_keys - 1]`, added to the scores by offset, `query - key + n_keys - 1`: ALiBi (Press
        et al. 2022), relative biases.
    softcap : array of float, optional
        `[layer]`: scores become `cap * tanh(score / cap)` (Gemma 2); 0 for none.
    sinks : numpy.ndarray, optional
        `[layer, head]`: a learned score of no key, which takes its share of the softmax, so that rows sum to less than
        1 (gpt-oss).

    Raises
    ------
    ValueError
        If shapes do not fit together or numbers are not finite.
    """

    kind = "queries_keys"
    has_scores = True

    def __init__(
        self,
        queries: FloatArray,
        keys: FloatArray,
        scale: Any,
        causal: bool = True,
        window: Any = None,
        bias: FloatArray | None = None,
        softcap: Any = None,
        sinks: FloatArray | None = None,
    ) -> None:
        self._tensors = checked_queries_keys(
            queries, keys, causal, scale=scale, window=window, bias=bias, softcap=softcap, sinks=sinks
        )
        self.queries, self.keys, self.scale = (self._tensors[name] for name in ("queries", "keys", "scale"))
        self.window, self.bias, self.softcap, self.sinks = (
            self._tensors.get(name) for name in ("window", "bias", "softcap", "sinks")
        )
        self.causal = causal
        self._sums: dict[tuple[int, int], _Sums] = {}

    @property
    def shape(self) -> tuple[int, int, int, int]:
        layers, heads, queries, _ = self.queries.shape
        return layers, heads, queries, self.keys.shape[2]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.queries.dtype

    @property
    def nbytes(self) -> int:
        return sum(int(array.nbytes) for array in self._tensors.values())

    def tensors(self) -> Mapping[str, NDArray[Any]]:
        """All arrays that are there, by the names of the parameters."""
        return self._tensors

    def of(self, layer: int, heads: slice = slice(None)) -> FloatArray:
        """Patterns of some heads of a layer, `[head, query, key]`, float32."""
        _, n_heads, n_queries, n_keys = self.shape
        chosen = range(n_heads)[heads]
        patterns: FloatArray = np.zeros((len(chosen), n_queries, n_keys), dtype=np.float32)
        for out, head in zip(patterns, chosen, strict=True):
            for rows in _strips(slice(0, n_queries), n_keys):
                seen = self.seen(layer, rows)
                out[rows, seen] = self._whole_rows(layer, head, rows, seen)
        return patterns

    def block(self, layer: int, head: int, queries: slice, keys: slice) -> FloatArray:
        """Cells of one pattern, `[query, key]`, float32.

        What a row's cells are divided by is kept, so that they need not be made again for others of the row.
        """
        _, _, n_queries, n_keys = self.shape
        queries, keys = slice(*queries.indices(n_queries)[:2]), slice(*keys.indices(n_keys)[:2])
        sums = self._sums_of(layer, head)
        if not sums.known[queries].all():
            seen = self.seen(layer, queries)
            if keys.start <= seen.start and seen.stop <= keys.stop:
                return self._whole_rows(layer, head, queries, keys)
            for rows in _strips(queries, n_keys):
                if not sums.known[rows].all():
                    self._whole_rows(layer, head, rows, self.seen(layer, rows))
        cells = self._masked(layer, head, queries, keys)
        cells -= sums.highest[queries]
        np.exp(cells, out=cells)
        cells /= sums.sums[queries]
        return cells

    def seen(self, layer: int, queries: slice) -> slice:
        """Keys that any of these queries sees: others need no arithmetic."""
        _, _, n_queries, n_keys = self.shape
        first, last, _ = queries.indices(n_queries)
        window = 0 if self.window is None else int(self.window[layer])
        start = max(0, first - window + 1) if window else 0
        stop = n_keys
        if self.causal:
            stop = min(stop, last)
        elif window:
            stop = min(stop, last + window - 1)
        return slice(start, stop)

    def scores(self, layer: int, head: int, queries: slice = slice(None), keys: slice = slice(None)) -> FloatArray:
        """Attention scores, `[query, key]`, float32, capped and with their bias; masked cells are -inf."""
        return self._masked(layer, head, queries, keys)

    def _sums_of(self, layer: int, head: int) -> _Sums:
        known = self._sums.get((layer, head))
        # two threads may both begin: both get the same
        return known or self._sums.setdefault((layer, head), _Sums.unknown(self.shape[2]))

    def _whole_rows(self, layer: int, head: int, queries: slice, keys: slice) -> FloatArray:
        """Rows with all keys that they see; their sums are kept."""
        cells = self._masked(layer, head, queries, keys)
        highest = self._highest(layer, head, cells)
        cells -= highest
        np.exp(cells, out=cells)
        sums = cells.sum(axis=1, keepdims=True) + self._of_sink(layer, head, highest)
        self._sums_of(layer, head).keep(queries, highest, sums)
        cells /= sums
        return cells

    def _highest(self, layer: int, head: int, cells: FloatArray) -> FloatArray:
        highest: FloatArray = cells.max(axis=1, keepdims=True)
        return highest if self.sinks is None else np.maximum(highest, self.sinks[layer, head])

    def _of_sink(self, layer: int, head: int, highest: FloatArray) -> FloatArray | float:
        if self.sinks is None:
            return 0.0
        share: FloatArray = np.exp(self.sinks[layer, head] - highest)
        return share

    def _masked(self, layer: int, head: int, queries: slice, keys: slice) -> FloatArray:
        _, n_heads, n_queries, n_keys = self.shape
        group = n_heads // self.keys.shape[1]
        asked = self.queries[layer, head, queries].astype(np.float32)
        asked *= self.scale[layer]
        cells: FloatArray = asked @ self.keys[layer, head // group, keys].astype(np.float32, copy=False).T
        cap = 0.0 if self.softcap is None else float(self.softcap[layer])
        if cap:
            cells /= cap
            np.tanh(cells, out=cells)
            cells *= cap
        places, looked = np.arange(n_queries)[queries], np.arange(n_keys)[keys]
        if self.bias is not None:
            back = places[:, None] - looked
            cells += self.bias[layer, head][back + (n_keys - 1)]
        window = 0 if self.window is None else int(self.window[layer])
        if window or (self.causal and len(places) and len(looked) and looked[-1] > places[0]):
            back = places[:, None] - looked
            hidden = back < 0 if self.causal else back <= -window
            if window:
                hidden |= back >= window
            cells[hidden] = -np.inf
        return cells


@dataclass(frozen=True, eq=False)
class _Sums:
    """The greatest score of every row and its sum of exponentials, `[query, 1]` each: with them any cell can be had."""

    highest: FloatArray
    sums: FloatArray
    known: NDArray[np.bool_]

    @classmethod
    def unknown(cls, n: int) -> _Sums:
        return cls(np.empty((n, 1), np.float32), np.empty((n, 1), np.float32), np.zeros(n, bool))

    def keep(self, rows: slice, highest: FloatArray, sums: FloatArray) -> None:
        self.highest[rows] = highest
        self.sums[rows] = sums
        # last: another thread may read
        self.known[rows] = True


def _strips(queries: slice, n_keys: int) -> list[slice]:
    """These queries, as many at a time as stay in the processor's cache."""
    step = max(1, _CELLS // n_keys)
    starts = range(queries.start, queries.stop, step)
    return [slice(start, min(start + step, queries.stop)) for start in starts]
