"""Pooling keeps what a person must see; dropping the sink renormalises."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from synthetic import random_patterns

from attn_widgets.patterns import first_excluded, largest_of_blocks, max_pool


@given(n=st.integers(1, 40), side=st.integers(1, 20), seed=st.integers(0, 99))
def test_pooling_keeps_the_maximum_and_every_single_cell(n, side, seed):
    pattern = random_patterns(1, 1, n, seed=seed)[0, 0]
    pooled = max_pool(pattern, side)
    assert pooled.shape == (min(n, side),) * 2
    assert pooled.max() == pattern.max()
    lonely = np.zeros((n, n))
    q, k = np.random.default_rng(seed).integers(0, n, 2)
    lonely[q, k] = 1
    assert max_pool(lonely, side).sum() == 1


def test_a_small_pattern_is_left_as_it_is():
    pattern = random_patterns(1, 1, 5)
    np.testing.assert_array_equal(max_pool(pattern, 32), pattern)


@given(n=st.integers(2, 30), seed=st.integers(0, 99))
def test_without_the_first_key_rows_sum_to_one_again(n, seed):
    patterns = random_patterns(1, 2, n, seed=seed)
    rest = first_excluded(patterns)
    undefined = patterns[..., 1:].sum(-1) < 1e-3
    assert undefined[:, :, 0].all(), "the first query sees nothing but the first key"
    assert np.isnan(rest[undefined]).all()
    np.testing.assert_allclose(rest[~undefined].sum(-1), 1, atol=1e-5)
    assert (rest[~undefined][:, 0] == 0).all()


def test_a_row_that_is_all_sink_says_nothing():
    pattern = np.array([[1, 0, 0], [0.9995, 0.0005, 0], [0.5, 0.25, 0.25]])
    rest = first_excluded(pattern)
    assert np.isnan(rest[:2]).all()
    np.testing.assert_allclose(rest[2], [0, 0.5, 0.5])


def test_the_largest_cell_of_each_block_is_kept_also_at_the_edge():
    cells = np.zeros((2, 7, 5), dtype=np.float32)
    cells[0, 6, 4], cells[1, 2, 0] = 0.5, 0.25
    cells[1, 3:6, 3:] = np.nan
    blocks = largest_of_blocks(cells, 3)
    assert blocks.shape == (2, 3, 2)
    assert blocks[0, 2, 1] == 0.5
    assert blocks[1, 0, 0] == 0.25
    assert np.isnan(blocks[1, 1, 1])
    assert np.nansum(blocks) == 0.75
    assert largest_of_blocks(cells, 1) is cells
