"""generate: the model's own continuation, marked where it begins."""

from __future__ import annotations

from concurrent.futures import CancelledError

import numpy as np
import pytest
import torch
from many_models import hugging_face, shared_hugging_face, tiny
from tiny_tokenizer import tokenizer

import attn_widgets as aw

PROMPT = "Mary cat John dog Mary cat"
IDS = torch.randint(3, 100, (12,), generator=torch.Generator().manual_seed(3)).tolist()


def greedy(model: aw.models.Model, ids: list[int], n: int) -> list[int]:
    """The most likely token, n times, all read again each time."""
    ids = list(ids)
    for _ in range(n):
        ids.append(int(model.run(ids)[-1].argmax()))
    return ids


def test_the_trace_is_that_of_prompt_and_continuation(toy):
    trace = aw.generate(toy, PROMPT, 4)
    ids = toy.encode(PROMPT)
    assert trace.generated_from == len(ids)
    assert trace.token_ids.tolist() == greedy(toy, ids, 4)
    assert trace.text == toy.tokenizer.decode(trace.token_ids)
    np.testing.assert_allclose(trace.patterns, aw.capture(toy, trace.token_ids).patterns, atol=1e-6)


@pytest.mark.parametrize("name", ["gpt2", "llama", "mistral", "gemma2", "gemma3", "gpt_oss", "bloom", "gpt_neo"])
def test_keys_and_values_that_are_kept_change_nothing(name):
    # longer than the window of those that have one
    trace = aw.generate(tiny(name), IDS, 8, stop_at_end=False, keep="auto")
    reference = list(IDS)
    for _ in range(8):
        with torch.no_grad():
            reference.append(int(shared_hugging_face(name)(torch.tensor([reference])).logits[0, -1].argmax()))
    assert trace.token_ids.tolist() == reference


def test_the_real_model_goes_on_as_its_authors_code_does(smollm2):
    trace = aw.generate(smollm2, "The capital of France is", 6)
    assert "Paris" in "".join(trace.tokens[trace.generated_from :])
    assert trace.token_ids.tolist() == greedy(smollm2, smollm2.encode("The capital of France is"), 6)


def test_the_text_begins_with_the_prompt_as_it_was_given(toy):
    # the tokenizer would write it otherwise
    trace = aw.generate(toy, "the CAT  sat", 3)
    assert trace.text.startswith("the CAT  sat ")
    assert trace.text[trace.spans[1][0] : trace.spans[1][1]] == "the"
    written = trace.spans[trace.generated_from :]
    assert [trace.text[start:end] for start, end in written] == list(trace.tokens[trace.generated_from :])


def test_hooks_left_on_the_model_shape_what_it_writes():
    model = aw.load_model(hugging_face("llama"), tokenizer=tokenizer())
    plain = aw.generate(model, IDS, 5, stop_at_end=False).token_ids.tolist()
    model.lens.add_hook("blocks.0.hook_out", lambda tensor, hook: tensor.flip(-1))
    hooked = aw.generate(model, IDS, 5, stop_at_end=False).token_ids.tolist()
    assert hooked == greedy(model, IDS, 5) != plain


def test_draws_are_those_of_the_seed_and_of_the_temperature(toy):
    def drawn(**options):
        return aw.generate(toy, PROMPT, 12, **options).token_ids.tolist()

    assert drawn(temperature=3.0, seed=1) == drawn(temperature=3.0, seed=1)
    assert drawn(temperature=3.0, seed=1) != drawn(temperature=3.0, seed=2)
    assert drawn(temperature=1e-4, seed=1) == drawn()
    assert drawn(temperature=5.0, top_k=1, seed=1) == drawn()


def test_it_ends_at_the_end_of_text_or_at_the_context(toy):
    model = tiny("llama")
    ends = greedy(model, IDS, 3)[-1]
    model.lens.original_model.generation_config.eos_token_id = [ends]
    try:
        assert aw.generate(model, IDS, 9).token_ids.tolist() == greedy(model, IDS, 3)[: 12 + 3]
        assert aw.generate(model, IDS, 9, stop_at_end=False).n_keys == 21
    finally:
        model.lens.original_model.generation_config.eos_token_id = None
    context = toy.context
    assert aw.generate(toy, [5, 6] * (context // 2 - 1), 20).n_keys == context


def test_what_else_is_asked_of_a_capture_is_kept(toy):
    trace = aw.generate(toy, PROMPT, 2, scores=True, value_norms=True, dtype="float16")
    assert trace.kinds == ("pattern", "score", "value_weighted")
    assert trace.attention.dtype == np.float16
    assert aw.generate(tiny("llama"), IDS, 2, keep="queries_keys").holds == "queries_keys"


def test_progress_is_told_and_may_end_it(toy):
    shares: list[float] = []
    aw.generate(toy, PROMPT, 4, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    with pytest.raises(CancelledError):
        aw.generate(toy, PROMPT, 4, progress=lambda share: share < 0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_new_tokens": 0}, "max_new_tokens is 0; expected at least 1"),
        ({"temperature": -1}, "temperature is -1; expected 0"),
        ({"top_k": 3}, "top_k is 3 at temperature 0.0; expected at least 1, and a temperature"),
        ({"prompt": ["a", "b"]}, "prompt is a list of prompts; expected one"),
        ({"prompt": [5, 6] * 64}, "prompt has 128 tokens, all that toy-induction can read"),
    ],
)
def test_what_cannot_be_is_refused_by_name(toy, options, message):
    with pytest.raises(ValueError, match=message):
        aw.generate(**{"model": toy, "prompt": PROMPT, **options})


def test_a_model_that_sees_both_ways_writes_nothing():
    with pytest.raises(ValueError, match="sees what comes after a token"):
        aw.generate(tiny("bert"), IDS)
