"""freeze: the run on other tokens is that of the baseline's patterns, in every architecture; nothing stays behind."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from python.circuits.architectures import (
    ARCHITECTURES,
    NORMS,
    VOCABULARY,
    attention_only,
    cached,
    logits_of,
    random_ids,
    shared_hugging_face,
    tiny,
)
from python.circuits.reference import ByHand, HuggingFaceReference

import attn_widgets as aw

BASE, OTHER = random_ids(0), random_ids(1)
# largest difference from a reference, as a share of the largest logit
CLOSE = 5e-6


def assert_close(logits, reference):
    assert float((logits - reference).abs().max()) <= CLOSE * max(1.0, float(reference.abs().max()))


def moved_far(logits, reference):
    return float((logits - reference).abs().max()) > 0.3


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_models_of_these_tests_attend_sharply_and_need_their_mlps(name):
    patterns = aw.capture(tiny(name), BASE).patterns[:, :, 4:]
    entropy = -(patterns * np.log(patterns.clip(1e-12))).sum(-1)
    uniform = np.log(np.arange(5, len(BASE) + 1))
    assert (entropy.mean(2) < 0.75 * uniform.mean()).all()
    logits = logits_of(tiny(name), BASE)
    for layer in range(2):
        without = logits_of(tiny(name), BASE, [(f"blocks.{layer}.hook_mlp_out", lambda mlp, hook: 0 * mlp)])
        assert moved_far(without, logits)


@pytest.mark.parametrize(("norms", "mlps"), [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_other_tokens_run_through_the_patterns_of_the_baseline(name, norms, mlps):
    model = tiny(name)
    frozen = aw.freeze(model, aw.capture(model, BASE), norms=norms, mlps=mlps)
    reference = HuggingFaceReference(shared_hugging_face(name), BASE)
    logits = frozen.logits(OTHER)
    assert_close(logits, reference.frozen(OTHER, norms=norms, mlps=mlps))
    assert moved_far(logits, reference.live(OTHER))
    assert moved_far(logits, reference.logits)


@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if name != "gpt_neo"])
def test_heads_that_are_not_named_stay_live(name):
    model = tiny(name)
    trace = aw.capture(model, BASE)
    frozen = aw.freeze(model, trace, ["L0H1", (1, 2)])
    assert frozen.heads == ("L0H1", "L1H2")
    logits = frozen.logits(OTHER)
    reference = HuggingFaceReference(shared_hugging_face(name), BASE)
    assert_close(logits, reference.frozen(OTHER, heads=[(0, 1), (1, 2)]))
    assert moved_far(logits, aw.freeze(model, trace).logits(OTHER))
    assert moved_far(logits, reference.live(OTHER))


def test_the_toy_frozen_is_a_product_of_its_matrices(toy):
    trace = aw.capture(toy, BASE)
    hand = ByHand(toy)
    baseline = hand.run(hand.embedding(BASE))
    assert_close(logits_of(toy, BASE), baseline.logits)

    held = hand.run(hand.embedding(OTHER), lambda layer, live: baseline.patterns[layer])
    assert_close(aw.freeze(toy, trace).logits(OTHER), held.logits)

    def only_the_first_layer(layer, live):
        return baseline.patterns[layer] if layer == 0 else live

    some = hand.run(hand.embedding(OTHER), only_the_first_layer)
    frozen = aw.freeze(toy, trace, [f"L0H{head}" for head in range(4)])
    assert_close(frozen.logits(OTHER), some.logits)
    assert moved_far(some.logits, held.logits)


@pytest.mark.parametrize("norms", [False, True])
@pytest.mark.parametrize("norm", NORMS)
def test_norm_scales_are_held_only_where_asked_for(norm, norms):
    model = attention_only(norm)
    hand = ByHand(model)
    baseline = hand.run(hand.embedding(BASE))
    scales = baseline.scales if norms else None
    held = hand.run(hand.embedding(OTHER), lambda layer, live: baseline.patterns[layer], scales)
    frozen = aw.freeze(model, aw.capture(model, BASE), norms=norms)
    # TransformerLens computes this one norm in float32
    bound = 1e-5 if norm == "RMS" else 1e-11
    assert float((frozen.logits(OTHER) - held.logits).abs().max()) < bound


def test_a_prompt_is_text_or_ids_and_a_model_any_that_opens(toy):
    text, other = "The cat sat on the mat.", "The dog sat on the mat."
    frozen = aw.freeze(toy.lens, aw.capture(toy, text))
    assert frozen.logits(toy.encode(other)).shape == (len(toy.encode(other)), toy.n_logits)
    named = aw.freeze(toy, aw.capture(toy, text))
    torch.testing.assert_close(named.logits(other), frozen.logits(np.array(toy.encode(other))), rtol=0, atol=0)
    assert named.tokens == ["<bos>", *aw.capture(toy, text).tokens[1:]]
    assert repr(named) == f"<Frozen toy-induction: all heads, held from {len(named.tokens)} tokens>"
    assert "1 of 8 heads, norms, MLPs" in repr(aw.freeze(toy, aw.capture(toy, text), ["L1H3"], True, True))


def test_a_trace_stored_in_float16_holds_the_patterns_of_full_precision():
    model = tiny("llama")
    half = aw.freeze(model, aw.capture(model, BASE, dtype="float16"))
    whole = aw.freeze(model, aw.capture(model, BASE))
    torch.testing.assert_close(half.logits(OTHER), whole.logits(OTHER), rtol=0, atol=0)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_frozen_to_its_own_baseline_nothing_changes(name):
    model = tiny(name)
    frozen = aw.freeze(model, aw.capture(model, BASE), norms=True, mlps=True)
    assert_close(frozen.logits(BASE), logits_of(model, BASE))


def test_a_recording_has_the_patterns_that_were_in_effect():
    model = tiny("llama")
    recording = aw.freeze(model, aw.capture(model, BASE), ["L1H2"]).record(OTHER)
    base, live = cached(model, BASE), cached(model, OTHER)
    torch.testing.assert_close(recording.patterns[0], live["blocks.0.attn.hook_pattern"], rtol=0, atol=1e-6)
    torch.testing.assert_close(recording.patterns[1][2], base["blocks.1.attn.hook_pattern"][2], rtol=0, atol=1e-6)
    torch.testing.assert_close(recording.patterns[1][0], live["blocks.1.attn.hook_pattern"][0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "use",
    [
        lambda model, trace: aw.freeze(model, trace, norms=True, mlps=True).logits(OTHER),
        lambda model, trace: aw.freeze(model, trace, norms=True, mlps=True).effects(OTHER),
        lambda model, trace: aw.freeze(model, trace).linearity(1),
        lambda model, trace: aw.ablate(model, trace, ["L0H1"], "pattern_preserving"),
        lambda model, trace: aw.attribute(model, trace),
        lambda model, trace: aw.paths(model, trace),
        lambda model, trace: aw.freeze(model, trace, norms=True).logits([VOCABULARY + 1] * len(BASE)),
    ],
    ids=["logits", "effects", "linearity", "ablate", "attribute", "paths", "error"],
)
@pytest.mark.parametrize(
    "make", [lambda: tiny("gpt2"), lambda: attention_only("LN", torch.float32)], ids=["gpt2", "attention-only"]
)
def test_nothing_stays_behind(make, use, training):
    model = make()
    trace = aw.capture(model, BASE)
    before, hooks = logits_of(model, BASE), n_hooks(model)
    model.lens.train(training)
    try:
        # for some of these uses and models an error is right, and it must clear up too
        with suppress(ValueError):
            use(model, trace)
        assert {module.training for module in model.lens.modules()} == {training}
        assert not any(parameter.grad is not None for parameter in model.lens.parameters())
    finally:
        model.lens.eval()
    torch.testing.assert_close(logits_of(model, BASE), before, rtol=0, atol=0)
    assert n_hooks(model) == hooks


def n_hooks(model):
    return sum(len(module._forward_hooks) + len(module._backward_hooks) for module in model.lens.modules())


def test_dropout_is_off_while_a_model_in_train_mode_is_frozen():
    model = tiny("gpt2")
    expected = aw.freeze(model, aw.capture(model, BASE)).logits(OTHER)
    model.lens.train()
    try:
        logits = aw.freeze(model, aw.capture(model, BASE)).logits(OTHER)
    finally:
        model.lens.eval()
    torch.testing.assert_close(logits, expected, rtol=0, atol=0)


def test_a_model_whose_heads_do_not_output_pattern_times_values_is_refused():
    model = attention_only("LN")
    trace = aw.capture(model, BASE)
    model.lens.add_hook("blocks.1.attn.hook_z", lambda z, hook: 2 * z, is_permanent=True)
    says = r"cannot be frozen: in layer 1 a head's output is not its pattern times its values \(off by 0\.5 of"
    with pytest.raises(ValueError, match=says):
        aw.freeze(model, trace)
    with pytest.raises(ValueError, match=says):
        aw.attribute(model, trace)
    with pytest.raises(ValueError, match=says):
        aw.ablate(model, trace, ["L0H0"])


def test_a_model_that_does_not_show_its_values_is_refused(toy):
    def blind(tokens, fwd_hooks, **options):
        return toy.lens.run_with_hooks(tokens, fwd_hooks=[h for h in fwd_hooks if "hook_v" not in h[0]], **options)

    lens = SimpleNamespace(
        **{name: getattr(toy.lens, name) for name in ("cfg", "run_with_cache", "parameters", "modules", "hook_dict")},
        run_with_hooks=blind,
    )
    model = dataclasses.replace(toy, lens=lens)
    with pytest.raises(ValueError, match=r"did not reach blocks\.0\.attn\.hook_v"):
        aw.freeze(model, aw.capture(toy, BASE))


def test_heads_that_do_not_exist_are_refused(toy):
    trace = aw.capture(toy, BASE)
    with pytest.raises(ValueError, match=r"heads is L2H0; expected one of L0H0 to L1H3"):
        aw.freeze(toy, trace, ["L2H0"])
    with pytest.raises(ValueError, match=r"heads is L0H-1"):
        aw.freeze(toy, trace, [(0, -1)])
    with pytest.raises(ValueError, match=r"heads is 'L0H1'; expected a list of heads, such as \['L0H1'\]"):
        aw.freeze(toy, trace, "L0H1")
    with pytest.raises(ValueError, match="expected a name such as"):
        aw.freeze(toy, trace, ["induction"])


def test_a_trace_that_does_not_belong_to_the_model_is_refused(toy):
    trace = aw.capture(toy, BASE)
    with pytest.raises(ValueError, match=r"trace is a list; expected a Trace, .* or one prompt"):
        aw.freeze(toy, [trace, trace])
    with pytest.raises(ValueError, match=r"trace is a AttentionRun; expected a Trace, .* or one prompt"):
        aw.freeze(toy, aw.AttentionRun(toy, BASE))
    with pytest.raises(ValueError, match="trace has no token ids"):
        aw.freeze(toy, dataclasses.replace(trace, token_ids=None))
    with pytest.raises(ValueError, match=r"shape \(2, 4, 12, 12\), but .* makes \(3, 3, 12, 12\)"):
        aw.freeze(attention_only("LN"), trace)
    with pytest.raises(ValueError, match=r"other patterns than LlamaForCausalLM makes .*another model"):
        aw.freeze(tiny("llama"), trace)
    with pytest.raises(ValueError, match="token id 300"):
        aw.freeze(tiny("llama"), dataclasses.replace(trace, token_ids=np.full(len(BASE), 300)))


def test_patterns_edited_in_the_trace_are_refused_with_the_way_to_hold_them(toy):
    trace = aw.capture(toy, BASE)
    patterns = trace.patterns.copy()
    patterns[1, 2, 5, :2] = patterns[1, 2, 5, :2].sum() * np.array([0.9, 0.1])
    with pytest.raises(ValueError, match=r"layer 1 is off by .*pass patterns=\{head: array\}"):
        aw.freeze(toy, dataclasses.replace(trace, attention=patterns))
