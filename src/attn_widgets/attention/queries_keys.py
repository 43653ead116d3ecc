"""QueriesKeys: queries and keys of all heads -> any head's scores and pattern, exactly, when they are asked for.

A pattern of n tokens has n * n cells, its queries and keys only 2 * n * d_head numbers: at 8,192 tokens a hundredth.
"""

from __future__ import annotations

from collections.abc import Mapping
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
        # the greatest score and the sum of a row, by head: from them any cell can be had without its row
        self._sums: dict[tuple[int, int], tuple[FloatArray, FloatArray]] = {}

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
            self.write(layer, head, out)
        return patterns

    def write(self, layer: int, head: int, out: FloatArray) -> None:
        """Write one head's pattern, `[query, key]`, into an array of zeros."""
        _, _, n_queries, n_keys = self.shape
        highest = np.empty((n_queries, 1), dtype=np.float32)
        sums = np.empty((n_queries, 1), dtype=np.float32)
        step = max(1, _CELLS // n_keys)
        for start in range(0, n_queries, step):
            rows = slice(start, min(start + step, n_queries))
            seen = self._seen(layer, rows)
            cells = self._masked(layer, head, rows, seen)
            highest[rows] = self._highest(layer, head, cells)
            cells -= highest[rows]
            np.exp(cells, out=cells)
            sums[rows] = cells.sum(axis=1, keepdims=True) + self._of_sink(layer, head, highest[rows])
            np.divide(cells, sums[rows], out=out[rows, seen])
        self._sums[layer, head] = highest, sums

    def block(self, layer: int, head: int, queries: slice, keys: slice) -> FloatArray:
        """Cells of one pattern, `[query, key]`, float32."""
        if (layer, head) not in self._sums:
            if range(self.shape[3])[keys] == range(self.shape[3]):
                return self._whole_rows(layer, head, queries)
            self._sums[layer, head] = self._sums_of(layer, head)
        highest, sums = self._sums[layer, head]
        cells = self._masked(layer, head, queries, keys)
        cells -= highest[queries]
        np.exp(cells, out=cells)
        cells /= sums[queries]
        return cells

    def scores(self, layer: int, head: int, queries: slice = slice(None), keys: slice = slice(None)) -> FloatArray:
        """Attention scores, `[query, key]`, float32, capped and with their bias; masked cells are -inf."""
        return self._masked(layer, head, queries, keys)

    def _whole_rows(self, layer: int, head: int, queries: slice) -> FloatArray:
        cells = self._masked(layer, head, queries, slice(None))
        highest = self._highest(layer, head, cells)
        cells -= highest
        np.exp(cells, out=cells)
        cells /= cells.sum(axis=1, keepdims=True) + self._of_sink(layer, head, highest)
        return cells

    def _sums_of(self, layer: int, head: int) -> tuple[FloatArray, FloatArray]:
        """The greatest score of every row and its sum of exponentials, `[query, 1]` each."""
        _, _, n_queries, n_keys = self.shape
        highest: FloatArray = np.empty((n_queries, 1), dtype=np.float32)
        sums: FloatArray = np.empty((n_queries, 1), dtype=np.float32)
        step = max(1, _CELLS // n_keys)
        for start in range(0, n_queries, step):
            rows = slice(start, min(start + step, n_queries))
            cells = self._masked(layer, head, rows, self._seen(layer, rows))
            highest[rows] = self._highest(layer, head, cells)
            cells -= highest[rows]
            np.exp(cells, out=cells)
            sums[rows] = cells.sum(axis=1, keepdims=True) + self._of_sink(layer, head, highest[rows])
        return highest, sums

    def _highest(self, layer: int, head: int, cells: FloatArray) -> FloatArray:
        highest: FloatArray = cells.max(axis=1, keepdims=True)
        return highest if self.sinks is None else np.maximum(highest, self.sinks[layer, head])

    def _of_sink(self, layer: int, head: int, highest: FloatArray) -> FloatArray | float:
        if self.sinks is None:
            return 0.0
        share: FloatArray = np.exp(self.sinks[layer, head] - highest)
        return share

    def _seen(self, layer: int, rows: slice) -> slice:
        """Keys that any of these queries sees: others need no arithmetic."""
        window = 0 if self.window is None else int(self.window[layer])
        start = max(0, rows.start - window + 1) if window else 0
        stop = self.shape[3]
        if self.causal:
            stop = min(stop, rows.stop)
        elif window:
            stop = min(stop, rows.stop + window - 1)
        return slice(start, stop)

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
