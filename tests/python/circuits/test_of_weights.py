"""What weights alone say: the same as the whole matrices, multiplied out; and what the toy's circuit is known to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from many_models import hugging_face, tiny
from python.circuits.architectures import attention_only
from tiny_tokenizer import VOCABULARY, tokenizer
from transformers import GPT2Config, GPT2LMHeadModel

import attn_widgets as aw
from attn_widgets.circuits.composition import KINDS, composition
from attn_widgets.circuits.folded import FoldedWeights

HEADS = [f"L{layer}H{head}" for layer in (0, 1) for head in range(4)]


class Dense:
    """Tiny models' heads from Hugging Face's own weights, everything multiplied out in float64."""

    def __init__(self, name: str) -> None:
        self.state = {key: value.double() for key, value in hugging_face(name).state_dict().items()}
        self.name, self.gpt2 = name, name == "gpt2"
        self.offset = 1.0 if name == "gemma3" else 0.0
        width = 32
        self.centre = torch.eye(width).double() - 1 / width if self.gpt2 else torch.eye(width).double()
        if self.gpt2:
            self.embed, self.unembed = self.state["transformer.wte.weight"], self.state["lm_head.weight"].T
            self.final = self.centre @ torch.diag(self.state["transformer.ln_f.weight"])
        else:
            self.embed, self.unembed = self.state["model.embed_tokens.weight"], self.state["lm_head.weight"].T
            self.final = self._norm("model.norm.weight")

    def _norm(self, key: str) -> torch.Tensor:
        return torch.diag(self.state[key] + self.offset)

    def circuits(self, layer: int, head: int) -> tuple[torch.Tensor, torch.Tensor]:
        """W_QK and W_OV, `[d_model, d_model]`."""
        if self.gpt2:
            at = f"transformer.h.{layer}."
            norm = self.centre @ torch.diag(self.state[at + "ln_1.weight"])
            of = slice(8 * head, 8 * head + 8)
            q, k, v = (norm @ part[:, of] for part in self.state[at + "attn.c_attn.weight"].split(32, 1))
            return q @ k.T, v @ self.state[at + "attn.c_proj.weight"][of]
        at = f"model.layers.{layer}."
        norm = self._norm(at + "input_layernorm.weight")
        of, shared = slice(8 * head, 8 * head + 8), slice(8 * (head // 2), 8 * (head // 2) + 8)
        q, k, v = (
            norm @ self.state[f"{at}self_attn.{one}_proj.weight"][rows].T
            for one, rows in (("q", of), ("k", shared), ("v", shared))
        )
        if f"{at}self_attn.q_norm.weight" in self.state:
            q, k = q @ self._norm(f"{at}self_attn.q_norm.weight"), k @ self._norm(f"{at}self_attn.k_norm.weight")
        o = self.state[at + "self_attn.o_proj.weight"][:, of].T
        if self.name == "gemma3":
            o = o @ self._norm(at + "post_attention_layernorm.weight")
        return q @ k.T, v @ o


def share(matrix: torch.Tensor) -> float:
    """Of a square matrix of the vocabulary, means of rows and columns taken off."""
    centred = matrix - matrix.mean(0)
    values = torch.linalg.eigvals(centred - centred.mean(1, keepdim=True))
    return float(values.sum().real / values.abs().sum())


@pytest.mark.parametrize("name", ["gpt2", "llama", "qwen3", "gemma3"])
def test_they_are_those_of_the_whole_matrices(name):
    weights, dense = aw.head_weights(tiny(name)), Dense(name)
    circuits = [[dense.circuits(layer, head) for head in range(4)] for layer in (0, 1)]
    expected = [
        (
            share(dense.embed @ ov @ dense.final @ dense.unembed),
            share(dense.embed @ qk @ dense.embed.T),
            float(qk.norm()),
            float(ov.norm()),
        )
        for layer in circuits
        for qk, ov in layer
    ]
    columns = ["ov_copying", "qk_matching", "qk_norm", "ov_norm"]
    assert weights.table.index.tolist() == HEADS
    np.testing.assert_allclose(weights.table[columns], expected, atol=2e-3, rtol=1e-4)
    # all in one dtype, eigenvalues of a matrix that is no normal one move a little
    assert np.abs(weights.table[columns[:2]].to_numpy() - np.array(expected)[:, :2]).mean() < 2e-4
    for later in range(4):
        for earlier in range(4):
            (qk, later_ov), ov = circuits[1][later], circuits[0][earlier][1]
            read = {"q": qk, "k": qk.T, "v": later_ov}
            for kind in KINDS:
                score = float((ov @ read[kind]).norm() / (ov.norm() * read[kind].norm()))
                found = getattr(weights, f"{kind}_composition")[1, later, 0, earlier]
                assert found + weights.chance == pytest.approx(score, rel=1e-4), (kind, later, earlier)
    for kind in KINDS:
        scores = getattr(weights, f"{kind}_composition")
        assert np.isnan(scores[0]).all()
        assert np.isnan(scores[1, :, 1]).all()
        best = scores[1, 2, 0].argmax()
        assert weights.table.loc["L1H2", f"{kind}_from"] == f"L0H{best}"
        assert weights.table.loc["L1H2", f"{kind}_composition"] == scores[1, 2, 0, best]
        assert weights.table.loc["L0H1", f"{kind}_from"] == ""


def test_the_toys_induction_heads_copy_and_look_through_its_previous_token_head(toy):
    weights, labels = aw.head_weights(toy), aw.label_heads(toy)
    induction, (previous,) = labels["induction"], labels["previous-token"]
    assert len(induction) >= 2
    for head in induction:
        assert weights.table.loc[head, "ov_copying"] > 0.95
        assert weights.table.loc[head, "k_from"] == previous
        assert weights.table.loc[head, "k_composition"] > weights.chance / 2
    others = weights.table.index.difference(induction)
    assert (weights.table.loc[others, "ov_copying"] < 0.9).all()
    assert weights.kernel is None
    assert "no learned positions" in weights.no_kernel


@pytest.mark.parametrize("name", ["mistral", "gemma2", "neox", "opt", "gpt_oss", "bloom", "gpt_neo"])
def test_other_architectures_have_them_too(name):
    table = aw.head_weights(tiny(name)).table
    assert len(table) == 8
    assert table[["ov_copying", "qk_matching"]].abs().max().max() <= 1
    assert (table["ov_norm"] > 0).all()


def test_models_whose_norms_come_after_attention_are_refused():
    with pytest.raises(ValueError, match="norm before attention"):
        aw.head_weights(tiny("bert"))


def test_weights_that_the_model_does_not_compute_with_are_refused():
    model = attention_only("LN", torch.float32)

    def other(tensor: torch.Tensor, hook: Any) -> torch.Tensor:
        return 2 * tensor

    with model.lens.hooks(fwd_hooks=[("blocks.1.attn.k.hook_out", other)]), pytest.raises(ValueError, match="layer 1"):
        aw.head_weights(model)
    assert len(aw.head_weights(model).table) == 9


def _made(change: Any) -> Any:
    """One layer, one head as wide as the stream, its weights as `change` makes them."""
    config = GPT2Config(vocab_size=VOCABULARY, n_positions=24, n_embd=32, n_layer=1, n_head=1)
    config._attn_implementation = "eager"
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = GPT2LMHeadModel(config).eval()
        change(model.transformer)
    return aw.load_model(model, tokenizer=tokenizer())


@pytest.mark.parametrize("sign", [1, -1])
def test_a_head_that_moves_what_it_reads_copies_and_one_that_looks_for_what_it_reads_matches(sign):
    def change(model: Any) -> None:
        same = torch.eye(32)
        model.h[0].attn.c_attn.weight.copy_(torch.cat([same, sign * same, same], 1))
        model.h[0].attn.c_proj.weight.copy_(sign * same)

    row = aw.head_weights(_made(change)).table.iloc[0]
    assert row["ov_copying"] == pytest.approx(sign, abs=1e-3)
    assert row["qk_matching"] == pytest.approx(sign, abs=1e-3)


@pytest.mark.parametrize("offset", [1, 3])
def test_the_kernel_finds_a_head_that_looks_so_many_positions_back(offset):
    def change(model: Any) -> None:
        # centred, orthogonal: a norm leaves them apart
        basis = torch.linalg.qr(torch.cat([torch.ones(32, 1), torch.randn(32, 24)], 1)).Q[:, 1:].T
        model.wpe.weight.copy_(basis)
        model.wte.weight.mul_(0.1)
        shifted = basis[:-offset].T @ basis[offset:]
        model.h[0].attn.c_attn.weight.copy_(torch.cat([torch.eye(32), shifted, torch.eye(32)], 1))

    weights = aw.head_weights(_made(change))
    assert weights.kernel.shape == (1, 1, 12)
    row = weights.table.iloc[0]
    assert row["kernel_offset"] == offset
    assert row["kernel_strength"] == pytest.approx(weights.kernel[0, 0, offset])
    assert np.delete(weights.kernel[0, 0], offset).max() < row["kernel_strength"] / 5
    assert weights.kernel.sum() == pytest.approx(0, abs=1e-4)


def _random(n_layers: int, heads: int, width: int, size: int, seed: int = 0) -> list[FoldedWeights]:
    draw = torch.Generator().manual_seed(seed)

    def some(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    tall, wide = (heads, width, size), (heads, size, width)
    return [FoldedWeights(some(*tall), some(*tall), some(*tall), some(*wide)) for _ in range(n_layers)]


def test_both_ways_to_multiply_give_the_same():
    # more layers than are put together in one product
    layers = _random(7, 11, 24, 6)
    fast, small = composition(layers), composition(layers, room=0)
    for kind in KINDS:
        np.testing.assert_array_equal(np.isnan(fast[kind]), np.isnan(small[kind]))
        assert np.isnan(fast[kind]).sum() == 11 * 11 * (7 * 7 - 7 * 6 // 2)
        np.testing.assert_allclose(fast[kind], small[kind], atol=1e-6)


def test_chance_is_the_root_mean_square_over_turns():
    """Of matrices as unlike random ones as they come: one direction carries nearly all."""
    many = 1000
    first, second = (
        FoldedWeights(*(getattr(one, name).expand(many, -1, -1) for name in ("w_q", "w_k", "w_v", "w_o")))
        for one in _random(2, 1, 12, 4)
    )
    written = first.w_o.clone()
    written[:, 0] *= 50
    draw = torch.Generator().manual_seed(1)
    turns = torch.linalg.qr(torch.randn(many, 12, 12, generator=draw, dtype=torch.float64)).Q
    scores = composition([FoldedWeights(first.w_q, first.w_k, first.w_v, written @ turns), second])["k"][1, 0, 0]
    assert np.sqrt(np.mean(np.square(scores + 12**-0.5))) == pytest.approx(12**-0.5, rel=0.05)
