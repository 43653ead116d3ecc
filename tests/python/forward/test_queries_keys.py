"""capture(keep="queries_keys"): the patterns made of them are the model's own; what cannot be had is refused."""

from __future__ import annotations

import copy
from concurrent.futures import CancelledError
from typing import Any

import numpy as np
import pytest
import torch
from many_models import CONFIGS, WINDOW, hugging_face, shared_hugging_face, tiny
from tiny_tokenizer import tokenizer

import attn_widgets as aw
from attn_widgets.attention import QueriesKeys
from attn_widgets.forward import recording_queries_keys
from attn_widgets.forward.masks import recognised
from attn_widgets.models import attention_functions
from attn_widgets.models.beneath import beneath
from attn_widgets.models.in_pieces import mlps_in_pieces

IDS = torch.randint(3, 100, (30,), generator=torch.Generator().manual_seed(1)).tolist()
REFUSED = ("bloom", "gpt_neo")
RECORDED = [name for name in CONFIGS if name not in REFUSED]


def own_patterns(name: str, ids: list[int] = IDS) -> np.ndarray:
    """What the authors' code says, with eager attention."""
    with torch.no_grad():
        output = shared_hugging_face(name)(torch.tensor([ids]), output_attentions=True)
    return np.stack([layer[0].numpy() for layer in output.attentions])


def kept(model: Any, ids: list[int] = IDS, **options: Any) -> aw.Trace:
    return aw.capture(model, ids, keep="queries_keys", **options)


@pytest.mark.parametrize("name", RECORDED)
def test_patterns_are_those_of_the_models_own_eager_attention(name):
    trace = kept(tiny(name))
    assert trace.holds == "queries_keys"
    np.testing.assert_allclose(trace.patterns, own_patterns(name), atol=1e-5)


@pytest.mark.parametrize("name", RECORDED)
def test_mlps_that_take_a_few_positions_at_a_time_change_nothing(name, monkeypatch):
    monkeypatch.setattr("attn_widgets.models.in_pieces.ROWS", 7)
    np.testing.assert_allclose(kept(tiny(name)).patterns, own_patterns(name), atol=1e-5)


@pytest.mark.parametrize("name", ["gemma2", "gpt_oss"])
def test_attention_that_sdpa_cannot_do_goes_a_few_rows_at_a_time(name, monkeypatch):
    rows: list[int] = []
    whole = attention_functions.eager_attention

    def counted(module: Any) -> Any:
        def eager(module: Any, query: Any, *args: Any, **options: Any) -> Any:
            rows.append(query.shape[2])
            return whole(module)(module, query, *args, **options)

        return eager

    monkeypatch.setattr(attention_functions, "eager_attention", counted)
    monkeypatch.setattr(attention_functions, "_BLOCK", 4 * len(IDS) * 7)
    np.testing.assert_allclose(kept(tiny(name)).patterns, own_patterns(name), atol=1e-5)
    # of each of two layers; the four rows are those that are compared
    assert rows[-12:] == [7, 7, 7, 7, 2, 4] * 2


def test_an_mlp_goes_piece_by_piece_and_a_mixture_of_experts_as_it_is(monkeypatch):
    monkeypatch.setattr("attn_widgets.models.in_pieces.ROWS", 7)
    for name, pieces in (("llama", True), ("gpt2", True), ("gpt_oss", False)):
        model = beneath(tiny(name).lens, "eager")
        mlps_in_pieces(model)
        mlps = [module for part, module in model.named_modules() if part.endswith(".mlp")]
        assert [("forward" in module.__dict__) for module in mlps] == [pieces, pieces], name


# rows of a pattern kept as such must sum to 1
@pytest.mark.parametrize("name", [name for name in RECORDED if name != "gpt_oss"])
def test_they_are_those_of_transformer_lens(name):
    squares = aw.capture(tiny(name), IDS, keep="patterns", scores=True, value_norms=True)
    trace = kept(tiny(name), scores=True, value_norms=True)
    np.testing.assert_allclose(trace.patterns, squares.patterns, atol=1e-5)
    np.testing.assert_allclose(trace.value_norms, squares.value_norms, rtol=1e-5)
    assert (trace.tokens, trace.text, trace.causal) == (squares.tokens, squares.text, squares.causal)
    for head in ("L0H0", "L1H3"):
        ours, theirs = trace.head(head, "score"), squares.head(head, "score")
        np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(theirs))
        np.testing.assert_allclose(ours[np.isfinite(ours)], theirs[np.isfinite(ours)], rtol=1e-4, atol=1e-4)


