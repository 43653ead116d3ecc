"""`measure_patterns`: the numbers are those of captured traces, whatever else is in the block."""

from __future__ import annotations

import gc
import json
import tracemalloc
import weakref

import numpy as np
import pyarrow as pa
import pytest
import torch
from many_models import tiny
from tiny_tokenizer import VOCABULARY, tokenizer
from transformers import GPT2Config, GPT2LMHeadModel

import attn_widgets as aw
from attn_widgets.atlas.corpus import Passage
from attn_widgets.atlas.measuring import measure_patterns
from attn_widgets.atlas.numbers import numbers_of
from attn_widgets.atlas.settings import Settings

SETTINGS = Settings(tokens=24, keep_examples=4)
TEXTS = (
    "The cat sat on the mat. The cat sat on the mat. The cat sat on the mat. The cat sat on the mat.",
    "Tom has a red apple and a green one, and Mary has a blue one.",
)


def passages(*texts):
    return [Passage(text, f"kind {i}") for i, text in enumerate(texts)]


def of_words(model):
    """Passages for the tiny models, whose words are w0 to w99: one that repeats and one that does not."""
    return passages(" ".join(f"w{3 + i % 9}" for i in range(40)), " ".join(f"w{3 + 7 * i % 90}" for i in range(20)))


def traces_of(model, block, tokens=24):
    return [aw.capture(model, model.encode(passage.text)[:tokens]) for passage in block]


def grid(table, name, trace, passage=0):
    """A column as `[layer, head]` of one passage, NaN where null."""
    size = trace.n_layers * trace.n_heads
    column = table[name].to_numpy(zero_copy_only=False).astype(np.float32)
    return column[passage * size : (passage + 1) * size].reshape(trace.n_layers, trace.n_heads)


@pytest.fixture(scope="module")
def table(toy):
    block = passages(*TEXTS)
    return measure_patterns(toy, block, SETTINGS, {block[0].id})


MODELS = ("gpt2", "gemma3", "bert", "gpt_oss", "bloom")


@pytest.mark.parametrize("name", ["toy", *MODELS])
def test_scores_are_those_of_captured_traces(name, toy):
    model = toy if name == "toy" else tiny(name)
    block = passages(*TEXTS) if name == "toy" else of_words(model)
    measured = measure_patterns(model, block, SETTINGS)
    for passage, trace in enumerate(traces_of(model, block)):
        without, with_first = aw.motif_scores(trace, exclude_first=True), aw.motif_scores(trace)
        for motif in aw.MOTIFS:
            scores = with_first if motif == "first_token" else without
            assert np.array_equal(grid(measured, motif, trace, passage), scores[motif], equal_nan=True)
            bits = grid(measured, f"{motif}_bits", trace, passage)
            assert np.array_equal(bits, scores.bits[motif], equal_nan=True)
        assert np.array_equal(grid(measured, "on_first", trace, passage), with_first.on_first)
        assert np.array_equal(grid(measured, "prefix_matching", trace, passage), with_first["induction"], True)


def test_scores_of_smollm2_are_those_of_captured_traces(smollm2):
    text = "When Mary and John went to the store, Mary gave a book to John. When Mary and John"
    measured = measure_patterns(smollm2, passages(text), SETTINGS)
    trace = aw.capture(smollm2, smollm2.encode(text)[:24])
    scores = aw.motif_scores(trace, exclude_first=True)
    for motif in ("induction", "previous_token", "stripe"):
        assert np.array_equal(grid(measured, motif, trace), scores[motif], equal_nan=True)


@pytest.mark.parametrize("name", ["toy", *MODELS])
def test_profiles_are_those_of_head_features_and_only_of_compared_passages(name, toy):
    model = toy if name == "toy" else tiny(name)
    block = passages(*TEXTS) if name == "toy" else of_words(model)
    measured = measure_patterns(model, block, SETTINGS, {block[1].id})
    trace = traces_of(model, block)[1]
    heads = trace.n_layers * trace.n_heads
    for column, read in (("profile", trace), ("profile_words", trace.words())):
        lists = measured[column].to_pylist()
        assert lists[:heads] == [None] * heads
        expected = aw.head_features(read).values[0].reshape(heads, -1)
        assert np.array_equal(np.array(lists[heads:], dtype=np.float32), expected)


