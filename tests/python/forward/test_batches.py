"""Many prompts: those of like length run together, and each has the patterns that it has by itself."""

from __future__ import annotations

from concurrent.futures import CancelledError
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from many_models import hugging_face, tiny
from tiny_tokenizer import tokenizer

import attn_widgets as aw
from attn_widgets.forward import comparing
from attn_widgets.forward.batches import MOST_LENGTH, MOST_TOKENS, batches

LENGTHS = (9, 30, 10, 10, 9, 28, 3, 31, 10)


def prompts(lengths: Any = LENGTHS) -> list[list[int]]:
    random = torch.Generator().manual_seed(5)
    return [torch.randint(3, 100, (n,), generator=random).tolist() for n in lengths]


@pytest.fixture
def passes(monkeypatch):
    """How many prompts each pass of a model read."""
    from attn_widgets.models import Model

    seen: list[int] = []
    watch = Model.watch

    def counted(self: Model, prompts: Any, hooks: Any) -> None:
        seen.append(len(prompts))
        watch(self, prompts, hooks)

    monkeypatch.setattr(Model, "watch", counted)
    return seen


@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral", "gemma3", "bloom", "bert"])
def test_padding_never_changes_a_pattern(name, passes):
    model = tiny(name)
    together = aw.capture(model, prompts(), keep="patterns", scores=name != "bloom", value_norms=True)
    assert max(passes) > 1
    for ids, trace in zip(prompts(), together, strict=True):
        alone = aw.capture(model, ids, keep="patterns", scores=name != "bloom", value_norms=True)
        assert trace.token_ids.tolist() == ids
        np.testing.assert_allclose(trace.patterns, alone.patterns, atol=1e-5)
        np.testing.assert_allclose(trace.value_norms, alone.value_norms, rtol=1e-4)
        if trace.scores is not None:
            np.testing.assert_array_equal(np.isfinite(trace.scores), np.isfinite(alone.scores))
            seen = np.isfinite(trace.scores)
            np.testing.assert_allclose(trace.scores[seen], alone.scores[seen], rtol=1e-3, atol=1e-3)


def test_texts_of_the_toy_run_together_too(toy, passes):
    texts = [
        "The cat sat on the mat.",
        "Mary cat John dog",
        "The dog sat on the cat.",
        "Mary",
        "John dog Mary cat",
        "Tom",
    ]
    traces = aw.capture(toy, texts)
    assert max(passes) > 1
    for text, trace in zip(texts, traces, strict=True):
        assert trace.text == text
        np.testing.assert_allclose(trace.patterns, aw.capture(toy, text).patterns, atol=1e-6)


def test_models_that_see_both_ways_are_never_padded(passes):
    aw.capture(tiny("bert"), prompts((9, 10, 9, 10, 11, 10)), keep="patterns")
    assert sorted(passes[-3:]) == [1, 2, 3]


def test_a_few_prompts_go_one_by_one(passes):
    """To know that a batch changes nothing takes three passes itself."""
    aw.capture(tiny("llama"), prompts((9, 9, 9)), keep="patterns")
    assert passes == [1, 1, 1]


def test_a_model_in_which_company_changes_a_pattern_gets_none(passes, monkeypatch):
    monkeypatch.setattr(comparing, "tolerance", lambda dtype: -1.0)
    model = aw.load_model(hugging_face("llama"), tokenizer=tokenizer())
    aw.capture(model, prompts(), keep="patterns")
    assert passes[-len(LENGTHS) :] == [1] * len(LENGTHS)


@given(st.lists(st.integers(1, 200), max_size=40), st.booleans())
def test_every_prompt_is_in_one_batch_of_bounded_size(lengths, padded):
    groups = batches(lengths, padded=padded)
    assert sorted(position for group in groups for position in group) == list(range(len(lengths)))
    for group in groups:
        longest = max(lengths[position] for position in group)
        if len(group) > 1:
            assert longest <= MOST_LENGTH
            assert longest * len(group) <= MOST_TOKENS
            read = sum(lengths[position] for position in group)
            assert longest * len(group) - read <= (0.15 * read if padded else 0)


def test_progress_goes_over_all_prompts_and_may_end_them(passes):
    shares: list[float] = []
    aw.capture(tiny("llama"), prompts(), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    passes.clear()
    with pytest.raises(CancelledError, match="progress returned False"):
        aw.capture(tiny("llama"), prompts(), progress=lambda share: False)
    assert len(passes) == 1
    assert aw.capture(tiny("llama"), prompts()[0]).n_keys == 9
