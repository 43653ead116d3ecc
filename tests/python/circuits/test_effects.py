"""effects: four runs of Hugging Face's own code give the same 2 x 2, and its parts add up."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from python.circuits.architectures import ARCHITECTURES, SEQ, random_ids, shared_hugging_face, tiny
from python.circuits.reference import HuggingFaceReference
from scipy.stats import entropy

import attn_widgets as aw

BASE, OTHER = random_ids(0), random_ids(1)


def four_runs(name, base, other, base_query, other_query, side=None, **held):
    """`[tokens, patterns, vocab]`, float64."""
    of_base, of_other = (HuggingFaceReference(shared_hugging_face(name), ids) for ids in (base, other))
    cells = [
        [of_base.logits[base_query], of_other.frozen(base, side=side, **held)[base_query]],
        [of_base.frozen(other, side=side, **held)[other_query], of_other.logits[other_query]],
    ]
    return torch.stack([torch.stack(row) for row in cells]).double().numpy()


@pytest.mark.parametrize("held", [{}, {"norms": True}, {"mlps": True}, {"norms": True, "mlps": True}])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_four_cells_are_tokens_of_either_with_patterns_of_either(name, held):
    model = tiny(name)
    effects = aw.freeze(model, aw.capture(model, BASE), **held).effects(OTHER)
    reference = four_runs(name, BASE, OTHER, -1, -1, **held)
    np.testing.assert_allclose(effects.logits.numpy(), reference, atol=5e-6 * max(1, np.abs(reference).max()))
    cells = [reference[0, 0], reference[0, 1], reference[1, 0], reference[1, 1]]
    assert all(np.abs(a - b).max() > 0.1 for i, a in enumerate(cells) for b in cells[:i])


def test_only_the_named_heads_are_swapped():
    model = tiny("llama")
    effects = aw.freeze(model, aw.capture(model, BASE), ["L0H1", "L1H2"]).effects(OTHER)
    reference = four_runs("llama", BASE, OTHER, -1, -1, heads=[(0, 1), (1, 2)])
    np.testing.assert_allclose(effects.logits.numpy(), reference, atol=5e-5)
    everything = four_runs("llama", BASE, OTHER, -1, -1)
    assert np.abs(reference - everything).max() > 0.1


def test_total_is_ov_plus_qk_plus_interaction():
    model = tiny("gpt2")
    effects = aw.freeze(model, aw.capture(model, BASE)).effects(OTHER)
    cells = four_runs("gpt2", BASE, OTHER, -1, -1)
    measures = [
        (effects.logit(7), cells[..., 7]),
        (effects.logit_difference("w7", 50), cells[..., 7] - cells[..., 50]),
    ]
    for effect, expected in measures:
        np.testing.assert_allclose(effect.cells, expected, atol=1e-4)
        assert effect.total == pytest.approx(expected[1, 1] - expected[0, 0], abs=1e-4)
        assert effect.ov == pytest.approx(expected[1, 0] - expected[0, 0], abs=1e-4)
        assert effect.qk == pytest.approx(expected[0, 1] - expected[0, 0], abs=1e-4)
        assert effect.total == pytest.approx(effect.ov + effect.qk + effect.interaction, abs=1e-12)
        assert min(map(abs, (effect.total, effect.ov, effect.qk, effect.interaction))) > 0.01
        assert f"OV {effect.ov:+.4g}, QK {effect.qk:+.4g}" in repr(effect)


def test_kl_is_from_the_baseline_in_nats():
    model = tiny("qwen2")
    kl = aw.freeze(model, aw.capture(model, BASE)).effects(OTHER).kl()
    odds = np.exp(four_runs("qwen2", BASE, OTHER, -1, -1))
    expected = [[entropy(odds[0, 0], odds[row, column]) for column in (0, 1)] for row in (0, 1)]
    np.testing.assert_allclose(kl.cells, expected, atol=1e-5)
    assert kl.cells[0, 0] == 0
    assert kl.cells[0, 1] > 0.1


@pytest.mark.parametrize("query", [0, 5, SEQ - 1, -1, -4, -SEQ])
def test_a_query_counts_from_the_start_or_from_the_end(query):
    model = tiny("llama")
    effects = aw.freeze(model, aw.capture(model, BASE)).effects(OTHER, query)
    np.testing.assert_allclose(effects.logits.numpy(), four_runs("llama", BASE, OTHER, query, query), atol=5e-5)
    assert effects.query == query % SEQ


@pytest.mark.parametrize("query", [SEQ, -SEQ - 1])
def test_a_query_that_is_not_there_is_refused(query):
    model = tiny("llama")
    with pytest.raises(
        ValueError, match=rf"query is {query}, which is not in both prompts; expected 0 to 11, or -12 to -1"
    ):
        aw.freeze(model, aw.capture(model, BASE)).effects(OTHER, query)


@pytest.mark.parametrize(
    ("n", "side", "query", "base_query"),
    [
        (16, "left", 5, 5),
        (16, "left", -1, -1),
        (16, "right", 9, 5),
        (16, "right", -2, -2),
        (8, "left", 5, 5),
        (8, "left", -1, -1),
        (8, "right", 5, 9),
        (8, "right", -8, -8),
    ],
)
def test_prompts_of_other_lengths_are_compared_where_they_lie_on_each_other(n, side, query, base_query):
    model = tiny("llama")
    other = random_ids(1, n)
    effects = aw.freeze(model, aw.capture(model, BASE), norms=True).effects(other, query, side)
    reference = four_runs("llama", BASE, other, base_query, query, side, norms=True)
    np.testing.assert_allclose(effects.logits.numpy(), reference, atol=5e-6 * max(10, np.abs(reference).max()))
    assert effects.query == query % n


def test_a_query_in_only_one_of_the_prompts_is_refused():
    model = tiny("llama")
    frozen = aw.freeze(model, aw.capture(model, BASE))
    with pytest.raises(ValueError, match=r"query is 12, which is not in both prompts; expected 0 to 11, or -12 to -1"):
        frozen.effects(random_ids(1, 16), 12, "left")
    with pytest.raises(ValueError, match=r"query is 3, which is not in both prompts; expected 4 to 15, or -12 to -1"):
        frozen.effects(random_ids(1, 16), 3, "right")
    with pytest.raises(ValueError, match=r"query is -9, which is not in both prompts; expected 0 to 7, or -8 to -1"):
        frozen.effects(random_ids(1, 8), -9, "left")
    with pytest.raises(ValueError, match="tokens has 8 tokens, but the baseline has 12"):
        frozen.effects(random_ids(1, 8))


def test_given_patterns_have_no_second_prompt():
    model = tiny("llama")
    frozen = aw.freeze(model, aw.capture(model, BASE), patterns={"L0H0": "uniform"})
    with pytest.raises(ValueError, match=r"given by hand.*Use logits\(\.\.\.\), or freeze without patterns"):
        frozen.effects(OTHER)


def test_tokens_that_are_none_are_refused_by_name():
    model = tiny("llama")
    effects = aw.freeze(model, aw.capture(model, BASE)).effects(OTHER)
    assert repr(effects).startswith("<Effects on LlamaForCausalLM at query 11: KL <Effect: total +")
    with pytest.raises(ValueError, match="token is 'w1 w2'"):
        effects.logit("w1 w2")
    with pytest.raises(ValueError, match="versus is 'w1 w2'"):
        effects.logit_difference(3, "w1 w2")
