"""Made-up long prompts, and the exact picture of a pattern that is too large to be sent whole."""

from __future__ import annotations

import numpy as np

import attn_widgets as aw

# the least that is sent as an overview, and a little more
N = 1300


def long_trace(n=N, layers=1, heads=3, seed=0, **more):
    """Random queries and keys, in which words recur."""
    rng = np.random.default_rng(seed)
    queries = rng.normal(size=(layers, heads, n, 8)).astype(np.float32) * 2
    keys = rng.normal(size=(layers, 1, n, 8)).astype(np.float32)
    return aw.Trace.from_queries_keys(queries, keys, [f" word{i % 400}" for i in range(n)], **more)


def values(about, codes):
    """What the codes of a tile or a line mean."""
    return about["offset"] + about["scale"] * np.frombuffer(codes, "<u2").reshape(about.get("shape", -1))


def pooled(cells, block):
    """The largest of each block of a square."""
    n = -(-len(cells) // block) * block
    padded = np.zeros((n, n))
    padded[: len(cells), : len(cells)] = cells
    return padded.reshape(n // block, block, n // block, block).max(axis=(1, 3))