@pytest.mark.parametrize("name", ["toy", "bert"])
def test_entropy_and_distance_are_what_they_say(name, toy):
    model = toy if name == "toy" else tiny(name)
    block = passages(*TEXTS) if name == "toy" else of_words(model)
    measured = measure_patterns(model, block, SETTINGS)
    for passage, trace in enumerate(traces_of(model, block)):
        patterns = trace.patterns.astype(np.float64)
        n = trace.n_queries
        logs = np.log2(patterns, out=np.zeros_like(patterns), where=patterns > 0)
        entropy = -(patterns * logs).sum(axis=-1)[..., 1:].mean(axis=-1)
        assert np.allclose(grid(measured, "entropy", trace, passage), entropy, atol=1e-5)
        rest = patterns.copy()
        rest[..., 0] = 0
        mass = rest.sum(axis=-1)
        away = np.abs(np.arange(n)[:, None] - np.arange(n))
        rows = (rest * away).sum(axis=-1) / np.where(mass >= 1e-3, mass, np.nan)
        assert np.allclose(grid(measured, "distance", trace, passage), np.nanmean(rows[..., 1:], axis=-1), atol=1e-4)


def test_there_is_a_row_for_each_passage_layer_and_head(table, toy):
    frame = table.select(["passage", "layer", "head", "kind", "n_tokens", "model"]).to_pandas()
    heads = [(layer, head) for layer in range(toy.n_layers) for head in range(toy.n_heads)]
    ids = [passage.id for passage in passages(*TEXTS)]
    places = list(zip(frame["passage"], frame["layer"], frame["head"], strict=True))
    assert places == [(i, *head) for i in ids for head in heads]
    assert list(frame["kind"].unique()) == ["kind 0", "kind 1"]
    assert list(frame["n_tokens"].unique()) == [24, len(toy.encode(TEXTS[1]))]
    assert set(frame["model"]) == {"toy-induction"}


def test_tokens_are_those_that_were_read(table, toy):
    first = json.loads(table["tokens"][0].as_py())
    assert first == list(aw.capture(toy, toy.encode(TEXTS[0])[:24]).tokens)
    assert first[0] == "<bos>"


def test_what_cannot_be_shown_is_null(toy):
    """A prompt in which no token comes twice has no induction to show."""
    alone = measure_patterns(toy, passages("The cat has a red apple and Tom was in it."), SETTINGS)
    for name in ("induction", "duplicate_token", "prefix_matching", "induction_bits"):
        assert alone[name].null_count == len(alone)
    assert alone["previous_token"].null_count == 0


def test_short_passages_and_unknown_words_are_left_out_and_counted(toy, table):
    block = passages("The cat sat.", *TEXTS, "Zebras gallop over the mat and the mat and the mat.")
    measured = measure_patterns(toy, block, SETTINGS)
    assert json.loads(measured.schema.metadata[b"left_out"]) == [block[0].id, block[3].id]
    why = json.loads(measured.schema.metadata[b"why_left_out"])
    assert "fewer than 8" in why[block[0].id]
    assert "Zebras" in why[block[3].id]
    assert set(measured["passage"].to_pylist()) == {block[1].id, block[2].id}


def test_a_block_of_nothing_has_the_same_columns(toy, table):
    nothing = measure_patterns(toy, passages("The cat sat."), SETTINGS)
    assert len(nothing) == 0
    assert nothing.schema.equals(table.schema, check_metadata=False)
    pa.concat_tables([table, nothing], promote_options="default")


OF_THE_BLOCK = ("examples", "profile", "profile_words", "mean_pattern", "mean_pattern_passages")


