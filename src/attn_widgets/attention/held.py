"""HeldAttention: the heads of a trace, whichever it holds: one of them, some rows or cells, a few at a time, or all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.attention.attention import Attention
from attn_widgets.attention.kept_patterns import KeptPatterns
from attn_widgets.names import check_head

FloatArray = NDArray[np.floating[Any]]

# the most that `patterns` makes of queries and keys
_MOST_BYTES = 2**30
# patterns that are worked on at a time, where they are made of queries and keys
_PART_BYTES = 64 * 2**20


class HeldAttention:
    """Base of `Trace`: what it can be asked about its heads.

    Attributes
    ----------
    attention : Attention
    scores : numpy.ndarray or None
        `[layer, head, query, key]`, where they are kept.
    value_norms : numpy.ndarray or None
        `[layer, head, key]`.
    unit : str
        What a position is.
    """

    attention: Attention
    scores: FloatArray | None
    value_norms: FloatArray | None
    unit: str

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of all patterns: `(layer, head, query, key)`."""
        return self.attention.shape

    @property
    def n_layers(self) -> int:
        return self.shape[0]

    @property
    def n_heads(self) -> int:
        return self.shape[1]

    @property
    def n_queries(self) -> int:
        return self.shape[2]

    @property
    def n_keys(self) -> int:
        return self.shape[3]

    @property
    def holds(self) -> str:
        """`"patterns"`, or `"queries_keys"`, of which patterns are made when they are asked for."""
        return self.attention.kind

    @property
    def nbytes(self) -> int:
        """Memory that the trace holds, in bytes."""
        own = (self.scores, self.value_norms)
        return self.attention.nbytes + sum(int(array.nbytes) for array in own if array is not None)

    @cached_property
    def patterns(self) -> FloatArray:
        """Patterns of all heads, `[layer, head, query, key]`: attention after the softmax.

        float32, or float16 where they are held so. Each row (one query) sums to 1; to less in models with a learned
        sink. Where queries and keys are held, all patterns are made and kept the first time; `head`, `rows` and
        `parts` need much less.

        Raises
        ------
        MemoryError
            If that would take more than 1 GB.
        """
        if isinstance(self.attention, KeptPatterns):
            return self.attention.patterns
        size = 4 * int(np.prod(self.shape, dtype=np.int64))
        if size > _MOST_BYTES:
            raise MemoryError(
                f"patterns of all {self.n_layers * self.n_heads} heads at {self.n_keys} {self.unit}s would take "
                f'{size / 1e9:.1f} GB. Take one head, trace.head("L0H0"), some of its rows, trace.rows("L0H0", [-1]), '
                "or a few heads at a time, trace.parts()"
            )
        patterns = np.stack([self.attention.of(layer) for layer in range(self.n_layers)])
        patterns.setflags(write=False)
        return patterns

    def parts(self, most_bytes: int = _PART_BYTES) -> Iterator[tuple[int, slice, FloatArray]]:
        """All patterns, a few heads of a layer at a time.

        Parameters
        ----------
        most_bytes : int
            The most memory that patterns made of queries and keys take at a time; one head is always made. Patterns
            that are held come a layer at a time.

        Yields
        ------
        int, slice, numpy.ndarray
            Layer, heads, and their patterns `[head, query, key]`.
        """
        for layer, heads in self.split(most_bytes):
            yield layer, heads, self.attention.of(layer, heads)

    def split(self, most_bytes: int = _PART_BYTES) -> list[tuple[int, slice]]:
        """The layers and heads of `parts`, without their patterns."""
        step = self.n_heads
        if self.holds != "patterns":
            step = max(1, min(step, most_bytes // (4 * self.n_queries * self.n_keys)))
        starts = range(0, self.n_heads, step)
        return [
            (layer, slice(start, min(start + step, self.n_heads))) for layer in range(self.n_layers) for start in starts
        ]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be shown: `"pattern"`, and `"score"` or `"value_weighted"` where they were kept."""
        kinds = ["pattern"]
        if self.scores is not None or self.attention.has_scores:
            kinds.append("score")
        if self.value_norms is not None:
            kinds.append("value_weighted")
        return tuple(kinds)

    def head(self, head: str | tuple[int, int], kind: str = "pattern") -> FloatArray:
        """One head's matrix.

        Parameters
        ----------
        head : str or (int, int)
            `"L5H1"` or `(layer, head)`.
        kind : {"pattern", "score", "value_weighted"}
            The pattern; the attention score before the softmax (masked cells are -inf); or the pattern
            times the norm of each key's value vector, which shows how much a key can move rather than
            how much it is looked at (Elhage et al. 2021, "A Mathematical Framework for Transformer
            Circuits"; Kobayashi et al. 2020, "Attention is Not Only a Weight").

        Returns
        -------
        numpy.ndarray
            `[query, key]`.

        Raises
        ------
        ValueError
            If there is no such head, or `kind` was not kept in this trace.
        """
        layer, index = check_head(head, self.n_layers, self.n_heads)
        self._check_kind(kind)
        if kind == "score":
            return self.attention.scores(layer, index) if self.scores is None else self.scores[layer, index]
        pattern = self.attention.of(layer, slice(index, index + 1))[0]
        return self._weighted(pattern, (layer, index), slice(None)) if kind == "value_weighted" else pattern

    def rows(self, head: str | tuple[int, int], queries: Any, kind: str = "pattern") -> FloatArray:
        """Some rows of one head's matrix, without the others being made.

        Parameters
        ----------
        head : str or (int, int)
            `"L5H1"` or `(layer, head)`.
        queries : int, or sequence of int
            Query positions; negative ones count from the end.
        kind : {"pattern", "score", "value_weighted"}
            As for `head`.

        Returns
        -------
        numpy.ndarray
            `[len(queries), key]`; `[key]` for one int.

        Raises
        ------
        ValueError
            If there is no such head or position, or `kind` was not kept in this trace.
        """
        one = isinstance(queries, (int, np.integer))
        wanted = np.arange(self.n_queries)[queries] if isinstance(queries, slice) else np.atleast_1d(queries)
        if wanted.ndim != 1 or (wanted.size and wanted.dtype.kind not in "iu"):
            raise ValueError(f"queries is {queries!r}; expected a position, or a list of them")
        outside = [int(q) for q in wanted if not -self.n_queries <= q < self.n_queries]
        if outside:
            raise ValueError(f"queries holds {outside[0]}; this trace has queries 0 to {self.n_queries - 1}")
        places = (int(q) % self.n_queries for q in wanted)
        rows = [self.block(head, slice(q, q + 1), slice(None), kind) for q in places]
        found: FloatArray = np.concatenate(rows) if rows else np.zeros((0, self.n_keys), dtype=np.float32)
        return found[0] if one else found

    def block(self, head: str | tuple[int, int], queries: slice, keys: slice, kind: str = "pattern") -> FloatArray:
        """Cells of one head's matrix, `[query, key]`, as `head` has them, without the others being made."""
        layer, index = check_head(head, self.n_layers, self.n_heads)
        self._check_kind(kind)
        queries, keys = (slice(*part.indices(n)[:2]) for part, n in ((queries, self.n_queries), (keys, self.n_keys)))
        if kind == "score":
            if self.scores is None:
                return self.attention.scores(layer, index, queries, keys)
            return self.scores[layer, index, queries, keys]
        cells = self.attention.block(layer, index, queries, keys)
        return self._weighted(cells, (layer, index), keys) if kind == "value_weighted" else cells

    def _check_kind(self, kind: str) -> None:
        if kind in self.kinds:
            return
        if kind in ("score", "value_weighted"):
            option = "scores=True" if kind == "score" else "value_norms=True"
            raise ValueError(f"kind is {kind!r}, which this trace did not keep; capture with {option}")
        raise ValueError(f'kind is {kind!r}; expected "pattern", "score" or "value_weighted"')

    def _weighted(self, cells: FloatArray, head: tuple[int, int], keys: slice) -> FloatArray:
        assert self.value_norms is not None
        norms = self.value_norms[head]
        weighted: FloatArray = cells.astype(np.float32) * norms[keys].astype(np.float32)
        return weighted
