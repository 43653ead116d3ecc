"""Queries and keys: every pattern, row and cell that they are made into is the one of the formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from attn_widgets.attention import QueriesKeys

LAYERS, HEADS, KV_HEADS, N, WIDTH = 2, 4, 2, 50, 8
RANDOM = np.random.default_rng(0)
QUERIES = RANDOM.normal(size=(LAYERS, HEADS, N, WIDTH)).astype(np.float32)
KEYS = RANDOM.normal(size=(LAYERS, KV_HEADS, N, WIDTH)).astype(np.float32)
SCALE = WIDTH**-0.5
SHAPES: dict[str, dict[str, Any]] = {
    "causal": {},
    "bidirectional": {"causal": False},
    "window": {"window": [0, 7]},
    "window both ways": {"causal": False, "window": [5, 9]},
    "soft cap": {"softcap": [0, 0.5]},
    "sinks": {"sinks": RANDOM.normal(size=(LAYERS, HEADS))},
    "bias": {"bias": RANDOM.normal(size=(LAYERS, HEADS, 2 * N - 1))},
    "all": {
        "window": [9, 0],
        "softcap": [2, 1],
        "sinks": RANDOM.normal(size=(LAYERS, HEADS)),
        "bias": RANDOM.normal(size=(LAYERS, HEADS, 2 * N - 1)),
    },
}


def formula(layer: int, head: int, **shaping: Any) -> tuple[np.ndarray, np.ndarray]:
    """Scores and pattern in float64, written down as the definition reads."""
    scores = QUERIES[layer, head].astype(float) @ KEYS[layer, head // (HEADS // KV_HEADS)].astype(float).T * SCALE
    cap = shaping.get("softcap", [0, 0])[layer]
    if cap:
        scores = cap * np.tanh(scores / cap)
    for query in range(N):
        for key in range(N):
            back, window = query - key, shaping.get("window", [0, 0])[layer]
            if "bias" in shaping:
                scores[query, key] += shaping["bias"][layer, head, back + N - 1]
            if (shaping.get("causal", True) and back < 0) or (window and abs(back) >= window):
                scores[query, key] = -np.inf
    shares = np.exp(scores)
    total = shares.sum(axis=1, keepdims=True)
    if "sinks" in shaping:
        total = total + np.exp(shaping["sinks"][layer, head])
    return scores, shares / total


@pytest.mark.parametrize("name", SHAPES)
def test_patterns_rows_cells_and_scores_are_those_of_the_formula(name):
    shaping = SHAPES[name]
    known, fresh = (QueriesKeys(QUERIES, KEYS, SCALE, **shaping) for _ in range(2))
    for layer in range(LAYERS):
        patterns = known.of(layer)
        for head in range(HEADS):
            scores, pattern = formula(layer, head, **shaping)
            np.testing.assert_allclose(patterns[head], pattern, atol=1e-6)
            np.testing.assert_allclose(known.scores(layer, head), scores, atol=1e-5)
            for attention in (known, fresh):
                # whole rows first: those of a head that nothing is known of
                rows = attention.block(layer, head, slice(3, 9), slice(0, N))
                cells = attention.block(layer, head, slice(3, 31), slice(2, 40))
                np.testing.assert_allclose(rows, pattern[3:9], atol=1e-6)
                np.testing.assert_allclose(cells, pattern[3:31, 2:40], atol=1e-6)


def test_rows_of_a_head_with_a_sink_sum_to_less_than_one():
    patterns = QueriesKeys(QUERIES, KEYS, SCALE, sinks=np.full((LAYERS, HEADS), 2.0)).of(0)
    assert patterns.sum(axis=-1).max() < 1


def test_many_rows_are_worked_on_in_blocks_and_stay_the_same(monkeypatch):
    whole = QueriesKeys(QUERIES, KEYS, SCALE, window=[6, 0])
    monkeypatch.setattr("attn_widgets.attention.queries_keys._CELLS", 7 * N)
    parts = QueriesKeys(QUERIES, KEYS, SCALE, window=[6, 0])
    for layer in range(LAYERS):
        np.testing.assert_allclose(parts.of(layer), whole.of(layer), atol=1e-7)
        np.testing.assert_allclose(
            QueriesKeys(QUERIES, KEYS, SCALE, window=[6, 0]).block(layer, 1, slice(10, 20), slice(5, 20)),
            whole.of(layer)[1, 10:20, 5:20],
            atol=1e-7,
        )


def test_float16_is_kept_as_it_is_and_patterns_are_float32():
    half = QueriesKeys(QUERIES.astype(np.float16), KEYS.astype(np.float16), SCALE)
    assert half.nbytes < 0.51 * QueriesKeys(QUERIES, KEYS, SCALE).nbytes
    pattern = half.of(0, slice(1, 2))
    assert pattern.dtype == np.float32
    np.testing.assert_allclose(pattern[0], formula(0, 1)[1], atol=2e-3)


def test_grouped_keys_are_held_once():
    attention = QueriesKeys(QUERIES, KEYS, SCALE)
    assert attention.nbytes == QUERIES.nbytes + KEYS.nbytes + 4 * LAYERS


def test_a_window_or_a_cap_of_none_is_not_kept():
    assert set(QueriesKeys(QUERIES, KEYS, SCALE, window=[0, 0], softcap=[0, 0]).tensors()) == {
        "queries",
        "keys",
        "scale",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"queries": QUERIES[0]}, r"queries has shape \(4, 50, 8\); expected \[layer, head, query, d_head\]"),
        ({"keys": KEYS[:, :, :, :4]}, r"keys has shape .* and as wide \(8\)"),
        ({"keys": np.repeat(KEYS, 2, axis=1)[:, :3]}, "a number of KV heads that divides 4"),
        ({"keys": KEYS[:, :, :40]}, "causal is True, but there are 50 queries and 40 keys.*Pass causal=False"),
        ({"queries": QUERIES.astype(int)}, "queries has dtype int64; expected floating-point"),
        (
            {"queries": np.where(QUERIES > 2, np.nan, QUERIES)},
            "queries has numbers that are not finite, first in layer 0",
        ),
        ({"scale": [1.0, 2.0, 3.0]}, r"scale has shape \(3,\); expected \[layer\] = \(2,\)"),
        ({"window": 5}, r"window has shape \(\); expected \[layer\]"),
        ({"window": [-1, 0]}, "window holds -1; expected 0, for none, or more"),
        ({"sinks": [1.0, 2.0]}, r"sinks has shape \(2,\); expected \[layer, head\] = \(2, 4\)"),
        ({"bias": np.zeros((2, 4, 50))}, r"bias has shape \(2, 4, 50\).* = \(2, 4, 99\)"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change, message):
    given = {"queries": QUERIES, "keys": KEYS, "scale": SCALE, **change}
    with pytest.raises(ValueError, match=message):
        QueriesKeys(**given)


def test_arrays_are_read_only_and_the_callers_stay_writable():
    mine = QUERIES.copy()
    attention = QueriesKeys(mine, KEYS, SCALE)
    with pytest.raises(ValueError, match="read-only"):
        attention.queries[0, 0, 0, 0] = 1
    mine[0, 0, 0, 0] = 1
