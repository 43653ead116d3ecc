"""Patterns given by hand: uniform, all on the first token, another head's, an edited array."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from python.circuits.architectures import SEQ, random_ids, tiny
from python.circuits.reference import ByHand

import attn_widgets as aw

BASE, OTHER = random_ids(0), random_ids(1)


@pytest.fixture(scope="module")
def hand(toy):
    return ByHand(toy)


@pytest.fixture(scope="module")
def baseline(hand):
    return hand.run(hand.embedding(BASE)).patterns


def expected(hand, baseline, changes, ids=OTHER, heads=None):
    """Logits with the baseline's patterns in `heads` (default all) and, over them, the changes."""

    def held(layer, live):
        pattern = live.clone()
        for head in range(4):
            if heads is None or (layer, head) in heads:
                pattern[head] = baseline[layer][head]
            if (layer, head) in changes:
                pattern[head] = torch.as_tensor(changes[layer, head], dtype=pattern.dtype)
        return pattern

    return hand.run(hand.embedding(ids), held).logits


def close(logits, reference):
    torch.testing.assert_close(logits, reference, rtol=0, atol=5e-5)


def uniform():
    return np.tri(SEQ) / np.arange(1, SEQ + 1)[:, None]


def first_token():
    return np.eye(SEQ)[np.zeros(SEQ, int)]


def test_uniform_is_over_the_keys_a_query_sees(toy, hand, baseline):
    frozen = aw.freeze(toy, aw.capture(toy, BASE), patterns={"L1H2": "uniform"})
    close(frozen.logits(OTHER), expected(hand, baseline, {(1, 2): uniform()}))
    close(frozen.logits(BASE), expected(hand, baseline, {(1, 2): uniform()}, BASE))


def test_first_token_is_all_on_key_0(toy, hand, baseline):
    frozen = aw.freeze(toy, aw.capture(toy, BASE), patterns={(0, 3): "first_token"})
    close(frozen.logits(OTHER), expected(hand, baseline, {(0, 3): first_token()}))


def test_a_head_can_be_held_with_the_pattern_of_another(toy, hand, baseline):
    frozen = aw.freeze(toy, aw.capture(toy, BASE), patterns={"L0H1": "L1H3", "L1H3": "L0H1"})
    swapped = {(0, 1): baseline[1][3], (1, 3): baseline[0][1]}
    close(frozen.logits(OTHER), expected(hand, baseline, swapped))


def test_an_edited_pattern_is_held_as_it_is(toy, hand, baseline):
    trace = aw.capture(toy, BASE)
    edited = trace.head("L1H1").copy()
    edited[7] = np.eye(SEQ)[2]
    for array in (edited, torch.tensor(edited), edited.astype(np.float64)):
        frozen = aw.freeze(toy, trace, patterns={"L1H1": array})
        close(frozen.logits(OTHER), expected(hand, baseline, {(1, 1): edited}))
    frozen = aw.freeze(toy, trace, patterns={"L1H1": edited})
    before = frozen.logits(OTHER)
    edited[:] = np.eye(SEQ)
    close(frozen.logits(OTHER), before)


def test_given_heads_are_held_and_the_named_ones_too(toy, hand, baseline):
    trace = aw.capture(toy, BASE)
    frozen = aw.freeze(toy, trace, ["L0H2"], patterns={"L1H0": "uniform"})
    assert frozen.heads == ("L0H2", "L1H0")
    close(frozen.logits(OTHER), expected(hand, baseline, {(1, 0): uniform()}, heads=[(0, 2)]))
    only = aw.freeze(toy, trace, [], patterns={"L1H0": "uniform"})
    assert only.heads == ("L1H0",)
    close(only.logits(OTHER), expected(hand, baseline, {(1, 0): uniform()}, heads=[]))


def test_the_baseline_keeps_its_own_patterns(toy, baseline):
    frozen = aw.freeze(toy, aw.capture(toy, BASE), patterns={"L0H0": "uniform"})
    close(frozen.baseline.patterns[0], baseline[0])
    close(frozen.record(OTHER).patterns[0][0], torch.tensor(uniform(), dtype=torch.float32))


def test_grouped_values_go_with_a_given_pattern():
    model = tiny("llama")
    first = {f"L{layer}H{head}": "first_token" for layer in range(2) for head in range(4)}
    frozen = aw.freeze(model, aw.capture(model, BASE), patterns=first)
    # every query gets the value of the first token: other tokens between them change nothing
    other = [BASE[0], *OTHER[1:-1], BASE[-1]]
    torch.testing.assert_close(frozen.logits(other)[-1], frozen.logits(BASE)[-1], rtol=0, atol=1e-5)
    assert float((frozen.logits([OTHER[0], *BASE[1:]])[-1] - frozen.logits(BASE)[-1]).abs().max()) > 0.1


@pytest.mark.parametrize(
    ("patterns", "says"),
    [
        ({"L1H3": "diagonal"}, r"patterns\['L1H3'\] is 'diagonal'; expected \"uniform\", \"first_token\""),
        ({"L1H3": "L5H0"}, r"patterns\['L1H3'\] is 'L5H0'; expected"),
        ({"L9H0": "uniform"}, r"patterns is L9H0; expected one of L0H0 to L1H3"),
        ({"head": "uniform"}, "head is 'head'; expected a name"),
        ({"L1H3": np.eye(SEQ + 1)}, r"patterns\['L1H3'\] has shape \(13, 13\); expected \[query, key\] = \(12, 12\)"),
        ({"L1H3": np.eye(SEQ)[None]}, r"has shape \(1, 12, 12\)"),
        ({"L1H3": 2 * np.eye(SEQ)}, r"patterns\['L1H3'\] is no attention pattern for this model: .*sum"),
        ({"L1H3": -np.eye(SEQ)}, r"patterns\['L1H3'\] is no attention pattern for this model"),
        ({"L1H3": np.full((SEQ, SEQ), np.nan)}, r"patterns\['L1H3'\] is no attention pattern for this model"),
        (
            {"L1H3": np.full((SEQ, SEQ), 1 / SEQ)},
            r"patterns\['L1H3'\] is no attention pattern for this model: .*causal",
        ),
    ],
)
def test_what_is_no_pattern_is_refused_in_words(toy, patterns, says):
    trace = aw.capture(toy, BASE)
    with pytest.raises(ValueError, match=says):
        aw.freeze(toy, trace, patterns=patterns)