def test_what_shapes_the_softmax_is_kept_as_it_is():
    assert kept(tiny("llama")).attention.keys.shape[1] == 2
    assert kept(tiny("mistral")).attention.window.tolist() == [WINDOW, WINDOW]
    assert kept(tiny("gemma3")).attention.window.tolist() == [WINDOW, 0]
    assert kept(tiny("gemma2")).attention.softcap.tolist() == [2, 2]
    assert not kept(tiny("bert")).attention.causal
    sinks = shared_hugging_face("gpt_oss").model.layers[1].self_attn.sinks
    trace = kept(tiny("gpt_oss"))
    np.testing.assert_allclose(trace.attention.sinks[1], sinks.detach(), atol=1e-6)
    assert trace.patterns[1].sum(axis=-1).min() < 0.9


def test_a_prompt_shorter_than_the_window_has_none():
    assert kept(tiny("mistral"), IDS[: WINDOW - 1]).attention.window is None


@pytest.mark.parametrize("name", REFUSED)
def test_models_that_choose_no_attention_function_are_refused_with_the_reason_and_keep_patterns(name):
    with pytest.raises(ValueError, match=r"0 of its 2 layers use the attention function.*keep=.patterns. works"):
        kept(tiny(name))
    assert aw.capture(tiny(name), IDS).holds == "patterns"


def test_models_without_a_hugging_face_model_beneath_are_refused(toy):
    with pytest.raises(ValueError, match="toy-induction cannot be had: there is no Hugging Face model beneath"):
        kept(toy)


def test_auto_keeps_patterns_until_they_take_too_much(monkeypatch):
    size = 2 * 4 * len(IDS) ** 2 * 4
    for most, holds in ((size, "patterns"), (size - 1, "queries_keys")):
        monkeypatch.setattr("attn_widgets.forward.capturing.MOST_BYTES", most)
        assert aw.capture(tiny("llama"), IDS).holds == holds
    # half the bytes, half the size
    assert aw.capture(tiny("llama"), IDS, dtype="float16").holds == "patterns"


def test_auto_keeps_patterns_with_a_warning_where_it_must(monkeypatch):
    monkeypatch.setattr("attn_widgets.forward.capturing.MOST_BYTES", 100)
    with pytest.warns(UserWarning, match=r"of BloomForCausalLM cannot be had: 0 of its.*keep=.patterns. says"):
        assert aw.capture(tiny("bloom"), IDS).holds == "patterns"


def test_sinks_are_kept_as_queries_and_keys_whatever_the_size():
    assert aw.capture(tiny("gpt_oss"), IDS).holds == "queries_keys"
    with pytest.raises(ValueError, match=r"learned sinks, which take a share of every row.*keep=.queries_keys."):
        aw.capture(tiny("gpt_oss"), IDS, keep="patterns")


def test_a_mask_that_is_odd_only_where_the_prompt_is_long_makes_auto_keep_patterns(monkeypatch):
    """As in chunked attention: what is compared on a few tokens beforehand does not show it."""
    whole = recording_queries_keys.recognised

    def odd(mask: Any, causal: bool, n: int) -> Any:
        chunks = torch.arange(n) // 9
        return whole(mask if n <= 8 else ((chunks[:, None] == chunks).tril())[None, None], causal, n)

    monkeypatch.setattr(recording_queries_keys, "recognised", odd)
    monkeypatch.setattr("attn_widgets.forward.capturing.MOST_BYTES", 100)
    with pytest.warns(UserWarning, match=r"in layer 0 .*Instead, patterns of 30 tokens are kept"):
        trace = aw.capture(tiny("llama"), IDS)
    np.testing.assert_allclose(trace.patterns, own_patterns("llama"), atol=1e-5)
    with pytest.raises(ValueError, match="in layer 0 its mask is neither"):
        kept(tiny("llama"))


def test_patterns_that_have_no_room_are_refused_before_the_model_runs(monkeypatch):
    monkeypatch.setattr("attn_widgets.forward.capturing._memory", lambda: 8 * len(IDS) ** 2 * 4 - 1)
    monkeypatch.setattr(aw.models.Model, "watch", lambda *_: pytest.fail("the model ran"))
    with pytest.raises(MemoryError, match=r"a prompt of 30 tokens take .* GB, and this machine has .*Pass keep="):
        aw.capture(tiny("llama"), IDS, keep="patterns")


def test_float16_is_stored_on_request_and_is_near():
    half = kept(tiny("llama"), dtype="float16")
    assert half.attention.dtype == np.float16
    assert half.nbytes < 0.6 * kept(tiny("llama")).nbytes
    np.testing.assert_allclose(half.patterns, own_patterns("llama"), atol=0.02)


