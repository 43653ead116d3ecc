"""The wire: two bytes a cell, no upper triangle, and the values come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import random_patterns

import attn_widgets as aw
from attn_widgets.widgets.wire.pattern import atlas_codes, atlas_side, encode_atlas, encode_matrix


def atlas_of(patterns, causal=False, small=False, exclude_first=False):
    trace = aw.Trace.from_arrays(patterns, ["w"] * patterns.shape[-1], causal=False)
    side = atlas_side(patterns.shape[0] * patterns.shape[1], small=small)
    return encode_atlas(atlas_codes(trace, side, exclude_first=exclude_first), causal=causal)


def decode(wire):
    """What js/src/wire.ts does, written again in the plainest way."""
    codes = np.frombuffer(wire["data"], "<u2")
    values = wire["offset"] + wire["scale"] * codes.astype(float)
    if wire["masked"]:
        values[codes == 0] = -np.inf
    if wire["layout"] == "full":
        return values.reshape(wire["shape"])
    n = wire["shape"][0]
    matrix = np.full((n, n), -np.inf if wire["masked"] else 0.0)
    for q in range(n):
        matrix[q, : q + 1] = values[q * (q + 1) // 2 :][: q + 1]
    return matrix


@given(n=st.integers(1, 40), causal=st.booleans(), seed=st.integers(0, 99))
def test_a_pattern_comes_back_within_half_a_code(n, causal, seed):
    pattern = random_patterns(1, 1, n, causal=causal, seed=seed)[0, 0]
    wire = encode_matrix(pattern, causal=causal)
    np.testing.assert_allclose(decode(wire), pattern, atol=wire["scale"] * 0.51 + 1e-7)
    assert wire["scale"] <= 1 / 65535 + 1e-9


def test_scores_come_back_with_their_mask():
    rng = np.random.default_rng(0)
    scores = np.where(np.tri(6, dtype=bool), rng.normal(size=(6, 6)) * 10, -np.inf)
    scores[4, 2] = -np.inf  # a sliding window masks cells below the diagonal too
    wire = encode_matrix(scores, causal=True, masked=True)
    back = decode(wire)
    np.testing.assert_array_equal(np.isinf(back), np.isinf(scores))
    visible = np.isfinite(scores)
    np.testing.assert_allclose(back[visible], scores[visible], atol=wire["scale"])


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.ones((1, 1)), np.full((2, 2), -np.inf)])
def test_matrices_without_a_range_are_fine(matrix):
    back = decode(encode_matrix(matrix, causal=False, masked=bool(np.isinf(matrix).any())))
    np.testing.assert_array_equal(back, matrix)


def test_a_causal_pattern_costs_little_more_than_a_byte_a_cell():
    pattern = random_patterns(1, 1, 128)[0, 0]
    assert len(encode_matrix(pattern, causal=True)["data"]) <= 1.1 * 128 * 128
    assert len(encode_matrix(pattern, causal=False)["data"]) == 2 * 128 * 128


def test_a_rectangular_matrix_keeps_its_shape():
    matrix = np.random.default_rng(0).dirichlet(np.ones(7), 3)
    wire = encode_matrix(matrix, causal=False)
    assert wire["shape"] == [3, 7]
    np.testing.assert_allclose(decode(wire), matrix, atol=1e-5)


def test_the_atlas_holds_every_head_small_and_keeps_stripes():
    patterns = np.zeros((12, 12, 200, 200), np.float32)
    patterns[..., 0] = 1
    patterns[3, 4] = np.eye(200)
    atlas = atlas_of(patterns)
    assert len(atlas["data"]) <= 256_000
    small = np.frombuffer(atlas["data"], np.uint8).reshape(atlas["shape"]) * atlas["factor"]
    np.testing.assert_allclose(np.diagonal(small[3, 4]), 1)
    np.testing.assert_allclose(small[0, 0, :, 0], 1)
    assert small[0, 0, :, 1:].max() == 0


def test_the_atlas_without_the_first_key_shows_what_the_sink_hid():
    patterns = np.zeros((1, 1, 8, 8), np.float32)
    patterns[..., 0] = 0.95
    patterns[0, 0, 1:, 1] = 0.05
    patterns[0, 0, 0, 0] = 1
    atlas = atlas_of(patterns, exclude_first=True)
    small = np.frombuffer(atlas["data"], np.uint8).reshape(atlas["shape"]) * atlas["factor"]
    np.testing.assert_allclose(small[0, 0, 1:, 1], 1)
    assert small[0, 0, :, 0].max() == 0


def test_a_causal_atlas_is_its_lower_triangles_and_a_small_one_takes_half_the_room():
    patterns = random_patterns(12, 12, 64)
    full, causal = atlas_of(patterns), atlas_of(patterns, causal=True)
    assert (full["layout"], causal["layout"]) == ("full", "causal")
    assert causal["shape"] == full["shape"]
    squares = np.frombuffer(full["data"], np.uint8).reshape(full["shape"])
    inside = np.tri(squares.shape[-1], dtype=bool)
    np.testing.assert_array_equal(np.frombuffer(causal["data"], np.uint8), squares[..., inside].ravel())
    assert not squares[..., ~inside].any()
    assert len(atlas_of(patterns, small=True)["data"]) <= 128_000
    few = random_patterns(2, 4, 13)
    assert atlas_of(few, small=True) == atlas_of(few)
