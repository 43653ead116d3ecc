"""An attention-only model and a recording -> what its heads do to any residual stream, patterns and norms held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.forward.precision import summing
from attn_widgets.forward.recording import Recording
from attn_widgets.models import Model
from attn_widgets.models.places import attention_norm_place


@dataclass(frozen=True, eq=False)
class Circuit:
    """The heads of one layer, as a linear map of the residual stream and a bias; all of one dtype.

    Attributes
    ----------
    patterns : Tensor
        `[head, query, key]`.
    w_v, w_o : Tensor
        `[head, d_model, d_head]` and `[head, d_head, d_model]`; the norm before attention is not in them.
    bias : Tensor
        `[seq, d_model]`: what the layer writes when the stream is 0.
    """

    patterns: Tensor
    w_v: Tensor
    w_o: Tensor
    bias: Tensor
    _norm: Any

    def normalised(self, stream: Tensor) -> Tensor:
        """The linear part of the norm before attention, on `[..., seq, d_model]`."""
        result: Tensor = self._norm(stream)
        return result

    def heads(self, stream: Tensor) -> Tensor:
        """What each head moves: `[seq, d_model]` -> `[head, seq, d_model]`."""
        values = torch.einsum("sm,hmd->hsd", self.normalised(stream), self.w_v)
        return torch.einsum("hqk,hkd,hdm->hqm", self.patterns, values, self.w_o)

    def all(self, stream: Tensor) -> Tensor:
        """What all heads move together: `[seq, d_model]` -> `[seq, d_model]`."""
        return self.heads(stream).sum(0)


def circuits(model: Model, recording: Recording) -> list[Circuit]:
    """One `Circuit` a layer."""
    return [_circuit(model, recording, layer) for layer in range(model.n_layers)]


def _circuit(model: Model, recording: Recording, layer: int) -> Circuit:
    weights = model.attention_weights(layer)
    dtype = summing(recording.logits.dtype)
    w_o = weights.w_o.to(dtype)
    groups = model.n_heads // weights.w_v.shape[0]
    w_v = weights.w_v.to(dtype).repeat_interleave(groups, 0)
    patterns = recording.patterns[layer].to(dtype)
    n, width = len(recording.ids), w_v.shape[1]
    scale = recording.scales.get(attention_norm_place(layer))
    zero = torch.zeros(n, width, dtype=dtype, device=w_v.device)

    def norm(stream: Tensor) -> Tensor:
        return stream if scale is None else _normed(model, layer, stream, scale)

    at_zero = norm(zero)

    def linear(stream: Tensor) -> Tensor:
        return norm(stream) - at_zero

    constant = torch.einsum("sm,hmd->hsd", at_zero, w_v)
    if weights.b_v is not None:
        constant = constant + weights.b_v.to(dtype).repeat_interleave(groups, 0)[:, None]
    bias = torch.einsum("hqk,hkd,hdm->qm", patterns, constant, w_o)
    if weights.b_o is not None:
        bias = bias + weights.b_o.to(dtype)
    return Circuit(patterns, w_v, w_o, bias, linear)


def _normed(model: Model, layer: int, stream: Tensor, scale: Tensor) -> Tensor:
    """Run the model's own norm on streams `[..., seq, d_model]` with its scale held."""

    def hold(live: Tensor, hook: Any) -> Tensor:
        return scale.reshape(1, -1, 1).expand_as(live).clone()

    batch = stream.reshape(-1, *stream.shape[-2:])
    hooks = [(attention_norm_place(layer), hold)]
    with model.hooked(hooks), torch.no_grad():
        normed = model.normed_for_attention(layer, batch.to(model.dtype)).to(stream.dtype)
    return normed.reshape(stream.shape)
