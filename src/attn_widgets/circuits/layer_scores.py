"""A layer of a recording -> its attention scores, and the linear maps of the residual stream that make them."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.circuits.attribution import NotExact
from attn_widgets.circuits.folded import folded_layer
from attn_widgets.circuits.stream_parts import exact, scale_of
from attn_widgets.forward.attention_scores import ScoreRecorder
from attn_widgets.forward.precision import tolerance
from attn_widgets.forward.recorded import AllSeen
from attn_widgets.forward.recording import Recording
from attn_widgets.models import Model
from attn_widgets.models.norms import LinearNorm
from attn_widgets.models.places import (
    Hook,
    attention_norm_place,
    key_norm_place,
    pattern_place,
    query_norm_place,
    score_place,
)
from attn_widgets.models.rotary import Rotary

# queries whose scores are made of the weights, to see that they are the model's
_TRIED = 16
# scores nearer to their cap than this tell nothing of what they were before
_CAPPED = 0.99


@dataclass(frozen=True, eq=False)
class Side:
    """Queries or keys of one layer: `(stream . weights / (norm * own) + bias / own)`, then turned.

    Attributes
    ----------
    weights : Tensor
        `[head, d_model, d_head]`, norms folded in.
    bias : Tensor
        `[head, d_head]`: of the norm before attention and of the projection.
    norm : Tensor
        `[seq]`: what the norm before attention divides by.
    own : Tensor
        `[head, seq]`: what the norm of queries or keys divides by.
    """

    weights: Tensor
    bias: Tensor
    norm: Tensor
    own: Tensor

    def of(self, stream: Tensor, at: Tensor | slice = slice(None)) -> Tensor:
        """`[seq, d_model]` -> `[head, position, d_head]`, not yet turned."""
        read = torch.einsum("sm,hmd->hsd", stream[at] / self.norm[at, None], self.weights)
        return (read + self.bias[:, None]) / self.own[:, at, None]


@dataclass(frozen=True, eq=False)
class LayerScores:
    """One layer's scores: `cap(factor * query . key)`.

    Attributes
    ----------
    scores : Tensor
        `[head, query, key]`, of the model's own dtype: what the softmax was given, -inf where masked.
    query, key : Side
    rotary : Rotary
    factor : float
        The scaling, 1 / sqrt(d_head) in most models.
    cap : float or None
        Scores are `cap * tanh(score / cap)` (Gemma 2).
    """

    scores: Tensor
    query: Side
    key: Side
    rotary: Rotary
    factor: float
    cap: float | None


def layer_scores(model: Model, recording: Recording, layer: int) -> LayerScores:
    """Run the layer alone, and find out how its scores are made; tried out on some of its queries.

    Raises
    ------
    NotExact
        With the reason, if the scores are no products of linear maps of the residual stream.
    ValueError
        If the model does not show its scores.
    """
    if recording.kept.why_not:
        raise ValueError(f"model {model.name} cannot be explained: {recording.kept.why_not}")
    scores, scales = _seen(model, recording, layer)
    try:
        query, key = _sides(model, recording, layer, scales)
    except (AttributeError, RuntimeError, NotImplementedError, KeyError) as error:
        raise NotExact(
            f"model {model.name} does not show how its heads read ({type(error).__name__}: {error}); explain takes "
            "models whose queries and keys are matrices of each head"
        ) from error
    stream = exact(recording.kept.residuals[layer][0])
    tried = torch.linspace(0, len(stream) - 1, min(_TRIED, len(stream))).long()
    queries, keys = query.of(stream, tried), key.of(stream)
    there = exact(scores[:, tried])
    there = torch.where(there.isfinite(), there, torch.nan)
    cap = model.score_cap
    raw = there if cap is None else before_cap(there, cap)
    best: tuple[float, Rotary, float] | None = None
    for rotary in recording.kept.rotaries(layer, queries.shape[-1]):
        products = rotary.at(tried).turn(queries) @ rotary.turn(keys).mT
        factor = _factor(products, raw, queries.shape[-1])
        found = factor * products if cap is None else cap * (factor * products / cap).tanh()
        off = float((found - there).nan_to_num().abs().max())
        if best is None or off < best[0]:
            best = off, rotary, factor
    assert best is not None
    size = max(1.0, float(there.nan_to_num().abs().max()))
    if not best[0] <= 10 * tolerance(model.dtype) * size:
        raise NotExact(
            f"model {model.name} cannot be explained exactly: scores of layer {layer} are not the products of what its "
            f"queries and keys read through a norm before attention (off by {best[0]:.3g} beside scores up to "
            f"{size:.3g}). So it is with a bias on scores (ALiBi, relative positions), with norms after attention only "
            "(BERT), and where hooks or a cap change them"
        )
    return LayerScores(scores, query, key, best[1], best[2], cap)


def before_cap(scores: Tensor, cap: float) -> Tensor:
    """Scores as they were before their cap, NaN where too near to it to say."""
    share = scores / cap
    return torch.where(share.abs() < _CAPPED, cap * share.clamp(-_CAPPED, _CAPPED).atanh(), torch.nan)


def _factor(products: Tensor, scores: Tensor, d_head: int) -> float:
    """What products are multiplied by: the nearest, or one of the usual ones where it is that."""
    known = scores.isfinite()
    products, scores = products[known], scores[known]
    fitted = float((products * scores).sum() / products.square().sum().clamp_min(1e-300))
    usual = [one for one in (1 / math.sqrt(d_head), 1.0) if abs(fitted / one - 1) < 1e-4]
    return usual[0] if usual else fitted


def _seen(model: Model, recording: Recording, layer: int) -> tuple[Tensor, dict[str, Tensor]]:
    """Scores, and what the norms of queries and keys divide by."""
    scales: dict[str, Tensor] = {}
    found: list[Tensor] = []
    shown: list[Tensor] = []
    recorder = ScoreRecorder()

    def keep(place: str) -> Hook:
        def hook(scale: Tensor, hook: Any) -> None:
            scales[place] = scale.detach()[0]

        return place, hook

    def show(scores: Tensor, hook: Any) -> None:
        shown.append(scores.detach())

    def take(pattern: Tensor, hook: Any) -> None:
        found.append(_with_sinks(shown[0]) if model.has_sinks else recorder.take_as_they_are(pattern, model.causal))
        raise AllSeen

    norms = [place for place in (query_norm_place(layer), key_norm_place(layer)) if model.shows(place)]
    hooks: list[Hook] = [*map(keep, norms), (pattern_place(layer), take)]
    if model.has_sinks:
        hooks.insert(0, (score_place(layer), show))
    with suppress(AllSeen), recorder:
        recording.kept.go_on(layer, 1, hooks, plain=False)
    return found[0][0], scales


def _with_sinks(scores: Tensor) -> Tensor:
    """A model with sinks is one of Hugging Face's, which shows scores; its softmax is over a key more."""
    return torch.where(scores > torch.finfo(scores.dtype).min / 2, scores, -torch.inf)


