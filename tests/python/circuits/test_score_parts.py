"""explain: one attention score as a sum over pairs of parts, against scores and parts computed otherwise."""

from __future__ import annotations

import gc
import sys
import weakref
from functools import cache
from typing import Any

import many_models
import numpy as np
import pytest
import torch
from python.circuits.architectures import attention_only, cached, random_ids, tiny
from tiny_tokenizer import tokenizer
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import eager_mask, sdpa_mask

import attn_widgets as aw
from attn_widgets.circuits import NotExact
from attn_widgets.models import Model

IDS = random_ids(3, 11)
N = len(IDS)
REPEATED = "The cat sat on the mat. The cat sat on the"


@cache
def opened(name: str, double: bool = False) -> Model:
    """A tiny model; in float64 its norms may still compute in float32, as Hugging Face's RMSNorm does."""
    if name == "qwen2":
        return tiny(name)
    if not double:
        return many_models.tiny(name)
    hf_model = many_models.hugging_face(name).double()
    return aw.load_model(hf_model, tokenizer=tokenizer(), dtype="float64")


def scores_of_transformers(hf_model: Any, ids: list[int], fused: bool = False) -> list[np.ndarray]:
    """`[head, query, key]` a layer, of what Hugging Face's own code hands its attention function; before any cap.

    The function of its own makes its softmax in float32, whatever the model; the fused one does not.
    """
    found: list[np.ndarray] = []

    def attention(module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any) -> Any:
        groups = query.shape[1] // key.shape[1]
        products = query[0] @ key[0].repeat_interleave(groups, 0).mT
        found.append((products * options["scaling"]).double().numpy())
        if fused:
            return sdpa_attention_forward(module, query, key, value, mask, **options)
        eager = sys.modules[type(module).__module__].eager_attention_forward
        return eager(module, query, key, value, mask, **options)

    AttentionInterface.register("seen-by-test", attention)
    AttentionMaskInterface.register("seen-by-test", sdpa_mask if fused else eager_mask)
    hf_model.set_attn_implementation("seen-by-test")
    try:
        with torch.no_grad():
            hf_model(torch.tensor([ids]))
    finally:
        hf_model.set_attn_implementation("eager")
    return found


MODELS = ["gpt2", "llama", "qwen3", "mistral", "neox", "opt", "gemma2", "gemma3"]


@pytest.mark.parametrize("name", MODELS)
def test_terms_sum_to_the_scores_of_transformers(name):
    model = opened(name)
    expected = scores_of_transformers(many_models.hugging_face(name), IDS)
    for layer in (0, 1):
        for head in range(4):
            # within every window
            for query, key in ((N - 1, N - 3), (4, 4), (3, 0)):
                for by in ("component", "head", "source"):
                    why = aw.explain(model, IDS, (layer, head), query, key, by=by)
                    score = expected[layer][head, query, key]
                    size = max(1.0, np.abs(why.by_key_part).max())
                    assert why.terms.sum() == pytest.approx(score, abs=1e-4 * size)
                    assert why.score == pytest.approx(score, abs=1e-4 * size)
                    assert why.sum_error == pytest.approx(why.score - why.terms.sum(), abs=1e-12)
                    assert why.terms.shape == (len(why.query_parts), len(why.key_parts))
                    assert why.cap == (2.0 if name == "gemma2" else None)


@pytest.mark.parametrize("name", ["qwen2", "gpt_neo", "gpt_oss"])
def test_other_architectures_too(name):
    """gpt_oss has learned sinks, which are no keys; gpt_neo does not scale."""
    for layer in (0, 1):
        why = aw.explain(opened(name), IDS, (layer, 2), N - 1, N - 3, versus="row")
        assert abs(why.sum_error) < 1e-4 * max(1, abs(why.score))
        assert np.abs(why.terms).max() > 10 * abs(why.sum_error)


@pytest.mark.parametrize(("name", "allowed"), [("gpt2", 1e-10), ("neox", 1e-10), ("opt", 1e-10), ("llama", 1e-5)])
def test_in_float64_they_are_exact(name, allowed):
    """But for norms that compute in float32 in whatever model, as Llama's does."""
    model = opened(name, double=True)
    # TransformerLens leaves OPT the softmax of its own
    scores = scores_of_transformers(many_models.hugging_face(name).double(), IDS, fused=name != "opt")[1]
    for versus in (None, 2, "row"):
        why = aw.explain(model, IDS, "L1H2", N - 1, 5, versus=versus, by=("source", "source"))
        row = scores[2, N - 1]
        taken = 0.0 if versus is None else row[2] if versus == 2 else np.delete(row, 5).mean()
        assert why.terms.sum() == pytest.approx(row[5] - taken, rel=allowed, abs=allowed)