@pytest.mark.parametrize("name", ["llama", "gemma2", "gpt_oss"])
def test_models_in_bfloat16_are_known_as_well_as_they_round(name):
    model = aw.load_model(shared_hugging_face(name), tokenizer=tokenizer(), dtype="bfloat16")
    with torch.no_grad():
        output = model.lens.original_model.config
        assert output is not None
    trace = kept(model)
    assert trace.attention.dtype == np.float32
    same = aw.capture(model, IDS, keep="patterns") if name != "gpt_oss" else None
    if same is not None:
        # their softmax is of scores in bfloat16
        assert np.abs(trace.patterns - same.patterns).max() < 0.15
        assert np.abs(trace.patterns - same.patterns).mean() < 0.002


def _seen_state(model: Any) -> Any:
    lens = model.lens
    return (
        [(name, type(module).__name__, module.training) for name, module in lens.named_modules()],
        [(name, tensor.data_ptr(), tensor.clone()) for name, tensor in lens.named_parameters()],
        lens.original_model.config.to_dict(),
        lens.original_model.config._attn_implementation,
        sum(len(module._forward_hooks) for module in lens.modules()),
    )


def _same_state(before: Any, after: Any) -> None:
    assert before[0] == after[0]
    assert before[2:] == after[2:]
    for (name, place, tensor), (other, there, copied) in zip(before[1], after[1], strict=True):
        assert (name, place) == (other, there)
        assert torch.equal(tensor, copied)


def test_nothing_of_the_model_is_changed_also_where_the_run_fails(monkeypatch):
    model = aw.load_model(hugging_face("gemma3"), tokenizer=tokenizer())
    model.lens.train()
    before, logits = _seen_state(model), model.run(IDS)
    kept(model)
    _same_state(before, _seen_state(model))

    def broken(*_: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(recording_queries_keys, "check_layer", broken)
    with pytest.raises(RuntimeError, match="in the middle"):
        kept(model)
    _same_state(before, _seen_state(model))
    assert torch.equal(model.run(IDS), logits)


def test_a_wrong_scale_is_found_at_capture(monkeypatch):
    whole = QueriesKeys.__init__

    def wrong(self: Any, queries: Any, keys: Any, scale: Any, *args: Any, **options: Any) -> None:
        whole(self, queries, keys, 1.1 * np.asarray(scale), *args, **options)

    monkeypatch.setattr(QueriesKeys, "__init__", wrong)
    model = aw.load_model(hugging_face("llama"), tokenizer=tokenizer())
    with pytest.raises(ValueError, match=r"in layer 0 the pattern .* differs by .* from the model's eager attention"):
        kept(model)


def test_what_attention_really_gave_is_compared_too(monkeypatch):
    monkeypatch.setattr(attention_functions, "eager_attention", lambda module: None)
    whole = recording_queries_keys.recognised
    monkeypatch.setattr(
        recording_queries_keys, "recognised", lambda mask, causal, n: whole(mask, causal, n).__class__(True, 3)
    )
    model = aw.load_model(hugging_face("llama"), tokenizer=tokenizer())
    with pytest.raises(ValueError, match="times the values, differs from what attention gave"):
        kept(model)


def test_weights_changed_in_one_of_both_alone_are_noticed():
    model = aw.load_model(hugging_face("llama"), tokenizer=tokenizer())
    kept(model)
    doubled = copy.deepcopy(model.lens.blocks[1].attn.q.original_component)
    with torch.no_grad():
        doubled.weight *= 2
    model.lens.blocks[1].attn.q.add_module("_original_component", doubled)
    trace, squares = (aw.capture(model, IDS, keep=keep) for keep in ("queries_keys", "patterns"))
    np.testing.assert_allclose(trace.patterns, squares.patterns, atol=1e-5)


def test_weights_that_were_changed_in_transformer_lens_alone_are_refused():
    # its queries have a part of the joint matrix beneath, until they are given another
    model = aw.load_model(hugging_face("gpt2"), tokenizer=tokenizer())
    kept(model)
    queries = model.lens.blocks[1].attn.q.original_component
    with torch.no_grad():
        queries.weight.mul_(2)
    squares = aw.capture(model, IDS, keep="patterns")
    np.testing.assert_allclose(kept(model).patterns, squares.patterns, atol=1e-5)
    queries.weight = torch.nn.Parameter(2 * queries.weight.detach())
    with pytest.raises(ValueError, match=r"in layer 1 a pattern of the Hugging Face model beneath differs by"):
        kept(model)


def test_hooks_that_change_what_transformer_lens_computes_are_noticed_while_they_are_there():
    model = aw.load_model(hugging_face("llama"), tokenizer=tokenizer())
    kept(model)
    model.lens.add_hook("blocks.0.hook_out", lambda tensor, hook: tensor.flip(-1))
    with pytest.raises(ValueError, match=r"in layer 1 a pattern .* hooks change what it computes"):
        kept(model)
    model.lens.reset_hooks()
    assert kept(model).holds == "queries_keys"
    # those of torch on a module beneath count as well
    beneath_it = model.lens.blocks[0].mlp.original_component
    handle = beneath_it.register_forward_hook(lambda module, given, output: output.flip(-1))
    with pytest.raises(ValueError, match="hooks change what it computes"):
        kept(model)
    handle.remove()
    assert kept(model).holds == "queries_keys"


@pytest.mark.parametrize("end", [KeyboardInterrupt, CancelledError])
def test_the_user_may_end_it(end):
    model = aw.load_model(hugging_face("gemma3"), tokenizer=tokenizer())
    kept(model)
    before = _seen_state(model)

    def ends(share: float) -> bool:
        if end is KeyboardInterrupt:
            raise end
        return False

    for keep in ("queries_keys", "patterns"):
        with pytest.raises(end):
            aw.capture(model, IDS, keep=keep, progress=ends)
        _same_state(before, _seen_state(model))


def test_biases_by_distance_are_kept_and_make_the_same_pattern():
    """T5's way, through the argument that transformers has for it; no model that goes here yet uses it."""
    n, heads = 12, 4
    random = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(1, heads, n, 8, generator=random) for _ in range(3))
    by_offset = torch.randn(heads, 2 * n - 1, generator=random)
    offset = torch.arange(n)[:, None] - torch.arange(n)
    bias = by_offset[:, offset + n - 1][None]
    for causal in (True, False):
        calls: list[Any] = []
        options = {"position_bias": bias, "is_causal": causal, "scaling": 0.5}
        with attention_functions.listening(calls.append):
            attention_functions._attend(torch.nn.Module(), query, key, value, None, **options)
        rule = recognised(calls[0].mask, causal, n)
        made = QueriesKeys(query.numpy(), key.numpy(), 0.5, causal, bias=rule.bias[None])
        scores = 0.5 * query[0] @ key[0].mT + bias[0]
        scores = scores.masked_fill(offset < 0, -torch.inf) if causal else scores
        np.testing.assert_allclose(made.of(0), scores.softmax(-1), atol=1e-5)
        np.testing.assert_allclose(made.of(0) @ value[0].numpy(), calls[0].output[0].transpose(0, 1), atol=1e-5)


