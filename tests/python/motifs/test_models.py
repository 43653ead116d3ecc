"""Real models: agreement with TransformerLens, and the heads that the literature says are there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformer_lens.head_detector import detect_head

import attn_widgets as aw
from attn_widgets.motifs import MOTIFS, Prompt

PROMPTS = [
    "When Mary and John went to the store, Mary gave a book to John.",
    "one two three four, one two three four, one two three four",
]
PROSE = (
    "The history of the city begins with a small settlement on the banks of the river. Over time, merchants came "
    "to trade their goods, and the settlement grew into a town. In the twelfth century, a wall was built around it; "
    "two gates remain today.\n\nThe first of these, the North Gate, was restored in 1904."
)


class WithItsTokens:
    """A model whose `to_tokens` is that of this package, which is what the toy needs."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model.lens, name)

    def to_tokens(self, text: str) -> torch.Tensor:
        return torch.tensor([self.model.encode(text)])


def detected(model: Any, prompt: str, motif: str) -> np.ndarray:
    return detect_head(
        WithItsTokens(model),
        prompt,
        detection_pattern=f"{motif}_head",
        error_measure="mul",
        exclude_bos=False,
        exclude_current_token=False,
    ).numpy()


@pytest.mark.parametrize("motif", ["previous_token", "duplicate_token", "induction"])
@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("fixture", ["toy", "smollm2"])
def test_scores_agree_with_transformer_lens(fixture, prompt, motif, request):
    """detect_head divides the mass on the mask by all rows, a score by the rows that have cells of the motif."""
    model = request.getfixturevalue(fixture)
    trace = aw.capture(model, prompt)
    rows = MOTIFS[motif].cells(Prompt.of(trace))[1].sum()
    assert 0 < rows < trace.n_queries
    scores = aw.motif_scores(trace)[motif]
    np.testing.assert_allclose(scores * rows / trace.n_queries, detected(model, prompt, motif), atol=1e-5)


def repeated_random(model, length=60, seed=0):
    ids = np.random.default_rng(seed).choice(np.arange(20, model.n_logits), length, replace=False).tolist()
    return [*model.encode("the")[:1], *ids, *ids]


def test_smollm2_does_induction_where_it_is_known_to(smollm2):
    traces = aw.capture(smollm2, [repeated_random(smollm2, seed=seed) for seed in range(2)])
    scores = aw.motif_scores(traces)
    assert {head for head, _ in scores.top("induction", 3)} == {"L18H6", "L17H3", "L17H4"}
    assert [head for head, _ in scores.top("previous_token", 2)] == ["L16H0", "L11H1"]
    dominant = scores.dominant()
    assert {dominant[18, 6], dominant[17, 3], dominant[17, 4]} == {"induction"}
    assert {dominant[16, 0], dominant[11, 1], dominant[1, 2]} == {"previous_token"}
    # the stripe of a repeat is as far back as the repeat is long, less one for induction
    assert aw.motif_scores(traces[0]).found["stripe"][18, 6] == 59


@pytest.mark.parametrize("prompt", [PROSE, PROMPTS[0]])
def test_smollm2_looks_at_previous_tokens_of_prose_where_it_is_known_to(smollm2, prompt):
    scores = aw.motif_scores(aw.capture(smollm2, prompt))
    assert {head for head, _ in scores.top("previous_token", 3)} == {"L16H0", "L11H1", "L1H2"}


def test_smollm2_has_sinks_and_no_head_without_a_name_is_made_one(smollm2):
    scores = aw.motif_scores(aw.capture(smollm2, PROSE))
    dominant, present = scores.dominant(), scores.present()
    assert (dominant == "first_token").sum() > 80, "most heads of a trained model rest on the first token"
    assert dominant[18, 8] == "first_token"
    named = dominant != "none"
    np.testing.assert_array_equal(named, present.any(axis=0))
    without = aw.motif_scores(aw.capture(smollm2, PROSE), exclude_first=True)
    assert not (without.dominant() == "first_token").any()
    assert (without.dominant() == "previous_token").sum() >= (dominant == "previous_token").sum()


def test_the_toy_has_the_heads_it_was_made_to_have(toy):
    scores = aw.motif_scores(aw.capture(toy, repeated_random(toy)))
    assert scores.top("previous_token", 1)[0][0] == "L0H1"
    assert {head for head, _ in scores.top("induction", 2)} <= {f"L1H{head}" for head in range(4)}
    assert scores.dominant()[0, 1] == "previous_token"
