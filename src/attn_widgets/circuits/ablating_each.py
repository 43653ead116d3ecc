"""A prompt -> its losses without each head in turn."""

from __future__ import annotations

import torch
from torch import Tensor

from attn_widgets.circuits.ablation import How, token_losses
from attn_widgets.circuits.restarts import Replaced, Restarts
from attn_widgets.forward.recording import Recording
from attn_widgets.models import Model


def losses_without_each(model: Model, baseline: Recording, how: How = "zero", means: Tensor | None = None) -> Tensor:
    """What `ablate` does to the loss, for every head by itself: about half a forward pass each.

    Parameters
    ----------
    model : Model
    baseline : Recording
    how : {"zero", "mean", "pattern_preserving"}
        See `ablate`.
    means : Tensor, optional
        `[layer, head, d_head]`, for `how="mean"`; default: the means over the prompt's own positions.

    Returns
    -------
    Tensor
        `[layer, head, seq - 1]`, float32, in nats: the loss of each next token without the head.
    """
    restarts = Restarts(model, baseline)
    if how == "mean" and means is None:
        means = torch.stack([output.mean(0) for output in baseline.outputs()])
    nothing = torch.zeros(())
    losses = torch.empty(model.n_layers, model.n_heads, max(len(baseline.ids) - 1, 0))
    for layer in range(model.n_layers):
        replaced = [
            Replaced(head, means[layer, head] if how == "mean" and means is not None else nothing)
            for head in range(model.n_heads)
        ]
        runs = restarts.each(layer, replaced, hold=how == "pattern_preserving")
        for head, logits in enumerate(runs):
            losses[layer, head] = token_losses(logits, baseline.ids)
    return losses
