"""A trace that holds queries and keys offers what one that holds patterns does, and the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

import attn_widgets as aw
from attn_widgets.attention import KeptPatterns

N = 45
TEXT = "one two-three four five one two six four five seven one two three eight nine ten one two"


def _made(causal: bool = True) -> tuple[aw.Trace, aw.Trace]:
    """The same trace twice: with queries and keys, and with their patterns."""
    random = np.random.default_rng(2)
    queries = 2 * random.normal(size=(2, 4, N, 8)).astype(np.float32)
    keys = random.normal(size=(2, 2, N, 8)).astype(np.float32)
    norms = random.uniform(0.5, 2, size=(2, 4, N)).astype(np.float32)
    starts = [2 * i for i in range(N)]
    about = {
        "token_ids": [i % 9 for i in range(N)],
        "model_name": "mine",
        "special": (0,),
        "text": TEXT,
        "spans": [(start, min(start + 2, len(TEXT))) for start in starts],
        "value_norms": norms,
    }
    tokens = [f" t{i % 9}" for i in range(N)]
    long = aw.Trace.from_queries_keys(queries, keys, tokens, causal=causal, **about)
    short = aw.Trace.from_arrays(
        np.stack([long.attention.of(layer) for layer in range(2)]), tokens, causal=causal, **about
    )
    return long, short


@pytest.fixture(scope="module")
def pair():
    return _made()


def test_it_says_what_it_holds(pair):
    long, short = pair
    assert (long.holds, short.holds) == ("queries_keys", "patterns")
    assert "queries and keys" in repr(long)
    assert long.shape == short.shape == (2, 4, N, N)
    assert long.kinds == ("pattern", "score", "value_weighted")
    assert short.kinds == ("pattern", "value_weighted")


def test_heads_rows_blocks_and_all_patterns_agree(pair):
    long, short = pair
    np.testing.assert_array_equal(long.patterns, short.patterns)
    for kind in ("pattern", "value_weighted"):
        whole = short.head("L1H3", kind)
        np.testing.assert_allclose(long.head("L1H3", kind), whole, atol=1e-6)
        for trace in pair:
            np.testing.assert_allclose(trace.rows("L1H3", [0, 7, -1], kind), whole[[0, 7, -1]], atol=1e-6)
            np.testing.assert_allclose(trace.rows((1, 3), -2, kind), whole[-2], atol=1e-6)
            block = trace.block("L1H3", slice(4, 20), slice(None, -30), kind)
            np.testing.assert_allclose(block, whole[4:20, :-30], atol=1e-6)


def test_the_pattern_is_the_softmax_of_the_scores(pair):
    scores = pair[0].head("L0H2", "score")
    assert np.isneginf(scores[3, 4:]).all()
    shares = np.exp(scores)
    np.testing.assert_allclose(shares / shares.sum(axis=1, keepdims=True), pair[0].head("L0H2"), atol=1e-6)


@pytest.mark.parametrize("causal", [True, False])
def test_words_agree(causal):
    long, short = (trace.words() for trace in _made(causal))
    assert (long.unit, long.holds, long.tokens, long.n_keys) == ("word", "queries_keys", short.tokens, short.n_keys)
    np.testing.assert_allclose(long.patterns, short.patterns, atol=1e-6)
    np.testing.assert_allclose(long.rows("L1H0", [3, -1]), short.rows("L1H0", [3, -1]), atol=1e-6)
    np.testing.assert_allclose(long.block("L1H0", slice(2, 9), slice(1, 6)), short.head("L1H0")[2:9, 1:6], atol=1e-6)
    with pytest.raises(ValueError, match="score"):
        long.head("L0H0", "score")


def test_motif_scores_agree(pair):
    for exclude_first in (False, True):
        long, short = (aw.motif_scores(trace, exclude_first) for trace in pair)
        for table in ("score", "lift", "bits"):
            np.testing.assert_allclose(getattr(long, table).array, getattr(short, table).array, atol=1e-5)
        np.testing.assert_allclose(long.on_first, short.on_first, atol=1e-6)
        for name, where in short.found.items():
            np.testing.assert_array_equal(long.found[name], where)


def test_some_heads_alone_are_measured_as_among_all_others(pair):
    whole = aw.motif_scores(pair[1])
    for trace in pair:
        some = aw.motif_scores(trace, heads=["L1H2", (0, 1)])
        for head in ((1, 2), (0, 1)):
            assert list(some.of(head)) == list(whole.of(head))
            np.testing.assert_allclose(list(some.of(head).values()), list(whole.of(head).values()), atol=1e-5)
            np.testing.assert_array_equal(some.found["stripe"][head], whole.found["stripe"][head])
        assert np.isnan(some["previous_token"]).sum() == 6
    with pytest.raises(ValueError, match="heads is L2H0; expected one of L0H0 to L1H3"):
        aw.motif_scores(pair[0], heads=["L2H0"])
    with pytest.raises(TypeError, match=r"heads is 'L0H0'; expected a list of heads"):
        aw.motif_scores(pair[0], heads="L0H0")


@pytest.mark.parametrize("kind", ["profile", "published", "extended"])
def test_features_agree(pair, kind):
    long, short = (aw.head_features(trace, kind).values for trace in pair)
    np.testing.assert_allclose(long, short, rtol=1e-4, atol=1e-5)


def test_heads_come_a_few_at_a_time_and_all_of_them(pair):
    long, short = pair
    of_one = 4 * N * N
    assert [heads for _, heads in long.split(2 * of_one)] == [slice(0, 2), slice(2, 4)] * 2
    assert len(long.split(1)) == 8
    for layer, heads, patterns in long.parts(3 * of_one):
        np.testing.assert_array_equal(patterns, short.patterns[layer, heads])
    assert [heads for _, heads, _ in short.parts(1)] == [slice(0, 4)] * 2


def test_all_patterns_of_a_long_prompt_are_refused_with_advice(pair, monkeypatch):
    monkeypatch.setattr("attn_widgets.attention.held._MOST_BYTES", 1000)
    long = _made()[0]
    with pytest.raises(MemoryError, match=r"8 heads at 45 tokens would take 0\.0 GB.*trace\.head\(.*trace\.parts\(\)"):
        long.patterns  # noqa: B018
    assert long.head("L0H0").shape == (N, N)


def test_a_file_holds_either(pair, tmp_path):
    for trace in pair:
        loaded = aw.Trace.load(trace.save(tmp_path / "trace.safetensors"))
        assert (loaded.holds, loaded.tokens, loaded.special, loaded.text) == (
            trace.holds,
            trace.tokens,
            trace.special,
            trace.text,
        )
        np.testing.assert_array_equal(loaded.patterns, trace.patterns)
        np.testing.assert_array_equal(loaded.value_norms, trace.value_norms)


def test_a_file_of_words_of_queries_and_keys_is_as_small_as_theirs(pair, tmp_path):
    long = pair[0]
    some = [tuple(span) for span in long.words().spans[1:8].tolist()]
    for words in (long.words(), long.words(only=some)):
        path = words.save(tmp_path / "words.safetensors")
        assert path.stat().st_size < 1.1 * long.save(tmp_path / "tokens.safetensors").stat().st_size
        loaded = aw.Trace.load(path)
        assert (loaded.unit, loaded.tokens) == ("word", words.tokens)
        np.testing.assert_array_equal(loaded.patterns, words.patterns)


def test_every_shape_of_the_softmax_survives_a_file(tmp_path):
    random = np.random.default_rng(3)
    one = random.normal(size=(2, 4, 9, 8)).astype(np.float16)
    trace = aw.Trace.from_queries_keys(
        one,
        one[:, :2],
        list("abcdefghi"),
        scale=[0.1, 0.2],
        window=[0, 3],
        softcap=[5, 0],
        sinks=random.normal(size=(2, 4)),
        bias=random.normal(size=(2, 4, 17)),
    )
    loaded = aw.Trace.load(trace.save(tmp_path / "trace.safetensors"))
    assert loaded.attention.dtype == np.float16
    np.testing.assert_array_equal(loaded.patterns, trace.patterns)


def test_the_generated_part_is_remembered_in_words_and_in_files(pair, tmp_path):
    from dataclasses import replace

    for trace in pair:
        marked = replace(trace, generated_from=30)
        assert aw.Trace.load(marked.save(tmp_path / "trace.safetensors")).generated_from == 30
        words = marked.words()
        starts = [i for i, (start, _) in enumerate(words.spans.tolist()) if start >= trace.spans[30][0]]
        assert words.generated_from is not None
        assert words.generated_from == starts[0]
    with pytest.raises(ValueError, match="generated_from is 46; expected a position from 0 to 45"):
        replace(pair[0], generated_from=46)


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        (N, "queries holds 45; this trace has queries 0 to 44"),
        ([0, -N - 1], "queries holds -46"),
        ("last", "queries is 'last'; expected a position"),
        ([0.5], "expected a position"),
    ],
)
def test_rows_that_are_not_there_are_refused(pair, queries, message):
    for trace in pair:
        with pytest.raises(ValueError, match=message):
            trace.rows("L0H0", queries)


def test_one_head_of_thousands_of_tokens_takes_its_own_room_only():
    random = np.random.default_rng(4)
    one = random.normal(size=(1, 8, 3000, 4)).astype(np.float32)
    trace = aw.Trace.from_queries_keys(one, one[:, :1], ["a"] * 3000)
    assert trace.nbytes < 600_000
    np.testing.assert_allclose(trace.rows("L0H7", [2999]).sum(), 1, atol=1e-5)
    assert isinstance(aw.Trace.from_arrays(trace.head("L0H7"), ["a"] * 3000).attention, KeptPatterns)