@pytest.mark.parametrize(("norm", "allowed"), [(None, 1e-10), ("LN", 1e-10), ("RMS", 1e-6)])
def test_three_layers_of_heads_alone(norm, allowed):
    model = attention_only(norm)
    trace = aw.capture(model, IDS, scores=True)
    for by in ("component", "head", "source"):
        why = aw.explain(model, trace, "L2H1", N - 1, 4, versus="row", by=by)
        assert abs(why.sum_error) < allowed * max(1, abs(why.score))
        row = trace.scores[2, 1, N - 1]
        assert why.score == pytest.approx(row[4] - np.delete(row, 4).mean(), abs=1e-5)


def by_hand(model: Model, ids: list[int], layer: int, head: int, query: int, key: int) -> dict[tuple[str, str], float]:
    """Terms of a rotary model whose norms are plain, by matrices of TransformerLens and a head at a time."""
    seen = cached(model, ids)
    lens, block = model.lens, model.lens.blocks[layer]
    width, groups = block.attn.W_Q.shape[-1], 1
    groups = block.attn.W_Q.shape[0] // block.attn.W_K.shape[0]
    weight = block.ln1.weight

    def parts(at: int) -> dict[str, torch.Tensor]:
        found = {"embedding": seen["hook_embed"][at]}
        for earlier in range(layer):
            z = seen[f"blocks.{earlier}.attn.hook_z"][at].reshape(-1, lens.blocks[earlier].attn.W_O.shape[1])
            for one, moved in enumerate(z):
                found[f"L{earlier}H{one}"] = moved @ lens.blocks[earlier].attn.W_O[one]
            found[f"MLP {earlier}"] = seen[f"blocks.{earlier}.hook_mlp_out"][at]
        scale = seen[f"blocks.{layer}.ln1.hook_scale"].reshape(-1)[at]
        return {name: part * weight / scale for name, part in found.items()}

    def turned(vector: torch.Tensor, at: int) -> torch.Tensor:
        cos, sin = seen["rotary_emb.hook_cos"][at], seen["rotary_emb.hook_sin"][at]
        return vector * cos + torch.cat([-vector[width // 2 :], vector[: width // 2]]) * sin

    with torch.no_grad():
        queries = {name: turned(part @ block.attn.W_Q[head], query) for name, part in parts(query).items()}
        keys = {name: turned(part @ block.attn.W_K[head // groups], key) for name, part in parts(key).items()}
        return {(one, other): float(q @ k) / width**0.5 for one, q in queries.items() for other, k in keys.items()}


def test_each_term_is_that_of_the_matrices_multiplied_by_hand():
    model = opened("llama")
    why = aw.explain(model, IDS, "L1H3", 9, 6)
    expected = by_hand(model, IDS, 1, 3, 9, 6)
    found = {(row.query_part, row.key_part): row.contribution for row in why.to_frame().itertuples()}
    assert set(expected) <= set(found)
    for pair, value in expected.items():
        assert found[pair] == pytest.approx(value, abs=1e-4), pair
    assert len(expected) == 36
    # the model has no biases
    assert why.terms[why.query_parts.index("biases")].tolist() == [0.0] * len(why.key_parts)


@pytest.mark.parametrize("name", ["llama", "gpt2", "qwen3", "gemma3"])
def test_finer_parts_sum_to_coarser_ones(name):
    model = opened(name)

    def summed(why: Any) -> dict[tuple[str, str], float]:
        out: dict[tuple[str, str], float] = {}
        for (i, j), term in np.ndenumerate(why.terms):
            pair = tuple(
                f"attention {part[1:].split('H')[0]}" if part.startswith("L") else part
                for part in (why.query_parts[i], why.key_parts[j])
            )
            out[pair] = out.get(pair, 0.0) + term
        return out

    coarse = summed(aw.explain(model, IDS, "L1H1", N - 1, 7, versus="row", by="component"))
    for by in ("head", "source", ("source", "source"), ("source", "component")):
        assert summed(aw.explain(model, IDS, "L1H1", N - 1, 7, versus="row", by=by)) == pytest.approx(coarse, abs=1e-5)


def test_a_part_is_what_the_score_changes_by_when_it_is_taken_out_with_the_scale_held(toy):
    """Superposition: the toy has no norms, so the model itself can be run without a part."""
    ids = toy.encode(REPEATED)
    query, key = len(ids) - 1, 6
    why = aw.explain(toy, ids, "L1H1", query, key)
    part = cached(toy, ids)["blocks.0.attn.hook_z"].reshape(len(ids), 4, -1)[key, 1] @ toy.attention_weights(0).w_o[1]

    def without(stream: torch.Tensor, hook: Any) -> torch.Tensor:
        changed = stream.clone()
        changed[0, key] -= part
        return changed

    hooks = [("blocks.1.hook_resid_pre", without)]
    with toy.hooked(hooks):
        changed = aw.capture(toy, ids, scores=True).scores[1, 1, query, key]
    assert why.by_key_part[why.key_parts.index("L0H1")] == pytest.approx(why.score - changed, abs=1e-4)
    assert abs(why.score - changed) > 1


def test_a_contrast_is_the_difference_of_two_explanations(toy):
    ids = toy.encode(REPEATED)
    query = len(ids) - 1
    one, other = (aw.explain(toy, ids, "L1H2", query, key) for key in (6, 3))
    both = aw.explain(toy, ids, "L1H2", query, 6, versus=3)
    np.testing.assert_allclose(both.terms, one.terms - other.terms, atol=1e-9)
    assert both.score == pytest.approx(one.score - other.score)
    every = [aw.explain(toy, ids, "L1H2", query, key) for key in range(len(ids))]
    mean = np.mean([why.terms for why in every if why.key != 6], axis=0)
    row = aw.explain(toy, ids, "L1H2", query, 6, versus="row")
    np.testing.assert_allclose(row.terms, one.terms - mean, atol=1e-9)


def test_a_contrast_does_not_see_what_all_keys_share():
    """A bias of keys moves every score of a row alike, and no contrast."""
    hf_model = many_models.hugging_face("gpt2")
    before = aw.load_model(hf_model, tokenizer=tokenizer())
    plain, contrast = (aw.explain(before, IDS, "L1H2", N - 1, 5, versus=versus) for versus in (None, "row"))
    with torch.no_grad():
        hf_model.transformer.h[1].attn.c_attn.bias[32:64] += 2
    shifted, same = (aw.explain(before, IDS, "L1H2", N - 1, 5, versus=versus) for versus in (None, "row"))
    assert abs(shifted.score - plain.score) > 0.5
    assert same.score == pytest.approx(contrast.score, abs=1e-4)
    np.testing.assert_allclose(same.terms, contrast.terms, atol=1e-4)


def test_the_toys_induction_heads_look_where_the_previous_token_head_wrote(toy):
    labels = aw.label_heads(toy)
    (previous,) = labels["previous-token"]
    trace = aw.capture(toy, REPEATED)
    tokens, told = trace.tokens, 0
    for head in labels["induction"]:
        for query, row in enumerate(trace.head(head)):
            after = int(row.argmax())
            if row[after] < 0.3 or not 0 < after <= query or tokens[after - 1] != tokens[query]:
                continue
            told += 1
            why = aw.explain(toy, trace, head, query, after, versus="row")
            assert why.top(1).loc[0, ["query_part", "key_part"]].tolist() == ["embedding", previous]
            assert why.top(1, of="key").key_part[0] == previous
            source = aw.explain(toy, trace, head, query, after, versus="row", by="source")
            assert source.top(1, of="key").key_part[0] == f"{previous} from {after - 1}"
            assert previous in repr(why)
            assert "less the mean of its row" in repr(why)
    assert told >= 5


def test_tables_have_every_pair_and_the_strongest_first(toy):
    why = aw.explain(toy, REPEATED, "L1H1", -1, 6)
    frame = why.to_frame()
    assert len(frame) == why.terms.size
    assert frame.contribution.abs().is_monotonic_decreasing
    assert frame.contribution.sum() == pytest.approx(why.score - why.sum_error)
    assert why.top(4).equals(frame.iloc[:4])
    key = why.top(100, of="key")
    assert sorted(key.key_part) == sorted(why.key_parts)
    assert key.contribution.sum() == pytest.approx(why.score, abs=1e-4)
    with pytest.raises(ValueError, match="did you mean 'key'"):
        why.top(3, of="keys")
    with pytest.raises(ValueError, match="k is 0"):
        why.top(0)


def test_another_cell_of_the_prompt_runs_nothing_and_the_model_can_go():
    model = aw.load_model(many_models.hugging_face("llama"), tokenizer=tokenizer())
    runs: list[int] = []
    with model.lens.hooks(fwd_hooks=[("blocks.0.attn.hook_pattern", lambda tensor, hook: runs.append(1))]):
        first = aw.explain(model, IDS, "L1H0", 9, 4)
        made = len(runs)
        assert made == 1
        aw.explain(model, IDS, "L1H3", 8, 2, versus="row", by="source")
        assert len(runs) == made
        aw.explain(model, IDS[:-1], "L1H0", 9, 4)
        assert len(runs) == made + 1
    # other weights are another model
    with torch.no_grad():
        next(model.lens.parameters()).mul_(2)
    assert aw.explain(model, IDS, "L1H0", 9, 4).score != first.score
    gone = weakref.ref(model.lens)
    del model, first
    gc.collect()
    assert gone() is None


def test_a_trace_and_what_was_frozen_say_the_same(toy):
    ids = toy.encode(REPEATED)
    expected = aw.explain(toy, REPEATED, "L1H1", -1, 6).terms
    for given in (ids, aw.capture(toy, REPEATED), aw.freeze(toy, REPEATED)):
        np.testing.assert_allclose(aw.explain(toy, given, (1, 1), -1, 6).terms, expected, atol=1e-6)


@pytest.mark.parametrize("name", ["bloom", "bert"])
def test_scores_that_are_no_such_products_are_refused(name):
    with pytest.raises(NotExact, match="ALiBi"):
        aw.explain(opened(name), IDS, "L0H0", 5, 2)


def test_what_something_else_wrote_into_the_stream_is_refused():
    model = aw.load_model(many_models.hugging_face("llama"), tokenizer=tokenizer())

    def more(stream: torch.Tensor, hook: Any) -> torch.Tensor:
        return stream + 1.0

    with model.lens.hooks(fwd_hooks=[("blocks.0.hook_out", more)]), pytest.raises(NotExact, match="sum error"):
        aw.explain(model, IDS, "L1H0", 9, 4)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"query": 99}, "query is 99; the prompt has positions 0 to 11"),
        ({"key": 8, "query": 5}, "key is 8, which query 5 does not see; expected one of 0 to 5"),
        ({"versus": 11, "query": 9}, "versus is 11, which query 9 does not see"),
        ({"versus": 4}, "which is key itself"),
        ({"versus": "rows"}, "versus is 'rows'"),
        ({"by": "heads"}, "did you mean 'head'"),
        ({"by": ("head", "head", "head")}, "a pair of them"),
        ({"head": "L9H0"}, "L9H0"),
        ({"query": 0, "key": 0, "versus": "row"}, "sees no other key"),
        ({"prompt": [[1, 2], [3, 4]]}, "prompt has shape"),
    ],
)
def test_what_does_not_exist_is_named(toy, changed, message):
    given = {"prompt": toy.encode(REPEATED)[:12], "head": "L1H1", "query": 9, "key": 4} | changed
    with pytest.raises(ValueError, match=message):
        aw.explain(toy, **given)


def test_keys_outside_a_window_are_not_seen():
    layer, query = 0, N - 1
    with pytest.raises(ValueError, match=r"key is 1, which query 10 does not see; expected one of 4 to 10"):
        aw.explain(opened("mistral"), IDS, (layer, 0), query, 1)
    # the mean of the row is over what is seen
    row = cached(opened("mistral"), IDS)["blocks.0.attn.hook_attn_scores"][0, query].double().numpy()
    why = aw.explain(opened("mistral"), IDS, (layer, 0), query, 8, versus="row")
    assert why.score == pytest.approx(row[8] - np.delete(row[4:], 4).mean(), abs=1e-5)


def test_too_many_terms_are_refused_before_they_are_made(toy, monkeypatch):
    monkeypatch.setattr("attn_widgets.circuits.score_parts._MOST_TERMS", 100)
    with pytest.raises(MemoryError, match="component"):
        aw.explain(toy, REPEATED, "L1H1", -1, 6, by=("source", "source"))
