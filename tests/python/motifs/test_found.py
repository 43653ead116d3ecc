"""Bars and stripes are found where they were put, in each head for itself, and not in noise."""

from __future__ import annotations

import numpy as np
import pytest
from motif_patterns import on, trace_of, uniform

import attn_widgets as aw
from attn_widgets.motifs.found import diagonal_sums

N = 64


def columns(*keys) -> np.ndarray:
    mask = np.zeros((N, N))
    mask[:, keys] = 1
    return mask


def test_bars_are_the_columns_that_were_put_there():
    bars = 0.6 * on(np.tril(columns(5, 20)), uniform(N)) + 0.4 * uniform(N)
    heads = np.stack([bars, uniform(N), np.eye(N), on(np.tril(columns(0)), uniform(N))])
    scores = aw.motif_scores(trace_of(heads))
    assert np.flatnonzero(scores.found["vertical_bars"][0, 0]).tolist() == [5, 20]
    assert not scores.found["vertical_bars"][0, 1:].any(), "uniform, current token and sink have no bars"
    rows = np.arange(5, N)
    chance = (np.where(rows >= 20, 2, 1) / (rows + 1)).mean()
    score = 0.6 + 0.4 * chance
    assert scores["vertical_bars"][0].tolist() == pytest.approx([score, 0, 0, 0], abs=1e-5)
    assert scores.lift["vertical_bars"][0, 0] == pytest.approx(score / chance, rel=1e-4)


def test_a_key_that_one_query_stares_at_is_no_bar():
    pattern = uniform(N)
    pattern[40] = np.eye(N)[10]
    assert aw.motif_scores(trace_of(pattern)).found["vertical_bars"].sum() == 0


def test_there_are_at_most_eight_bars():
    keys = np.arange(3, 33, 3)
    pattern = on(np.tril(columns(*keys)), uniform(N))
    assert 1 <= aw.motif_scores(trace_of(pattern)).found["vertical_bars"].sum() <= 8


@pytest.mark.parametrize("offset", [2, 7, 40])
@pytest.mark.parametrize("causal", [True, False])
def test_a_stripe_is_at_the_offset_where_it_was_put(offset, causal):
    flat = uniform(N, causal)
    stripe = 0.5 * on(np.eye(N, k=-offset), flat) + 0.5 * flat
    previous = on(np.eye(N, k=-1), flat)
    scores = aw.motif_scores(trace_of(np.stack([flat, stripe, previous]), causal=causal))
    assert scores.found["stripe"].tolist() == [[0, offset, 0]]
    chance = np.diagonal(flat, -offset).mean()
    assert scores["stripe"][0].tolist() == pytest.approx([0, 0.5 + 0.5 * chance, 0], abs=1e-5)
    assert scores.lift["stripe"][0, 1] == pytest.approx((0.5 + 0.5 * chance) / chance, rel=1e-4)


def test_a_stripe_behind_a_sink_is_measured_without_it():
    stripe = on(np.eye(N, k=-7), uniform(N))
    stripe[7] = uniform(N)[7]
    sunk = 0.2 * stripe + 0.8 * np.eye(1, N)
    scores = aw.motif_scores(trace_of(sunk), exclude_first=True)
    assert scores.found["stripe"].tolist() == [[7]]
    assert scores["stripe"][0, 0] == pytest.approx(1)
    # row 7 has its key of the stripe taken out, so it does not count; row q has q keys left
    assert scores.lift["stripe"][0, 0] == pytest.approx(1 / np.mean(1 / np.arange(8, N)), rel=1e-5)


def test_a_band_is_no_stripe():
    band = on(np.tri(N) - np.tri(N, k=-6), uniform(N))
    decaying = np.tril(0.5 ** (np.arange(N)[:, None] - np.arange(N)).clip(0))
    heads = np.stack([band, decaying / decaying.sum(1, keepdims=True)])
    assert aw.motif_scores(trace_of(heads)).found["stripe"].tolist() == [[0, 0]]


def test_a_stripe_that_looks_ahead_is_not_one_that_looks_back():
    ahead = on(np.eye(N, k=9), uniform(N, causal=False))
    assert aw.motif_scores(trace_of(ahead, causal=False)).found["stripe"].tolist() == [[0]]


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("causal", [True, False])
def test_noise_has_neither(sharpness, causal):
    rng = np.random.default_rng(0)
    for n in (10, 24, 64):
        scores = rng.normal(size=(1, 100, n, n)) * sharpness
        scores[:, :, ~np.tri(n, dtype=bool)] = -np.inf if causal else 0
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        trace = aw.Trace.from_arrays(weights / weights.sum(-1, keepdims=True), ["w"] * n, causal=causal)
        found = aw.motif_scores(trace, motifs=["vertical_bars", "stripe"])
        assert np.count_nonzero(found.found["stripe"]) <= 1, (n, "of 100 heads of noise")
        assert np.count_nonzero(found.found["vertical_bars"].any(-1)) <= 1, (n, "of 100 heads of noise")


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("n", [1, 2, 5, 13])
def test_sums_along_diagonals_are_traces_of_the_matrix(n, causal):
    cells = np.random.default_rng(n).random((3, n, n), dtype=np.float32)
    cells = np.tril(cells) if causal else cells
    expected = [[np.trace(head, -offset) for offset in range(n)] for head in cells]
    np.testing.assert_allclose(diagonal_sums(cells, causal), expected, rtol=1e-5)
