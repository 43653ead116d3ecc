"""Pictures of a matrix: overviews and tiles are the exact matrix, shown and max-pooled, cell for cell."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import random_patterns

import attn_widgets as aw
from attn_widgets.patterns import first_excluded
from attn_widgets.tiles import SHOWN_AS, SIDE, Coding, block_for, line, matrix_of, overview, overview_in_steps, tile


def random_queries_keys(n=70, n_keys=None, seed=0, heads=2, width=8):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(1, heads, n, width)).astype(np.float32) * 2,
        rng.normal(size=(1, 1, n_keys or n, width)).astype(np.float32),
    )


def words_of(n):
    return [f" w{i}" if i % 3 else f"x{i}" for i in range(n)]


def traces():
    patterns, (queries, keys) = random_patterns(1, 2, 70), random_queries_keys()
    norms = np.random.default_rng(5).uniform(0.5, 3, (1, 2, 70))
    scores = np.where(np.tri(70, dtype=bool), np.random.default_rng(3).normal(size=(1, 2, 70, 70)), -np.inf)
    across = random_queries_keys(50, 70)
    made = aw.Trace.from_queries_keys
    return {
        "patterns": aw.Trace.from_arrays(patterns, words_of(70), scores=scores, value_norms=norms),
        "bidirectional": aw.Trace.from_arrays(random_patterns(1, 2, 70, causal=False), words_of(70)),
        "queries and keys": made(queries, keys, words_of(70), value_norms=norms),
        "sliding window": made(queries, keys, words_of(70), window=[9]),
        "bidirectional window": made(queries, keys, words_of(70), window=[9], causal=False),
        "cross-attention": made(*across, words_of(70), causal=False, query_tokens=words_of(50)),
        "words": made(queries, keys, words_of(70)).words(),
        "words in a window": made(queries, keys, words_of(70), window=[9]).words(),
    }


def shown_exactly(trace, kind, shown_as):
    """The whole matrix as a view shows it."""
    cells = trace.head((0, 1), kind).astype(np.float64)
    if shown_as == "row_max":
        return cells / cells.max(axis=1, keepdims=True)
    if shown_as == "exclude_first" and kind == "pattern":
        return np.nan_to_num(first_excluded(cells))
    if shown_as == "exclude_first":
        rest = cells.copy()
        rest[:, 0] = 0
        mass = rest.sum(axis=1, keepdims=True)
        return np.where(mass >= 1e-3, rest / np.where(mass >= 1e-3, mass, 1), 0)
    return cells


def pooled(cells, block):
    """The largest of each block, one block at a time."""
    n, m = cells.shape
    return np.array(
        [[cells[q : q + block, k : k + block].max() for k in range(0, m, block)] for q in range(0, n, block)]
    )


CASES = [
    (name, kind, shown_as)
    for name, trace in traces().items()
    for kind in trace.kinds
    for shown_as in (SHOWN_AS if kind != "score" else ("linear",))
]


@pytest.mark.parametrize(("name", "kind", "shown_as"), CASES)
def test_overviews_and_tiles_are_the_exact_matrix_max_pooled(name, kind, shown_as, monkeypatch):
    monkeypatch.setattr("attn_widgets.tiles.overviews._STRIP_CELLS", 700)
    monkeypatch.setattr("attn_widgets.tiles.cut._STRIP_CELLS", 300)
    monkeypatch.setattr("attn_widgets.tiles.cut.SIDE", 16)
    trace = traces()[name]
    exact = shown_exactly(trace, kind, shown_as)
    matrix = matrix_of(trace, (0, 1), kind)
    made = overview(matrix, shown_as, block=4)

    def compare(codes, cells):
        values = np.where((codes == 0) & made.coding.masked, -np.inf, made.coding.offset + made.coding.scale * codes)
        # half a code, and float32 of another order of sums
        np.testing.assert_allclose(values, cells, atol=made.coding.scale * 0.51 + 3e-6)

    compare(made.codes, pooled(exact, 4))
    for block in (1, 2):
        wanted = pooled(exact, block)
        for row in range(-(-wanted.shape[0] // 16)):
            for column in range(-(-wanted.shape[1] // 16)):
                got = tile(matrix, made, shown_as, [block, row, column])
                compare(got, wanted[row * 16 : row * 16 + 16, column * 16 : column * 16 + 16])


def test_of_kept_patterns_the_codes_of_tiles_pooled_are_those_of_the_overview():
    matrix = matrix_of(traces()["patterns"], (0, 0))
    made = overview(matrix, "row_max", block=8)
    np.testing.assert_array_equal(pooled(tile(matrix, made, "row_max", [2, 0, 0]), 4), made.codes)


def test_of_differences_the_value_farthest_from_0_is_kept():
    one, two = (
        matrix_of(aw.Trace.from_arrays(random_patterns(1, 1, 30, seed=s), words_of(30)), (0, 0)) for s in (1, 2)
    )
    matrix = one.minus(two)
    cells = np.pad(one.block(slice(0, 30), slice(0, 30)) - two.block(slice(0, 30), slice(0, 30)), ((0, 2), (0, 2)))
    blocks = cells.reshape(8, 4, 8, 4).swapaxes(1, 2).reshape(8, 8, 16)
    farthest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[..., None], axis=2)[..., 0]
    made = overview(matrix, block=4)
    np.testing.assert_allclose(made.coding.offset + made.coding.scale * made.codes, farthest, atol=made.coding.scale)
    upper = tile(matrix, made, "linear", [1, 0, 0])[0, 5]
    assert made.coding.offset + made.coding.scale * upper == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("name", ["patterns", "queries and keys", "sliding window", "cross-attention", "words"])
def test_lines_are_exact_and_say_what_their_rows_are_multiplied_by(name):
    trace = traces()[name]
    matrix, exact = matrix_of(trace, (0, 1)), trace.head((0, 1))
    made = overview(matrix, "row_max", block=4)
    row = line(matrix, made.rows, "query", 20)
    np.testing.assert_allclose(row.coding.scale * row.codes, exact[20], atol=1e-5)
    np.testing.assert_allclose(row.rows, [1 / exact[20].max()], rtol=1e-5)
    column = line(matrix, made.rows, "key", 7)
    np.testing.assert_allclose(column.coding.scale * column.codes, exact[:, 7], atol=1e-5)
    np.testing.assert_allclose(column.rows, 1 / exact.max(axis=1), rtol=1e-5)
    assert line(matrix, overview(matrix, block=4).rows, "key", 7).rows is None


def test_a_line_of_scores_has_no_value_where_a_query_does_not_see():
    trace = traces()["queries and keys"]
    matrix = matrix_of(trace, (0, 0), "score")
    made = overview(matrix, block=4)
    row = line(matrix, made.rows, "query", 20)
    assert row.codes[20] > 0
    assert not row.codes[21:].any()
    assert not line(matrix, made.rows, "key", 20).codes[:20].any()


def test_rows_with_nothing_beside_the_first_token_are_said():
    patterns = random_patterns(1, 1, 40)
    patterns[0, 0, 10:13] = 0
    patterns[0, 0, 10:13, 0] = 1
    made = overview(matrix_of(aw.Trace.from_arrays(patterns, words_of(40)), (0, 0)), "exclude_first", block=2)
    assert made.undefined() == [(0, 1), (10, 13)]
    assert not made.codes[5].any()


def test_the_overview_of_a_head_is_at_most_1024_cells_wide():
    assert [block_for((n, n)) for n in (1200, 1201, 2048, 2049, 8192, 32768)] == [1, 2, 2, 4, 8, 32]
    assert block_for((3000, 100)) == 1


def test_an_overview_says_how_far_it_is_and_can_be_given_up():
    trace = traces()["queries and keys"]
    asked = []
    matrix = matrix_of(trace, (0, 0))
    counted = matrix.__class__(matrix.shape, True, lambda *of: asked.append(of) or matrix.block(*of), matrix.seen)
    shares = list(overview_in_steps(counted, block=1))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    n = len(asked)
    work = overview_in_steps(counted, block=1)
    next(work)
    work.close()
    assert len(asked) <= 2 * n


@pytest.mark.parametrize("place", [[1, 5, 0], [0, 0, 0], [1, -1, 0], [1, 0], "abc", [1.5, 0, 0]])
def test_tiles_that_do_not_exist_are_refused(place):
    matrix = matrix_of(traces()["patterns"], (0, 0))
    with pytest.raises(ValueError, match="tile"):
        tile(matrix, overview(matrix, block=2), "linear", place)


def test_codes_keep_the_zero_of_differences_and_the_blank_of_scores():
    signed = Coding.of(np.array([-0.5, 0.25]), signed=True)
    assert signed.offset + signed.scale * int(signed.codes(np.zeros(1))[0]) == pytest.approx(0, abs=1e-12)
    masked = Coding.of(np.array([-np.inf, -3.0, 2.0]), masked=True)
    assert masked.codes(np.array([-np.inf, -3.0, 2.0])).tolist() == [0, 1, 65535]
    assert SIDE == 256
