"""capture: the patterns are the model's own, for every way to give a prompt; what it cannot do, it says."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch

import attn_widgets as aw

SENTENCE = "When Mary and John went to the store, Mary gave a book to John."


def test_patterns_scores_and_values_are_those_of_the_model(toy):
    trace = aw.capture(toy, SENTENCE, scores=True, value_norms=True)
    _, cache = toy.lens.run_with_cache(torch.tensor([toy.encode(SENTENCE)]))
    for layer in range(2):
        np.testing.assert_allclose(
            trace.patterns[layer], cache[f"blocks.{layer}.attn.hook_pattern"][0].detach(), atol=1e-6
        )
        values = cache[f"blocks.{layer}.attn.hook_v"][0].detach()
        np.testing.assert_allclose(trace.value_norms[layer], values.norm(dim=-1).T, rtol=1e-5)
    visible = np.tri(trace.n_keys, dtype=bool)
    assert np.isneginf(trace.scores[..., ~visible]).all()
    weights = np.exp(trace.scores - trace.scores.max(-1, keepdims=True))
    np.testing.assert_allclose(weights / weights.sum(-1, keepdims=True), trace.patterns, atol=1e-5)


def test_names_axes_and_origin_come_along(toy, toy_trace):
    assert toy_trace.axes == ("layer", "head", "query", "key")
    assert toy_trace.model_name == "toy-induction"
    assert toy_trace.causal
    assert toy_trace.tokens[:3] == ("<bos>", "When", "Mary") or toy_trace.tokens[0] == "<bos>"
    assert toy_trace.special == (0,)
    assert len(toy_trace.tokens) == toy_trace.n_keys == len(toy_trace.token_ids)


def test_token_ids_of_any_kind_are_taken_as_they_are(toy, toy_trace):
    ids = toy.encode(SENTENCE)
    for prompt in (ids, tuple(ids), np.array(ids), torch.tensor(ids), torch.tensor([ids]), np.array([ids])):
        trace = aw.capture(toy, prompt)
        np.testing.assert_array_equal(trace.patterns, toy_trace.patterns)
    without_bos = aw.capture(toy, ids[1:])
    assert without_bos.special == ()
    assert without_bos.n_keys == len(ids) - 1


def test_many_prompts_give_a_list_and_report_progress(toy):
    shares: list[float] = []
    traces = aw.capture(toy, ["The cat sat.", torch.tensor([1, 2, 3]), SENTENCE], progress=shares.append)
    assert [trace.n_keys for trace in traces] == [5, 3, len(toy.encode(SENTENCE))]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert len(shares) == 3 * toy.n_layers


def test_float16_storage_is_close_and_half_the_size(toy, toy_trace):
    half = aw.capture(toy, SENTENCE, dtype="float16")
    assert half.patterns.nbytes * 2 == toy_trace.patterns.nbytes
    np.testing.assert_allclose(half.patterns, toy_trace.patterns, atol=5e-4)
    with pytest.raises(ValueError, match=r'dtype is \'int8\'; expected "float32" or "float16"'):
        aw.capture(toy, SENTENCE, dtype="int8")


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("", "prompt is empty"),
        ([], "prompt is empty"),
        ([[]], "prompt is empty"),
        (np.zeros((2, 3), int), r"shape \(2, 3\).*For several prompts pass a list"),
        (np.array([0.5]), "float64; expected text, or integer token ids"),
        (None, "expected text"),
        ([1, 10**6], "token id 1000000; toy-induction has ids from 0 to"),
        ([-1], "token id -1"),
        ([1] * 5000, r"5000 tokens, but toy-induction reads at most \d+; shorten it by"),
        ("the zzyzx sat", "zzyzx"),
    ],
)
def test_prompts_that_cannot_be_read_are_refused_in_words(toy, prompt, says):
    with pytest.raises(ValueError, match=says):
        aw.capture(toy, prompt)


def test_a_model_in_train_mode_is_captured_without_dropout_and_left_in_train_mode(toy, toy_trace):
    toy.lens.train()
    try:
        trace = aw.capture(toy, SENTENCE)
        assert toy.lens.training
    finally:
        toy.lens.eval()
    np.testing.assert_array_equal(trace.patterns, toy_trace.patterns)


def test_capture_leaves_no_hooks_behind(toy):
    before = _n_hooks(toy.lens)
    aw.capture(toy, SENTENCE, scores=True)
    with pytest.raises(ValueError, match="prompt"):
        aw.capture(toy, "")
    assert _n_hooks(toy.lens) == before


def test_patterns_are_gone_with_their_trace(toy):
    """No circle holds them until the collector comes by: over many prompts that would fill the memory."""
    gc.disable()
    try:
        trace = aw.capture(toy, SENTENCE, value_norms=True)
        patterns = weakref.ref(trace.patterns.base)
        assert patterns() is not None
        del trace
        assert patterns() is None
    finally:
        gc.enable()


def test_smollm2_tokens_are_readable_and_the_bos_is_named(smollm2):
    trace = aw.capture(smollm2, "Hi 🎉 there\n")
    assert trace.patterns.shape[:2] == (30, 9)
    assert trace.tokens == ("<|im_start|>", "Hi", " 🎉 1/3", "🎉 2/3", "🎉 3/3", " there", "\n")
    assert trace.special == (0,)


def test_smollm2_induction_heads_show_on_repeated_random_tokens(smollm2):
    rng = np.random.default_rng(0)
    half = rng.integers(1000, 40000, 40)
    trace = aw.capture(smollm2, np.concatenate([[1], half, half]))
    rows = np.arange(41, 81)
    score = trace.patterns[:, :, rows, rows - 39].mean(-1)
    layer, head = np.unravel_index(score.argmax(), score.shape)
    assert (layer, head) in {(18, 6), (17, 3), (17, 4)}
    assert score.max() > 0.6


def _n_hooks(lens):
    return sum(len(module._forward_hooks) for module in lens.modules())
