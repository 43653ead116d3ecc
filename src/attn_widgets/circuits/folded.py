"""A model -> the weights of its heads with all norms folded in, each head by itself; tried out on a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.forward.precision import summing, tolerance
from attn_widgets.models import Model
from attn_widgets.models.norms import AttentionNorms, LinearNorm
from attn_widgets.models.places import Hook, key_place, query_place, residual_place, value_place

# of the run that weights are tried out on
_TOKENS = 4


@dataclass(frozen=True, eq=False)
class FoldedWeights:
    """One layer's heads as they read the residual stream and write into it, all norm scales being 1.

    Attributes
    ----------
    w_q, w_k, w_v : Tensor
        `[head, d_model, d_head]`; heads that share keys and values have the same here.
    w_o : Tensor
        `[head, d_head, d_model]`.
    """

    w_q: Tensor
    w_k: Tensor
    w_v: Tensor
    w_o: Tensor


def folded_weights(model: Model) -> list[FoldedWeights]:
    """Those of every layer, in float32 at least.

    Raises
    ------
    ValueError
        With the reason, where the weights that can be had are not what the model computes with.
    """
    try:
        _try_out(model)
        layers = [folded_layer(model, layer) for layer in range(model.n_layers)]
    except (AttributeError, RuntimeError, NotImplementedError, KeyError) as error:
        raise ValueError(
            f"model {model.name} does not show the weights of its heads ({type(error).__name__}: {error}); "
            "head_weights takes models whose queries, keys, values and outputs are matrices of each head"
        ) from error
    width = (model.d_model,)
    for name, tensor in (("embeddings", model.token_embeddings), ("unembedding", model.unembedding.T)):
        if tuple(tensor.shape[1:]) != width:
            raise ValueError(
                f"model {model.name} has {name} {tuple(tensor.shape)}; expected [vocab, {model.d_model}], as wide as "
                "the residual stream: what is between them is no part of a head's circuit"
            )
    return layers


def folded_layer(
    model: Model, layer: int, norms: AttentionNorms | None = None, *, exact: bool = False
) -> FoldedWeights:
    """Those of one layer, whose norms may be known, not tried out; where they are to be exact, float64 on the CPU."""
    scores, moves, norms = (
        model.score_weights(layer),
        model.attention_weights(layer),
        norms or model.attention_norms(layer),
    )
    # not every device has float64
    dtype, device = (torch.float64, torch.device("cpu")) if exact else (summing(moves.w_o.dtype), moves.w_o.device)

    def read(weights: Tensor, own: LinearNorm | None = None) -> Tensor:
        weights = weights.to(device, dtype)
        weights = weights if norms.before is None else norms.before.before(weights)
        weights = weights if own is None else _normed_heads(weights, own)
        return weights.repeat_interleave(model.n_heads // weights.shape[0], 0)

    w_o = moves.w_o.to(device, dtype)
    return FoldedWeights(
        read(scores.w_q, norms.query),
        read(scores.w_k, norms.key),
        read(moves.w_v),
        w_o if norms.after is None else norms.after.after(w_o),
    )


def _normed_heads(weights: Tensor, norm: LinearNorm) -> Tensor:
    """`[head, d_model, d_head]` through a norm of each head, or of all side by side."""
    heads, width, size = weights.shape
    if norm.weight.numel() == size:
        return norm.after(weights)
    beside = norm.after(weights.permute(1, 0, 2).reshape(width, heads * size))
    return beside.reshape(width, heads, size).permute(1, 0, 2)


def _try_out(model: Model) -> None:
    """Refuse a model whose heads do not read what its weights and the norm before attention say."""
    seen: dict[str, Tensor] = {}

    def at(place: str) -> Hook:
        def see(tensor: Tensor, hook: Any) -> None:
            seen[place] = tensor.detach()[0]

        return place, see

    reads = (query_place, key_place, value_place)
    layers = range(model.n_layers)
    hooks = [at(place(layer)) for place in (residual_place, *reads) for layer in layers]
    model.run([index % model.n_tokens for index in range(1, _TOKENS + 1)], hooks)
    for layer in layers:
        scores, moves = model.score_weights(layer), model.attention_weights(layer)
        with model.hooked(), torch.no_grad():
            normed = model.normed_for_attention(layer, seen[residual_place(layer)][None])[0]
        pairs = ((scores.w_q, scores.b_q), (scores.w_k, scores.b_k), (moves.w_v, moves.b_v))
        for place, (weights, bias) in zip(reads, pairs, strict=True):
            expected = torch.einsum("sm,hmd->shd", normed.to(weights.dtype), weights)
            expected = expected if bias is None else expected + bias
            there = seen[place(layer)]
            off = float((expected - there).abs().max()) if expected.shape == there.shape else float("inf")
            if not off <= 10 * tolerance(model.dtype) * max(1.0, float(there.abs().max())):
                raise ValueError(
                    f"model {model.name} does not read the residual stream through a norm before attention and a "
                    f"matrix of each head (layer {layer}, {place(layer)}: off by {off:.3g}), as models with norms "
                    "after attention do not; its heads have no circuits from weights alone"
                )
