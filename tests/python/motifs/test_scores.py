"""Scores and lifts: known answers for every motif, and what must hold for any pattern."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motif_patterns import WORDS, on, trace_of, uniform
from synthetic import random_patterns

import attn_widgets as aw
from attn_widgets.motifs import MOTIFS, Prompt

N = len(WORDS)
MASKED = [name for name, motif in MOTIFS.items() if motif.detector is None]


def words_trace(pattern, **about) -> aw.Trace:
    return trace_of(pattern, WORDS, special=[0], **about)


def one(trace, name, **options):
    """Score and lift of the only head."""
    scores = aw.motif_scores(trace, **options)
    return float(scores[name][0, 0]), float(scores.lift[name][0, 0])


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize("causal", [True, False])
def test_a_pure_motif_scores_one_and_a_uniform_pattern_has_lift_one(name, causal):
    flat = uniform(N, causal)
    mask, rows = MOTIFS[name].cells(Prompt.of(words_trace(flat, causal=causal)))
    chance = (flat * mask).sum(axis=1)[rows].mean()
    assert one(words_trace(on(mask, flat), causal=causal), name) == pytest.approx((1, 1 / chance), rel=1e-5)
    assert one(words_trace(flat, causal=causal), name) == pytest.approx((chance, 1), rel=1e-5)
    mixed = 0.3 * on(mask, flat) + 0.7 * flat
    score = 0.3 + 0.7 * chance
    assert one(words_trace(mixed, causal=causal), name) == pytest.approx((score, score / chance), rel=1e-5)


@pytest.mark.parametrize("name", MASKED)
def test_a_pattern_that_avoids_a_motif_scores_zero(name):
    mask, rows = MOTIFS[name].cells(Prompt.of(words_trace(uniform(N))))
    away = on(np.tri(N, dtype=bool) & ~mask, uniform(N))
    free = (np.tri(N, dtype=bool) & ~mask).any(axis=1)
    assert free[rows].all()
    assert one(words_trace(away), name) == (0, 0)


@pytest.mark.parametrize("causal", [True, False])
def test_diffuse_is_the_evenness_of_rows(causal):
    assert one(words_trace(uniform(N, causal), causal=causal), "diffuse") == pytest.approx((1, 1), abs=1e-5)
    assert one(words_trace(np.eye(N), causal=causal), "diffuse") == pytest.approx((0, 0), abs=1e-6)
    # half of all keys, evenly: log(n / 2) / log(n) of the possible entropy
    half = np.zeros((16, 16))
    half[:, :8] = 1 / 8
    assert one(trace_of(half, causal=False), "diffuse")[0] == pytest.approx(3 / 4, abs=1e-5)


def test_two_tokens_repeated_are_measured_where_they_repeat():
    # tokens a b a b: only row 2 has a copy and row 2 can look at what came after it
    pattern = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0.1, 0.7, 0.2, 0], [0, 0.4, 0.5, 0.1]])
    scores = aw.motif_scores(trace_of(pattern, ["a", "b", "a", "b"]))
    assert scores["duplicate_token"][0, 0] == pytest.approx((0.1 + 0.4) / 2)
    assert scores["induction"][0, 0] == pytest.approx((0.7 + 0.5) / 2)
    assert scores.lift["induction"][0, 0] == pytest.approx(0.6 / ((1 / 3 + 1 / 4) / 2))


def test_what_a_prompt_cannot_show_is_nan():
    scores = aw.motif_scores(trace_of(uniform(5), list("abcde")))
    for name in ("duplicate_token", "induction", "recent_band", "delimiter"):
        assert np.isnan(scores[name]).all()
        assert np.isnan(scores.lift[name]).all()
    with pytest.warns(UserWarning, match="induction cannot be measured"):
        assert scores.top("induction") == []
    lonely = aw.motif_scores(trace_of(np.ones((1, 1))))
    assert all(np.isnan(lonely[name]).all() for name in lonely.names)
    assert lonely.dominant().tolist() == [["none"]]


def test_the_band_is_as_wide_as_asked():
    pattern = on(np.tri(N, k=-2) - np.tri(N, k=-3), uniform(N))  # k = q - 2
    assert one(words_trace(pattern), "recent_band", band=3)[0] == pytest.approx(1)
    assert one(words_trace(pattern), "recent_band", band=2)[0] == pytest.approx(0)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 24), seed=st.integers(0, 999), causal=st.booleans(), exclude_first=st.booleans())
def test_scores_are_between_zero_and_one_or_not_measurable(n, seed, causal, exclude_first):
    rng = np.random.default_rng(seed)
    words = rng.choice(["a", "b", ".", "\n"], n).tolist()
    trace = aw.Trace.from_arrays(random_patterns(2, 3, n, causal=causal, seed=seed), words, causal=causal)
    scores = aw.motif_scores(trace, exclude_first)
    for name in scores.names:
        score, lift = scores[name], scores.lift[name]
        assert score.shape == (2, 3)
        assert (np.isnan(score) | ((score >= 0) & (score <= 1))).all()
        np.testing.assert_array_equal(np.isnan(score), np.isnan(lift))
        assert (np.isnan(lift) | (lift >= 0)).all()


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 20), seed=st.integers(0, 999))
def test_renaming_tokens_changes_nothing(n, seed):
    rng = np.random.default_rng(seed)
    patterns = random_patterns(1, 2, n, seed=seed)
    ids = rng.integers(0, 5, n)
    renamed = rng.permutation(5)[ids]
    first, second = (
        aw.motif_scores(aw.Trace.from_arrays(patterns, ["w"] * n, token_ids=these)) for these in (ids, renamed)
    )
    np.testing.assert_array_equal(first.score.array, second.score.array)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 20), seed=st.integers(0, 999))
def test_motifs_of_position_do_not_depend_on_the_tokens(n, seed):
    rng = np.random.default_rng(seed)
    patterns = random_patterns(1, 2, n, seed=seed)
    positional = ["first_token", "current_token", "previous_token", "recent_band", "vertical_bars", "stripe", "diffuse"]
    first, second = (
        aw.motif_scores(aw.Trace.from_arrays(patterns, rng.choice(["a", "b", "."], n).tolist()), motifs=positional)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.score.array, second.score.array)


def test_without_the_first_token_the_rest_is_renormalised():
    sunk = 0.9 * np.eye(1, N) + 0.1 * on(np.eye(N, k=-1), uniform(N))
    sunk[0] = np.eye(1, N)
    score, lift = one(words_trace(sunk), "previous_token", exclude_first=True)
    # row 1's previous token is the one taken out; from row 2 on there are q keys to choose from
    assert score == pytest.approx(1)
    assert lift == pytest.approx(1 / np.mean(1 / np.arange(2, N)), rel=1e-5)
    assert one(words_trace(sunk), "previous_token")[0] == pytest.approx((1 + 0.1 * (N - 2)) / (N - 1))
    assert np.isnan(one(words_trace(sunk), "first_token", exclude_first=True)).all()


def test_rows_that_are_all_sink_are_left_out_head_by_head():
    sink = np.tile(np.eye(1, N), (N, 1))
    half = sink.copy()
    half[N // 2 :] = np.eye(N, k=-1)[N // 2 :]
    scores = aw.motif_scores(words_trace(np.stack([sink, half])), exclude_first=True)
    assert np.isnan(scores["previous_token"][0, 0])
    assert scores["previous_token"][0, 1] == pytest.approx(1)
    assert scores.lift["previous_token"][0, 1] == pytest.approx(1 / np.mean(1 / np.arange(N // 2, N)), rel=1e-5)
    assert all(np.isnan(scores[name][0, 0]) or scores[name][0, 0] == 0 for name in scores.names)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(3, 20), seed=st.integers(0, 99), causal=st.booleans())
def test_without_the_first_token_is_measuring_a_pattern_that_never_had_it(n, seed, causal):
    rest = random_patterns(1, 2, n, causal=causal, seed=seed).astype(np.float64)
    rest[..., 0] = 0
    rest[..., 0, 0] += causal  # a causal first row has nothing else
    rest /= rest.sum(-1, keepdims=True)
    sunk = 0.5 * rest
    sunk[..., 0] += 0.5
    names = ["current_token", "previous_token", "diffuse", "stripe", "vertical_bars"]
    first, second = (
        aw.motif_scores(aw.Trace.from_arrays(p, ["w"] * n, causal=causal), True, motifs=names) for p in (rest, sunk)
    )
    np.testing.assert_allclose(first.score.array, second.score.array, atol=1e-5)
    np.testing.assert_allclose(first.lift.array, second.lift.array, atol=1e-4)


def test_sixteen_bit_traces_are_measured_like_others(toy_trace):
    from dataclasses import replace

    small = replace(toy_trace, attention=toy_trace.patterns.astype(np.float16))
    np.testing.assert_allclose(
        aw.motif_scores(small).score.array, aw.motif_scores(toy_trace).score.array, atol=2e-3, equal_nan=True
    )


def test_cross_attention_measures_only_what_means_something():
    rng = np.random.default_rng(0)
    pattern = rng.dirichlet(np.ones(6), size=4)
    trace = aw.Trace.from_arrays(pattern, list("ab.de!"), query_tokens=list("wxyz"))
    scores = aw.motif_scores(trace)
    measurable = {name for name in scores.names if np.isfinite(scores[name]).all()}
    assert measurable == {"first_token", "delimiter", "diffuse"}
    assert scores["first_token"][0, 0] == pytest.approx(pattern[:, 0].mean())
    assert scores.lift["delimiter"][0, 0] == pytest.approx(pattern[:, [2, 5]].sum(1).mean() / (2 / 6), rel=1e-5)
    # as many queries as keys does not make it one text
    square = aw.Trace.from_arrays(
        pattern[:, :4] / pattern[:, :4].sum(1, keepdims=True), list("abcd"), query_tokens=list("wxyz"), causal=False
    )
    assert np.isnan(aw.motif_scores(square)["previous_token"]).all()
