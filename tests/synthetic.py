"""Made-up patterns with the properties of real ones."""

from __future__ import annotations

from typing import Any

import numpy as np


def random_patterns(layers: int = 2, heads: int = 3, n: int = 5, *, causal: bool = True, seed: int = 0) -> Any:
    """Random row-stochastic patterns [layer, head, query, key]."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(layers, heads, n, n)) * 2
    if causal:
        scores = np.where(np.tri(n, dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)
