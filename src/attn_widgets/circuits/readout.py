"""A model, a token and a query -> the direction in the residual stream that its logit reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.forward.precision import summing
from attn_widgets.forward.recording import Recording
from attn_widgets.models import Model
from attn_widgets.models.places import FINAL_NORM


@dataclass(frozen=True, eq=False)
class Readout:
    """One logit, or logit difference, at one query: direction . residual + biases, the final norm's scale held.

    Attributes
    ----------
    query, token : int
    versus : int or None
        With it, the logit of `token` less that of `versus`.
    logit : float
        As the model computed it.
    direction : Tensor
        `[d_model]`: the unembedding of the token (less that of its rival), through the final norm's weight, centring
        and scale; float32 at least.
    norm_bias, unembed_bias : float
        What the final norm's bias and the unembedding's add.
    """

    query: int
    token: int
    versus: int | None
    logit: float
    direction: Tensor
    norm_bias: float
    unembed_bias: float

    def part(self, written: Tensor) -> float:
        """How much of the logit is due to what was written into the residual stream, `[seq, d_model]`."""
        return float(written[self.query].to(self.direction.dtype) @ self.direction)


def readout(
    model: Model, recording: Recording, query: int, token: str | int | None, versus: str | int | None
) -> Readout:
    """Find what a logit reads.

    Parameters
    ----------
    model : Model
    recording : Recording
    query : int
        Position; negative counts from the end.
    token : str, int or None
        None for the likeliest next token.
    versus : str, int or None
        With it a logit difference is read.

    Returns
    -------
    Readout

    Raises
    ------
    ValueError
        If `query` or a token does not exist.
    """
    n = len(recording.ids)
    if not -n <= query < n:
        raise ValueError(f"query is {query}; the prompt has positions 0 to {n - 1}, or -{n} to -1")
    query %= n
    # to the CPU first: not every device has float64
    logits = recording.logits[query].cpu().double()
    chosen = int(logits.argmax()) if token is None else model.token_id(token)
    rival = None if versus is None else model.token_id(versus, "versus")
    logit = float(logits[chosen] - (0 if rival is None else logits[rival]))
    direction, norm_bias, unembed_bias = _direction(model, recording.scales, query, chosen, rival)
    direction = direction.to(summing(recording.logits.dtype))
    return Readout(query, chosen, rival, logit, direction, norm_bias, unembed_bias)


def _direction(
    model: Model, scales: Mapping[str, Tensor], query: int, token: int, versus: int | None
) -> tuple[Tensor, float, float]:
    """Differentiate the model's own last steps, so that every kind of norm is right."""
    held = scales.get(FINAL_NORM)

    def hold(scale: Tensor, hook: Any) -> Tensor:
        assert held is not None
        return held.reshape(-1)[query].reshape(1, 1, 1).expand_as(scale).clone()

    def logit(residual: Tensor) -> Tensor:
        logits = model.logits_of(residual)[0, 0]
        chosen: Tensor = logits[token] - logits[versus] if versus is not None else logits[token]
        return chosen

    start = torch.zeros(1, 1, model.d_model, dtype=model.dtype, device=model.device, requires_grad=True)
    hooks = [(FINAL_NORM, hold)] if held is not None else []
    with model.hooked(hooks), torch.enable_grad():
        at_zero = logit(start)
        (direction,) = torch.autograd.grad(at_zero, start)
    of_ids = model.unembedding_bias
    bias = 0.0 if of_ids is None else float(of_ids[token] - (of_ids[versus] if versus is not None else 0))
    return direction[0, 0].detach(), float(at_zero.detach()) - bias, bias