def _sides(model: Model, recording: Recording, layer: int, scales: dict[str, Tensor]) -> tuple[Side, Side]:
    weights, norms = model.score_weights(layer), model.attention_norms(layer)
    folded = folded_layer(model, layer, norms, exact=True)
    n, heads = len(recording.ids), model.n_heads
    norm = scale_of(recording, attention_norm_place(layer))
    constant = torch.zeros(model.d_model, dtype=torch.float64)
    if norms.before is not None:
        zero = torch.zeros(1, 1, model.d_model, dtype=model.dtype, device=model.device)
        with model.hooked(), torch.no_grad():
            constant = exact(model.normed_for_attention(layer, zero))[0, 0]

    def side(read: Tensor, raw: Tensor, bias: Tensor | None, own: LinearNorm | None, place: str) -> Side:
        added = torch.einsum("m,hmd->hd", constant, exact(raw))
        added = added if bias is None else added + exact(bias)
        return Side(
            read,
            _normed(added, own).repeat_interleave(heads // len(added), 0),
            norm,
            _own_scale(scales.get(place), heads, n),
        )

    return (
        side(folded.w_q, weights.w_q, weights.b_q, norms.query, query_norm_place(layer)),
        side(folded.w_k, weights.w_k, weights.b_k, norms.key, key_norm_place(layer)),
    )


def _normed(vectors: Tensor, norm: LinearNorm | None) -> Tensor:
    """`[head, d_head]` through a norm of each head, or of all side by side."""
    if norm is None:
        return vectors
    if norm.weight.numel() == vectors.shape[1]:
        return norm.after(vectors)
    return norm.after(vectors.reshape(1, -1)).reshape(vectors.shape)


def _own_scale(scale: Tensor | None, heads: int, n: int) -> Tensor:
    """`[head, seq]`."""
    if scale is None:
        return torch.ones(heads, n, dtype=torch.float64)
    each = exact(scale).reshape(-1, n)
    return each.repeat_interleave(heads // len(each), 0)