def test_nothing_depends_on_which_passages_are_in_the_block(toy, table):
    alone = measure_patterns(toy, passages(*TEXTS)[1:], SETTINGS)
    scores = [name for name in table.column_names if name not in OF_THE_BLOCK]
    together = table.slice(len(table) // 2).select(scores)
    assert alone.select(scores).to_pylist() == together.to_pylist()


def test_several_passages_measured_at_once_make_no_difference(toy, monkeypatch):
    from attn_widgets.atlas import measuring

    block = passages(*TEXTS, *(f"{text} {text}" for text in TEXTS), TEXTS[0][24:])
    one = measure_patterns(toy, block, SETTINGS, {block[3].id})
    monkeypatch.setattr(measuring, "_ahead", lambda model: 4)
    assert measure_patterns(toy, block, SETTINGS, {block[3].id}).equals(one)


def test_a_text_longer_than_the_model_can_read_is_cut():
    model = tiny("gpt2")
    settings = Settings(tokens=1000, keep_examples=4)
    measured = measure_patterns(model, passages(" ".join(["w5 w6 w7"] * 50)), settings)
    assert set(measured["n_tokens"].to_pylist()) == {model.context}


def test_strengths_count_the_strongest_cell_of_every_row(table, toy):
    trace = traces_of(toy, passages(*TEXTS))[0]
    strongest = trace.patterns[..., 1:, 1:].max(axis=-1).reshape(-1, trace.n_queries - 1)
    for weights, counted in zip(strongest, table["strengths"].to_pylist(), strict=False):
        assert counted == np.histogram(weights, bins=64, range=(0, 1))[0].tolist()


def test_examples_are_the_strongest_cells_of_their_rows(table, toy):
    trace = traces_of(toy, passages(*TEXTS))[0]
    flat = trace.patterns.reshape(-1, trace.n_queries, trace.n_keys)
    lists = table["examples"].to_pylist()[: len(flat)]
    assert sum(map(len, lists)) > 4 * len(flat)
    for pattern, examples in zip(flat, lists, strict=True):
        for one in examples:
            assert one["query"] >= 1
            assert one["key"] >= 1
            assert one["weight"] == pattern[one["query"], one["key"]] == pattern[one["query"], 1:].max()


def test_a_head_that_rests_on_the_first_token_has_cells_without_weight_and_no_distance():
    resting = np.zeros((1, 2, 12, 12), dtype=np.float32)
    resting[..., 0] = 1
    resting[0, 1] = np.eye(12)
    numbers, cells, _ = numbers_of(aw.Trace.from_arrays(resting, [f"w{i}" for i in range(12)]), profiles=True)
    assert (cells.keys >= 1).all()
    assert cells.weights[0].tolist() == [[0] * 11, [1] * 11]
    assert numbers.strengths[0, :, [0, -1]].T.tolist() == [[11, 0], [0, 11]]
    assert np.isnan(numbers.scores["distance"][0, 0])
    assert numbers.scores["distance"][0, 1] == 0
    assert numbers.scores["on_first"].tolist() == [[1, 0]]
    assert np.isfinite(numbers.profile).all()
    assert np.isfinite(numbers.profile_words).all()


def test_what_the_model_raises_comes_out_and_ends_the_work(toy, monkeypatch):
    from attn_widgets.atlas import measuring

    def broken(trace, *, profiles):
        raise RuntimeError("no numbers")

    monkeypatch.setattr(measuring, "numbers_of", broken)
    with pytest.raises(RuntimeError, match="no numbers"):
        measure_patterns(toy, passages(*TEXTS), SETTINGS)


@pytest.fixture(scope="module")
def long_reader():
    """A model that reads 512 tokens."""
    config = GPT2Config(vocab_size=VOCABULARY, n_positions=512, n_embd=16, n_layer=4, n_head=4)
    with torch.random.fork_rng():
        return aw.load_model(GPT2LMHeadModel(config).eval(), tokenizer=tokenizer())


def test_patterns_of_two_passages_are_in_memory_at_a_time(long_reader, monkeypatch):
    from attn_widgets.atlas import measuring

    capture, alive, most = measuring.capture, weakref.WeakSet(), 0

    def counted(*args):
        nonlocal most
        trace = capture(*args)
        alive.add(trace)
        most = max(most, len(alive))
        return trace

    monkeypatch.setattr(measuring, "capture", counted)
    block = passages(*(" ".join(f"w{3 + i * step % 90}" for i in range(600)) for step in (1, 7, 11, 13, 17)))
    long = Settings(tokens=512, keep_examples=4)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        measured = measure_patterns(long_reader, block, long)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert set(measured["n_tokens"].to_pylist()) == {512}
    assert most <= 2
    assert peak < 3.5 * long_reader.n_layers * long_reader.n_heads * 512**2 * 4
