"""Superposition: with everything held the logits are an affine function of the embeddings, and only then."""

from __future__ import annotations

import pytest
import torch
from python.circuits.architectures import (
    ARCHITECTURES,
    NORMS,
    attention_only,
    cached,
    hugging_face,
    random_ids,
    tiny,
    tokenizer,
)

import attn_widgets as aw

BASE = random_ids(0)
FLOAT32, FLOAT64, BFLOAT16 = 5e-6, 1e-13, 5e-2


def superposition(frozen, pairs=3):
    """Largest |f(x + y) + f(0) - f(x) - f(y)| on prompts that are not the baseline, and largest |f(x) - f(0)|."""
    worst = size = 0.0
    for seed in range(10, 10 + pairs):
        ids = random_ids(seed), random_ids(seed + 100)
        x, y = (cached(frozen.model, prompt)["hook_embed"] for prompt in ids)

        def f(embedding, ids=ids[0]):
            def put(live, hook):
                return embedding[None].clone()

            return frozen.record(ids, hooks=[("hook_embed", put)]).logits.double()

        nothing, of_x = f(torch.zeros_like(x)), f(x)
        worst = max(worst, float((f(x + y) + nothing - of_x - f(y)).abs().max()))
        size = max(size, float((of_x - nothing).abs().max()))
    assert size > 0.5
    return worst, size


def relative(frozen):
    worst, size = superposition(frozen)
    return worst / size


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_with_patterns_norms_and_mlps_held_every_architecture_is_affine(name):
    model = tiny(name)
    trace = aw.capture(model, BASE)
    assert relative(aw.freeze(model, trace, norms=True, mlps=True)) < FLOAT32
    assert relative(aw.freeze(model, trace, mlps=True)) > 0.1
    assert relative(aw.freeze(model, trace, norms=True)) > 0.1
    assert relative(aw.freeze(model, trace, ["L0H0", "L1H3"], norms=True, mlps=True)) > 0.1


@pytest.mark.parametrize("norm", NORMS)
def test_in_float64_attention_only_models_are_affine_to_the_last_digits(norm):
    model = attention_only(norm)
    trace = aw.capture(model, BASE)
    assert relative(aw.freeze(model, trace, norms=True)) < FLOAT64
    live = aw.freeze(model, trace)
    assert relative(live) < FLOAT64 if norm is None else relative(live) > 0.1
    assert relative(aw.freeze(model, trace, [], norms=True)) > 0.1


@pytest.mark.parametrize("name", ["gpt2", "llama", "opt"])
def test_in_bfloat16_it_is_affine_to_its_few_digits(name):
    model = aw.load_model(hugging_face(name).to(torch.bfloat16), tokenizer=tokenizer())
    trace = aw.capture(model, BASE)
    frozen = aw.freeze(model, trace, norms=True, mlps=True)
    assert frozen.logits(BASE).dtype == torch.bfloat16
    assert relative(frozen) < BFLOAT16
    assert frozen.linearity(2).linear
    assert relative(aw.freeze(model, trace, mlps=True)) > 0.1


def test_smollm2_is_affine_with_everything_held_and_not_without(smollm2):
    trace = aw.capture(smollm2, "When Mary and John went to the store, Mary gave a book to")
    frozen = aw.freeze(smollm2, trace, norms=True, mlps=True)
    held = frozen.linearity(1)
    assert held.linear
    # MLP outputs of 25,000, held, are in every sum that is rounded
    assert held.error < 5e-6 * float(frozen.baseline.logits.abs().max())
    live = aw.freeze(smollm2, trace, mlps=True).linearity(1)
    assert not live.linear
    assert live.relative > 1e-2


@pytest.mark.parametrize("held", [{"norms": True, "mlps": True}, {"mlps": True}, {}])
def test_linearity_says_what_superposition_comes_to(held):
    model = tiny("llama")
    frozen = aw.freeze(model, aw.capture(model, BASE), **held)
    measured = frozen.linearity(4)
    worst, size = superposition(frozen, 4)
    # other random tokens were tried here
    assert worst / 3 < measured.error < worst * 3
    assert worst / size / 3 < measured.relative < worst / size * 3
    assert frozen.linearity(2, seed=1) == frozen.linearity(2, seed=1)
    assert frozen.linearity(2, seed=1).error != frozen.linearity(2, seed=2).error


def test_linearity_names_what_is_not_held(toy):
    model = tiny("llama")
    trace = aw.capture(model, BASE)

    def reasons(**held):
        return aw.freeze(model, trace, **held).linearity(1).reasons

    assert reasons(norms=True, mlps=True) == ()
    assert reasons(mlps=True) == ("the norms are not held (norms=True)",)
    assert reasons(norms=True) == ("the MLPs are not held (mlps=True)",)
    assert reasons(heads=["L0H0"], norms=True, mlps=True) == ("the patterns of 7 of 8 heads are not held",)
    assert len(reasons(heads=["L0H0"])) == 3
    toy_trace = aw.capture(toy, BASE)
    assert str(aw.freeze(toy, toy_trace).linearity(2)).startswith("Linear here: the logits are an affine function")
    words = str(aw.freeze(toy, toy_trace, ["L0H1"]).linearity(2))
    assert words.startswith("Not linear (superposition error ")
    assert words.endswith("): the patterns of 7 of 8 heads are not held.")


def test_what_no_holding_makes_linear_is_named_too():
    model = tiny("gemma2")
    found = aw.freeze(model, aw.capture(model, BASE), norms=True, mlps=True).linearity(2)
    assert not found.linear
    assert found.relative > 0.1
    assert len(found.reasons) == 1
    assert "something else in Gemma2ForCausalLM is not linear either, such as a cap" in found.reasons[0]


def test_one_pair_that_is_not_linear_is_enough():
    model = attention_only("LN")
    frozen = aw.freeze(model, aw.capture(model, BASE), norms=True)
    largest = [0.0]

    def watch(logits, hook):
        largest[0] = max(largest[0], float(logits.max()))

    model.lens.add_hook("unembed.hook_out", watch, is_permanent=True)
    frozen.linearity(1)
    in_one = largest[0]
    frozen.linearity(8)
    assert largest[0] > 1.01 * in_one
    cap = (largest[0] + in_one) / 2
    model.lens.add_hook("unembed.hook_out", lambda logits, hook: logits.clamp(max=cap), is_permanent=True)
    assert frozen.linearity(1).linear
    found = frozen.linearity(8)
    assert found.relative > 1e-4
    assert not found.linear
    assert "something else" in found.reasons[0]


def test_pairs_are_needed(toy, toy_trace):
    with pytest.raises(ValueError, match="n is 0; expected at least 1"):
        aw.freeze(toy, toy_trace).linearity(0)
