"""Patterns whose motif is known because they were made to have it."""

from __future__ import annotations

from typing import Any

import numpy as np

import attn_widgets as aw

SENTENCES = "the cat sat on a mat . then the cat sat on a hat , and the dog sat on the cat"
WORDS = ["<bos>", *SENTENCES.split()]


def uniform(n: int, causal: bool = True) -> Any:
    """[query, key]."""
    return np.tri(n) / np.arange(1, n + 1)[:, None] if causal else np.full((n, n), 1 / n)


def on(mask: Any, rest: Any) -> Any:
    """All mass evenly on the mask; rows that have no cell of it as in `rest`."""
    mask = np.asarray(mask, dtype=float)
    total = mask.sum(axis=1, keepdims=True)
    return np.where(total > 0, mask / np.where(total > 0, total, 1), rest)


def trace_of(patterns: Any, words: list[str] | None = None, **about: Any) -> aw.Trace:
    """A trace of one layer: patterns [query, key] or [head, query, key]."""
    patterns = np.asarray(patterns)
    patterns = patterns[None] if patterns.ndim == 2 else patterns
    words = [f"w{i}" for i in range(patterns.shape[-1])] if words is None else words
    return aw.Trace.from_arrays(patterns, words, **about)