@pytest.mark.parametrize("causal", [True, False])
def test_masks_are_told_from_each_other_cell_by_cell(causal):
    n = 12
    back = torch.arange(n)[:, None] - torch.arange(n)
    seen = back >= 0 if causal else torch.ones(n, n, dtype=torch.bool)
    assert recognised(None, causal, n).causal == causal
    assert recognised(seen[None, None], causal, n).window == 0
    windowed = seen & (back.abs() < 4)
    assert recognised(windowed[None, None], causal, n).window == 4
    added = torch.where(seen, -0.5 * back.abs().float(), torch.finfo(torch.float32).min)
    bias = recognised(added[None, None], causal, n).bias
    assert bias is not None
    assert bias[0, n - 1 + 3] == -1.5
    for spoiled in (seen.clone(), windowed.clone()):
        spoiled[7, 5] = ~spoiled[7, 5]
        with pytest.raises(ValueError, match=r"neither causal, nor a sliding window.*among queries 0 to 11"):
            recognised(spoiled[None, None], causal, n)
    uneven = added.clone()
    uneven[7, 5] += 0.25
    with pytest.raises(ValueError, match="nor a bias by distance"):
        recognised(uneven[None, None], causal, n)


def test_a_chunked_mask_is_refused():
    chunks = torch.arange(12) // 4
    mask = (chunks[:, None] == chunks) & torch.ones(12, 12, dtype=torch.bool).tril()
    with pytest.raises(ValueError, match="neither causal"):
        recognised(mask[None, None], True, 12)


def test_the_real_model_says_the_same_either_way(smollm2):
    ids = smollm2.encode("The lighthouse keeper counted the ships that passed the old lighthouse. " * 20)
    trace, squares = (aw.capture(smollm2, ids, keep=keep) for keep in ("queries_keys", "patterns"))
    assert trace.nbytes < squares.nbytes / 2
    for layer in range(trace.n_layers):
        np.testing.assert_allclose(trace.attention.of(layer), squares.attention.of(layer), atol=2e-5)
