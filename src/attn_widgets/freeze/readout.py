"""A model, a token and a query -> the direction in the residual stream that its logit reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.forward import evaluating
from attn_widgets.models import Model

_FINAL = "ln_final.hook_scale"


@dataclass(frozen=True, eq=False)
class Readout:
    """logit = direction . residual + bias, with the final norm's scale as it was.

    Attributes
    ----------
    direction : Tensor
        `[d_model]`: W_U of the token (less that of its rival), through the final norm's weight, centring and scale.
    norm_bias, unembed_bias : float
        What the final norm's bias and the unembedding's add.
    """

    direction: Tensor
    norm_bias: float
    unembed_bias: float


def readout(model: Model, scales: Mapping[str, Tensor], query: int, token: int, versus: int | None) -> Readout:
    """Find the direction by differentiating the model's own last steps, so that every kind of norm is right.

    Parameters
    ----------
    model : Model
    scales : dict
        Those of a `Recording`; the final norm's is held.
    query : int
        Position.
    token, versus : int or None
        Ids; with `versus` a logit difference is read.

    Returns
    -------
    Readout
    """
    final = getattr(model.lens, "ln_final", None)
    held = scales.get(_FINAL)

    def hold(scale: Tensor, hook: Any) -> Tensor:
        assert held is not None
        return held.reshape(-1)[query].reshape(1, 1, 1).expand_as(scale).clone()

    def logit(residual: Tensor) -> Tensor:
        logits = model.lens.unembed(residual if final is None else final(residual))[0, 0]
        chosen: Tensor = logits[token] - logits[versus] if versus is not None else logits[token]
        return chosen

    dtype = next(model.lens.parameters()).dtype
    start = torch.zeros(1, 1, model.cfg.d_model, dtype=dtype, device=model.device, requires_grad=True)
    hooks = [(_FINAL, hold)] if held is not None else []
    with evaluating(model.lens), torch.enable_grad(), model.lens.hooks(fwd_hooks=hooks):
        at_zero = logit(start)
        (direction,) = torch.autograd.grad(at_zero, start)
    unembed = getattr(model.lens, "b_U", None)
    bias = 0.0 if unembed is None else float(unembed[token] - (unembed[versus] if versus is not None else 0))
    return Readout(direction[0, 0].detach(), float(at_zero.detach()) - bias, bias)
