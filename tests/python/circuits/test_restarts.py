"""Runs that begin at the layer they differ in give what whole runs with hooks give, in every architecture."""

from __future__ import annotations

import pytest
import torch
from python.circuits.architectures import (
    ARCHITECTURES,
    NORMS,
    attention_only,
    hugging_face,
    logits_of,
    random_ids,
    tiny,
)
from tiny_tokenizer import tokenizer

import attn_widgets as aw
from attn_widgets.circuits.ablating_each import losses_without_each
from attn_widgets.circuits.ablation import token_losses
from attn_widgets.circuits.restarts import Replaced, Restarts, Way
from attn_widgets.forward.recording import record
from attn_widgets.models import kept_run, places

BASE = random_ids(0, 20)
HOWS = ("zero", "mean", "pattern_preserving")


def whole_run(model, layer, head, how):
    """By TransformerLens alone, all of the model, with hooks of its own."""
    hooks = []
    if how == "pattern_preserving":
        patterns = record(model, BASE).patterns
        for one, pattern in enumerate(patterns):
            seen = []

            def values(v, hook, seen=seen):
                seen[:] = [v[0].repeat_interleave(model.n_heads // v.shape[2], 1)]

            def held(z, hook, seen=seen, pattern=pattern):
                return torch.einsum("hqk,khd->qhd", pattern, seen[0])[None]

            hooks += [(f"blocks.{one}.attn.hook_v", values), (f"blocks.{one}.attn.hook_z", held)]

    def replace(z, hook):
        z = z.clone()
        z[:, :, head] = z[:, :, head].mean(1, keepdim=True) if how == "mean" else 0
        return z

    return logits_of(model, BASE, [*hooks, (f"blocks.{layer}.attn.hook_z", replace)])


def check_every_head(model, atol):
    baseline = record(model, BASE)
    for how in HOWS:
        losses = losses_without_each(model, baseline, how)
        for layer in range(model.n_layers):
            for head in range(model.n_heads):
                logits = whole_run(model, layer, head, how)
                torch.testing.assert_close(
                    losses[layer, head], token_losses(logits, BASE), rtol=0, atol=atol, msg=f"L{layer}H{head} {how}"
                )
                ablation = aw.ablate(model, BASE, [(layer, head)], how)
                torch.testing.assert_close(ablation.logits, logits, rtol=1e-5, atol=atol)
                assert float(ablation.change.abs().max()) > 100 * atol


@pytest.mark.parametrize("name", [*ARCHITECTURES, "gemma2"])
def test_every_head_of_every_architecture(name):
    model = tiny(name)
    check_every_head(model, 1e-4)
    restarts = Restarts(model, record(model, BASE))
    assert restarts.why_whole() == restarts.why_whole(hold=True) == ""


@pytest.mark.parametrize("norm", NORMS)
def test_every_head_of_models_that_transformer_lens_made(norm):
    model = attention_only(norm)
    check_every_head(model, 1e-9)
    assert Restarts(model, record(model, BASE)).why_whole() == ""


def test_every_head_of_the_toy(toy):
    check_every_head(toy, 1e-4)


@pytest.mark.parametrize(("how", "hold"), [("zero", False), ("pattern_preserving", True)])
def test_heads_of_several_layers_at_once(toy, how, hold):
    heads = [(0, 1), (1, 0), (1, 2)]
    for model in (toy, tiny("llama")):
        hooks = [(places.output_place(layer), silence(head)) for layer, head in heads]
        expected = Restarts(model, record(model, BASE))._whole(hooks, hold)
        torch.testing.assert_close(aw.ablate(model, BASE, heads, how).logits, expected, rtol=1e-5, atol=1e-4)


def silence(head):
    def hook(z, hook):
        z = z.clone()
        z[:, :, head] = 0
        return z

    return hook


def test_a_batch_is_as_good_as_one_run_after_the_other(monkeypatch):
    model = tiny("qwen3")
    restarts = Restarts(model, record(model, BASE))
    wanted = [Replaced(head, torch.randn(len(BASE), 8)) for head in (3, 0, 0, 2, 1)]
    together = list(restarts.each(1, wanted))
    monkeypatch.setattr("attn_widgets.circuits.restarts._POSITIONS", 45)
    for logits, expected in zip(restarts.each(1, wanted), together, strict=True):
        torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)


def test_values_queries_and_keys_can_be_replaced_too():
    """What patching needs."""
    model = tiny("llama")
    restarts = Restarts(model, record(model, BASE))
    for place in (places.value_place, lambda layer: f"blocks.{layer}.attn.hook_q"):
        new = torch.randn(len(BASE), 8)

        def replace(tensor, hook, new=new):
            tensor = tensor.clone()
            tensor[:, :, 1] = new
            return tensor

        (logits,) = restarts.each(1, [Replaced(1, new)], place)
        torch.testing.assert_close(logits, logits_of(model, BASE, [(place(1), replace)]), rtol=1e-5, atol=1e-4)


def test_a_hook_that_somebody_left_on_the_model_counts():
    model = aw.load_model(hugging_face("llama"), tokenizer=tokenizer())
    before = aw.ablate(model, BASE, ["L0H1"]).logits
    model.lens.add_hook("blocks.1.hook_mlp_out", lambda mlp, hook: 0.5 * mlp, is_permanent=True)
    after = aw.ablate(model, BASE, ["L0H1"]).logits
    assert float((after - before).abs().max()) > 0.1
    torch.testing.assert_close(after, whole_run(model, 0, 1, "zero"), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("fault", ["raises", "is wrong"])
def test_where_layers_cannot_be_run_by_themselves_the_whole_model_is_and_it_says_why(monkeypatch, fault):
    model = aw.load_model(hugging_face("llama"), tokenizer=tokenizer())
    real = kept_run.KeptRun.go_on

    def go_on(self, *arguments, **options):
        if fault == "raises":
            raise RuntimeError("a layer wants what an earlier one kept")
        return 1.1 * real(self, *arguments, **options) + 0.1

    monkeypatch.setattr(kept_run.KeptRun, "go_on", go_on)
    check_every_head(model, 1e-4)
    said = Restarts(model, record(model, BASE)).why_whole()
    assert {"raises": "wants what an earlier one kept", "is wrong": "gives other logits"}[fault] in said


def test_plain_layers_are_used_where_there_are_some(toy):
    for model, hold, plain in ((tiny("llama"), False, True), (tiny("llama"), True, True), (toy, True, False)):
        assert Restarts(model, record(model, BASE))._way(hold) == Way(plain, "")
