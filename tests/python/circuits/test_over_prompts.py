"""effects, attribute and ablate over prompts: what one prompt gives, its mean and spread; nothing is run twice."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from python.circuits.architectures import cached, logits_of, random_ids, tiny

import attn_widgets as aw
from attn_widgets.circuits import NotExact

BASE = random_ids(0)
# of other lengths
PROMPTS = [random_ids(1), random_ids(2, 9), random_ids(3, 14)]


@pytest.fixture
def model():
    return tiny("llama")


@pytest.fixture
def passes(model, monkeypatch):
    """Count the forward passes of the model."""
    counted = []
    original = model.lens.run_with_hooks
    monkeypatch.setattr(model.lens, "run_with_hooks", lambda *a, **k: counted.append(1) or original(*a, **k))
    return counted


def assert_mean_and_spread(over, name, values):
    np.testing.assert_allclose(over.mean[name], np.mean(values, 0), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(over.spread[name], np.std(values, 0, ddof=1), rtol=1e-6, atol=1e-7)


def test_attribute_has_mean_and_spread_of_what_prompts_of_any_length_have(model):
    over = aw.attribute(model, PROMPTS, token=7, versus=9)
    alone = [aw.attribute(model, aw.capture(model, prompt), token=7, versus=9) for prompt in PROMPTS]
    assert len(over) == 3
    for one, expected in zip(over, alone, strict=True):
        np.testing.assert_allclose(one.head_source, expected.head_source, atol=1e-6)
    for name in ("by_head", "mlps", "embedding", "attention_biases", "logit", "sum_error"):
        assert_mean_and_spread(over, name, [getattr(one, name) for one in over])
    assert over.mean["by_head"].shape == (2, 4)
    assert isinstance(over.mean["logit"], float)
    assert "head_source" not in over.mean, "the third token of one prompt is not that of another"
    frame = over.to_frame().set_index("term")
    assert list(frame.columns) == ["mean", "spread"]
    assert frame["mean"]["L1H2"] == pytest.approx(np.mean([one.by_head[1, 2] for one in alone]), abs=1e-6)
    assert frame["spread"]["MLP 1"] == pytest.approx(np.std([one.mlps[1] for one in alone], ddof=1), abs=1e-6)
    terms = frame["mean"].drop(["logit", "sum_error"]).sum()
    assert terms == pytest.approx(over.mean["logit"] - over.mean["sum_error"], abs=1e-5)
    assert f"logit {over.mean['logit']:.4g} ± {over.spread['logit']:.2g}" in repr(over)


def test_each_prompt_may_have_its_own_token_and_query(model):
    over = aw.attribute(model, PROMPTS, query=[-1, 3, 5], token=[7, "w8", 9], versus=10)
    assert [(one.query, one.token, one.versus) for one in over] == [(11, 7, 10), (3, 8, 10), (5, 9, 10)]
    frozen = aw.freeze(model, BASE)
    others = [random_ids(seed) for seed in (4, 5, 6)]
    effects = frozen.effects(others, query=[-1, 3, 5])
    assert [one.query for one in effects] == [11, 3, 5]
    difference = effects.logit_difference([7, "w8", 9], 10)
    assert difference[1] == frozen.effects(others[1], 3).logit_difference(8, 10)
    with pytest.raises(ValueError, match="token is a list of 2; expected one, or one for each of 3 prompts"):
        effects.logit([1, 2])
    with pytest.raises(ValueError, match="query is a list of 2; expected one, or one for each of 3 prompts"):
        aw.attribute(model, PROMPTS, query=[1, 2])
    with pytest.raises(ValueError, match="versus is a list of 3, but there is one prompt"):
        aw.attribute(model, BASE, versus=[1, 2, 3])


def test_effects_of_several_edits_of_one_baseline(model):
    frozen = aw.freeze(model, BASE)
    others = [random_ids(seed) for seed in (4, 5, 6)]
    over = frozen.effects(others)
    alone = [frozen.effects(other) for other in others]
    for measure in (lambda e: e.logit(7), lambda e: e.logit_difference(7, 9), lambda e: e.kl()):
        effect = measure(over)
        assert list(effect) == [measure(one) for one in alone]
        for name in ("base", "direct", "ov", "qk", "interaction", "total"):
            assert_mean_and_spread(effect, name, [getattr(measure(one), name) for one in alone])
        parts = [effect.mean[name] for name in ("direct", "ov", "qk", "interaction")]
        assert sum(parts) == pytest.approx(effect.mean["total"], abs=1e-9)
    assert over.logit(7).to_frame().term.tolist() == ["base", "direct", "ov", "qk", "interaction", "total"]
    assert repr(over).startswith("<Effects of 3 prompts: KL <3 prompts: base 0 ± 0, direct ")


def test_ablate_has_the_losses_of_each_prompt_which_count_alike(model):
    over = aw.ablate(model, PROMPTS, ["L1H3"])
    alone = [aw.ablate(model, aw.capture(model, prompt), ["L1H3"]) for prompt in PROMPTS]
    for name in ("loss", "baseline_loss", "loss_change"):
        assert_mean_and_spread(over, name, [getattr(one, name) for one in alone])
    assert over[1].logits.shape == (9, 100)
    assert over.to_frame().term.tolist() == ["loss", "baseline_loss", "loss_change"]


def test_of_one_prompt_in_a_list_there_is_a_mean_but_no_spread(model):
    over = aw.attribute(model, [BASE], token=7)
    assert over.prompts == (model.tokenizer.decode(BASE),)
    assert over.mean["logit"] == aw.attribute(model, BASE, token=7).logit
    assert np.isnan(over.spread["logit"])
    assert np.isnan(over.spread["by_head"]).all()


def test_a_prompt_is_text_or_ids_or_a_trace_or_what_was_frozen(toy):
    text = "The cat sat on the mat. The cat sat on the"
    trace = aw.capture(toy, text)
    given = [text, toy.encode(text), trace, aw.freeze(toy, trace)]
    over = aw.attribute(toy, given, token="mat")
    assert len({one.logit for one in over}) == 1
    assert over.prompts[0] == text
    assert [one.logit for one in over] == [aw.attribute(toy, one, token="mat").logit for one in given]
    losses = [one.loss for one in aw.ablate(toy, given, ["L1H1"])]
    assert losses == [losses[0]] * 4


def test_what_was_frozen_is_known_by_its_model_object_however_it_was_opened(toy, model):
    frozen = aw.freeze(toy.lens, aw.capture(toy, BASE[:8]))
    assert frozen.model is not toy
    assert aw.attribute(toy, frozen, token=7).logit == aw.attribute(toy, BASE[:8], token=7).logit
    with pytest.raises(ValueError, match=r"trace is <Frozen toy-induction.*, which holds another model object"):
        aw.attribute(model, frozen)


def test_a_baseline_is_run_once_and_what_was_frozen_not_again(model, passes):
    # how runs can begin in the middle is found out once a model
    aw.ablate(model, PROMPTS[0], ["L1H3"])
    passes.clear()
    aw.ablate(model, PROMPTS, ["L1H3"])
    assert len(passes) == 3, "each prompt once as it is; without the head only from its layer on"
    frozen = [aw.freeze(model, prompt) for prompt in PROMPTS]
    passes.clear()
    for head in ("L0H1", "L1H3"):
        aw.ablate(model, frozen, [head])
    assert passes == [], "only from the head's layer on"
    aw.attribute(model, frozen)
    aw.freeze(model, frozen[0], ["L0H0"])
    assert passes == []
    frozen[0].effects([random_ids(4), random_ids(5)])
    assert len(passes) == 8, "four runs an edit beside the baseline"
    passes.clear()
    aw.ablate(model, frozen, ["L0H0"], "mean", reference=PROMPTS)
    assert len(passes) == 3, "each reference once"


def test_the_mean_over_reference_prompts_is_that_of_all_their_positions(model):
    outputs = [cached(model, prompt)["blocks.1.attn.hook_z"][:, 2] for prompt in PROMPTS]
    mean = torch.cat(outputs).mean(0)
    assert not torch.allclose(mean, torch.stack([output.mean(0) for output in outputs]).mean(0), atol=1e-3)

    def average(z, hook):
        z = z.clone()
        z[:, :, 2] = mean
        return z

    ablation = aw.ablate(model, BASE, ["L1H2"], "mean", reference=PROMPTS)
    expected = logits_of(model, BASE, [("blocks.1.attn.hook_z", average)])
    torch.testing.assert_close(ablation.logits, expected, rtol=0, atol=1e-5)
    own = aw.ablate(model, BASE, ["L1H2"], "mean").logits
    assert float((ablation.logits - own).abs().max()) > 0.05
    as_reference = aw.ablate(model, BASE, ["L1H2"], "mean", reference=[BASE]).logits
    torch.testing.assert_close(as_reference, own, rtol=0, atol=1e-5)


def test_several_heads_have_each_their_own_mean(model):
    together = aw.ablate(model, BASE, ["L0H1", "L0H3"], "mean", reference=PROMPTS).logits
    means = torch.cat([cached(model, prompt)["blocks.0.attn.hook_z"] for prompt in PROMPTS]).mean(0)

    def average(z, hook):
        z = z.clone()
        z[:, :, [1, 3]] = means[[1, 3]]
        return z

    torch.testing.assert_close(together, logits_of(model, BASE, [("blocks.0.attn.hook_z", average)]), rtol=0, atol=1e-5)


def test_an_error_says_which_prompt_it_is_of(model):
    with pytest.raises(ValueError, match=r"prompt 1 \('.*w\d+'\): query is 10"):
        aw.attribute(model, PROMPTS, query=10)
    with pytest.raises(ValueError, match=r"prompt 2: prompt has the token id 100"):
        aw.ablate(model, [BASE, BASE, [100]], ["L0H0"])
    with pytest.raises(ValueError, match=r"prompt 1 .*: tokens has 9 tokens, but the baseline has 12"):
        aw.freeze(model, BASE).effects(PROMPTS)
    with pytest.raises(NotExact, match=r"prompt 0 .*cannot be attributed exactly"):
        aw.attribute(tiny("gemma2"), PROMPTS)
    with pytest.raises(ValueError, match=r"prompt 0 .*: trace is <Frozen .*another model"):
        aw.ablate(tiny("qwen2"), [aw.freeze(model, BASE)], ["L0H0"])
    with pytest.raises(ValueError, match=r"prompt 1 .*: token is 'w1 w2'"):
        aw.freeze(model, BASE).effects([random_ids(4), random_ids(5)]).logit([7, "w1 w2"])
    with pytest.raises(ValueError, match="reference: prompt has the token id 100"):
        aw.ablate(model, BASE, ["L0H0"], "mean", reference=[BASE, [100]])


def test_a_reference_goes_with_the_mean_and_is_a_list(model):
    with pytest.raises(ValueError, match=r"reference is given, but how is 'zero'.*how=\"mean\""):
        aw.ablate(model, BASE, ["L0H0"], reference=PROMPTS)
    with pytest.raises(ValueError, match="reference is one str; expected a list of prompts or traces"):
        aw.ablate(model, BASE, ["L0H0"], "mean", reference="w4 w5")
    with pytest.raises(ValueError, match="reference is one list; expected a list of prompts or traces"):
        aw.ablate(model, BASE, ["L0H0"], "mean", reference=[])
