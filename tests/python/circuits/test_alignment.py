"""align: patterns, norm scales and MLP outputs laid on a prompt of another length, from either end."""

from __future__ import annotations

import pytest
import torch
from python.circuits.architectures import SEQ, cached, logits_of, random_ids, shared_hugging_face, tiny
from python.circuits.reference import ByHand, HuggingFaceReference, laid_on

import attn_widgets as aw
from attn_widgets.circuits.alignment import Alignment

BASE = random_ids(0)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("n", [1, 8, 16])
@pytest.mark.parametrize("held", [{}, {"norms": True, "mlps": True}, {"heads": [(0, 1), (1, 2)], "norms": True}])
@pytest.mark.parametrize("name", ["gpt2", "mistral", "opt"])
def test_a_prompt_of_another_length_runs_through_what_lies_on_it(name, held, n, side):
    model, other = tiny(name), random_ids(1, n)
    logits = aw.freeze(model, aw.capture(model, BASE), **held).logits(other, align=side)
    reference = HuggingFaceReference(shared_hugging_face(name), BASE)
    expected = reference.frozen(other, side=side, **held)
    assert float((logits - expected).abs().max()) < 5e-6 * max(1.0, float(expected.abs().max()))
    if n > 1:
        assert float((logits - reference.live(other)).abs().max()) > 0.1
        ends = {end: reference.frozen(other, side=end, **held) for end in ("left", "right")}
        assert float((ends["left"] - ends["right"]).abs().max()) > 0.1


def test_on_a_prompt_of_the_same_length_either_end_is_the_same():
    model = tiny("llama")
    frozen = aw.freeze(model, aw.capture(model, BASE), norms=True)
    for side in ("left", "right"):
        torch.testing.assert_close(frozen.logits(random_ids(1), side), frozen.logits(random_ids(1)), rtol=0, atol=0)


def test_rows_whose_keys_are_gone_stay_live(toy):
    trace = aw.capture(toy, BASE)
    other = random_ids(1, 8)
    # all attention is on the baseline's first token, which a shorter prompt does not have at its right end
    first = {f"L{layer}H{head}": "first_token" for layer in range(2) for head in range(4)}
    frozen = aw.freeze(toy, trace, patterns=first)
    torch.testing.assert_close(frozen.logits(other, align="right"), logits_of(toy, other), rtol=0, atol=1e-5)
    assert float((frozen.logits(other, align="left") - logits_of(toy, other)).abs().max()) > 1
    recording = frozen.record(other, "right")
    live = cached(toy, other)
    for layer in range(2):
        torch.testing.assert_close(recording.patterns[layer], live[f"blocks.{layer}.attn.hook_pattern"])
    assert all((layer[..., 0] == 1).all() for layer in frozen.record(other, "left").patterns)


def test_rows_without_a_counterpart_stay_live(toy):
    trace = aw.capture(toy, BASE)
    frozen = aw.freeze(toy, trace, ["L0H2", "L1H0"])
    hand = ByHand(toy)
    baseline, other = hand.run(hand.embedding(BASE)).patterns, random_ids(1, 15)

    def lay(layer, live):
        live = live.clone()
        head = {0: 2, 1: 0}[layer]
        live[head] = laid_on(baseline[layer][head], live[head], "right")
        return live

    expected = hand.run(hand.embedding(other), lay).logits
    torch.testing.assert_close(frozen.logits(other, align="right"), expected, rtol=0, atol=5e-5)
    in_effect = frozen.record(other, "right").patterns[0]
    live = cached(toy, other)["blocks.0.attn.hook_pattern"]
    torch.testing.assert_close(in_effect[[0, 1, 3]], live[[0, 1, 3]])
    torch.testing.assert_close(in_effect[2, :3], live[2, :3])
    torch.testing.assert_close(in_effect[2, 3:, 3:], baseline[0][2], rtol=0, atol=1e-5)


def test_a_row_keeps_its_share_between_the_keys_that_are_left():
    pattern = torch.tensor([[[1.0, 0, 0], [0.4, 0.6, 0], [0.5, 0.1, 0.4]]])
    moved, rows = Alignment(3, 2, "right").pattern(pattern)
    torch.testing.assert_close(moved, torch.tensor([[[1.0, 0], [0.2, 0.8]]]))
    assert rows.all()
    moved, _ = Alignment(3, 4, "right").pattern(pattern)
    torch.testing.assert_close(moved[0, 1:, 1:], pattern[0])
    assert not moved[0, 0].any()
    assert not moved[0, :, 0].any()


def test_another_length_needs_a_side_and_a_side_is_left_or_right(toy):
    frozen = aw.freeze(toy, aw.capture(toy, BASE))
    with pytest.raises(
        ValueError, match=r'tokens has 8 tokens, but the baseline has 12.*align="left" or align="right"'
    ):
        frozen.logits(random_ids(1, 8))
    for n in (8, SEQ):
        with pytest.raises(ValueError, match='align is \'middle\'; expected "left", "right" or None'):
            frozen.logits(random_ids(1, n), align="middle")
