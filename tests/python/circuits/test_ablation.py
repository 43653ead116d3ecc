"""ablate: zero, mean and pattern-preserving against Hugging Face's code without the heads' weights, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from python.circuits.architectures import logits_of, random_ids, shared_hugging_face, tiny
from python.circuits.reference import ByHand, HuggingFaceReference

import attn_widgets as aw

BASE = random_ids(0)
HEADS, PLACES = ["L0H1", "L0H2", "L1H3"], [(0, 1), (0, 2), (1, 3)]


def nats(logits, ids):
    """Surprise of each next token."""
    log = logits.double().numpy()
    log = log - np.log(np.exp(log).sum(-1, keepdims=True))
    return np.array([-log[i, following] for i, following in enumerate(ids[1:])])


@pytest.mark.parametrize("name", ["llama", "qwen2", "qwen3", "mistral", "opt"])
def test_zero_is_the_model_without_the_heads_weights(name):
    model = tiny(name)
    ablation = aw.ablate(model, aw.capture(model, BASE), HEADS)
    reference = HuggingFaceReference(shared_hugging_face(name), BASE, without=PLACES)
    torch.testing.assert_close(ablation.logits, reference.live(BASE), rtol=0, atol=3e-5)
    torch.testing.assert_close(ablation.baseline_logits, reference.logits, rtol=0, atol=3e-5)
    assert float(ablation.change.abs().max()) > 0.1


@pytest.mark.parametrize("name", ["llama", "qwen2", "qwen3", "mistral", "opt"])
def test_pattern_preserving_keeps_every_pattern_as_it_was(name):
    model = tiny(name)
    trace = aw.capture(model, BASE)
    ablation = aw.ablate(model, trace, HEADS, "pattern_preserving")
    reference = HuggingFaceReference(shared_hugging_face(name), BASE, without=PLACES)
    torch.testing.assert_close(ablation.logits, reference.frozen(BASE), rtol=0, atol=3e-5)
    assert float((ablation.logits - aw.ablate(model, trace, HEADS, "zero").logits).abs().max()) > 0.05


@pytest.mark.parametrize("how", ["zero", "mean", "pattern_preserving"])
def test_on_the_toy_every_way_is_what_the_matrices_give(toy, how):
    trace = aw.capture(toy, BASE)
    hand = ByHand(toy)
    baseline = hand.run(hand.embedding(BASE))

    def output(layer, z):
        z = z.clone()
        for head in {0: [1, 2], 1: [3]}[layer]:
            z[head] = z[head].mean(0) if how == "mean" else 0
        return z

    def held(layer, live):
        return baseline.patterns[layer] if how == "pattern_preserving" else live

    expected = hand.run(hand.embedding(BASE), held, output=output).logits
    ablation = aw.ablate(toy, trace, HEADS, how)
    torch.testing.assert_close(ablation.logits, expected, rtol=0, atol=5e-5)
    torch.testing.assert_close(ablation.change, expected - baseline.logits, rtol=0, atol=5e-5)
    assert ablation.how == how
    np.testing.assert_allclose(ablation.token_losses, nats(expected, BASE), atol=5e-5)
    np.testing.assert_allclose(ablation.baseline_token_losses, nats(baseline.logits, BASE), atol=5e-5)
    assert ablation.loss == pytest.approx(nats(expected, BASE).mean(), abs=1e-4)
    assert ablation.loss_change == pytest.approx(
        nats(expected, BASE).mean() - nats(baseline.logits, BASE).mean(), abs=1e-4
    )


def test_the_mean_is_over_positions_and_each_head_has_its_own():
    model = tiny("gpt2")

    def average(z, hook):
        z = z.clone()
        z[:, :, 2] = z[:, :, 2].mean(1, keepdim=True)
        return z

    ablation = aw.ablate(model, aw.capture(model, BASE), ["L1H2"], "mean")
    expected = logits_of(model, BASE, [("blocks.1.attn.hook_z", average)])
    torch.testing.assert_close(ablation.logits, expected, rtol=0, atol=1e-5)


def test_induction_heads_are_what_the_toy_predicts_repeats_with(toy):
    trace = aw.capture(toy, "The cat sat on the mat. The cat sat on the")
    ablation = aw.ablate(toy, trace, ["L1H0", "L1H1", "L1H2", "L1H3"], "pattern_preserving")
    assert ablation.loss_change > 0.5
    assert ablation.token_losses.shape == (len(trace.tokens) - 1,)
    assert "L1H3 in toy-induction (pattern_preserving): loss" in repr(ablation)


def test_heads_are_named_once_and_a_single_token_has_no_loss(toy):
    ablation = aw.ablate(toy, aw.capture(toy, [5]), ["L1H3", (0, 1), "l1h3"])
    assert ablation.heads == ("L1H3", "L0H1")
    assert np.isnan(ablation.loss)


def test_what_cannot_be_ablated_is_refused_in_words(toy):
    trace = aw.capture(toy, BASE)
    with pytest.raises(ValueError, match=r"heads is \[\]; expected a list of at least one head"):
        aw.ablate(toy, trace, [])
    with pytest.raises(ValueError, match=r"heads is 'L1H3'; expected a list"):
        aw.ablate(toy, trace, "L1H3")
    with pytest.raises(ValueError, match="heads is L0H4; expected one of L0H0 to L1H3"):
        aw.ablate(toy, trace, ["L0H4"])
    with pytest.raises(ValueError, match="how is 'resample'; expected one of 'zero', 'mean', 'pattern_preserving'"):
        aw.ablate(toy, trace, ["L0H1"], "resample")
    with pytest.raises(ValueError, match="another model"):
        aw.ablate(tiny("llama"), trace, ["L0H1"])
