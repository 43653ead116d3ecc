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
    if how == "mean" and means is None:
        means = torch.stack([output.mean(0) for output in baseline.outputs()])
    restarts = Restarts(model, baseline)
    return torch.stack(
        [
            losses_in_layer(restarts, layer, how, None if means is None else means[layer])
            for layer in range(model.n_layers)
        ]
    )


def losses_in_layer(restarts: Restarts, layer: int, how: How, means: Tensor | None = None) -> Tensor:
    """The same for one layer, `[head, seq - 1]`; its means, `[head, d_head]`, are given for `how="mean"`."""
    nothing = torch.zeros(())
    replaced = [
        Replaced(head, means[head] if how == "mean" and means is not None else nothing)
        for head in range(restarts.model.n_heads)
    ]
    runs = restarts.each(layer, replaced, hold=how == "pattern_preserving")
    return torch.stack([token_losses(logits, restarts.baseline.ids).cpu() for logits in runs])
