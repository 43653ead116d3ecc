"""A TransformerLens model -> its norms as the linear maps that they are while their scale is held. Needs torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.models.lens import hooked


@dataclass(frozen=True, eq=False)
class LinearNorm:
    """A norm that divides by 1, without its bias: `x -> (x - mean(x)) * weight`.

    Attributes
    ----------
    weight : Tensor
        `[width]`.
    centred : bool
        Whether the mean is taken off first, as LayerNorm does and RMSNorm does not.
    """

    weight: Tensor
    centred: bool

    def before(self, matrix: Tensor) -> Tensor:
        """A matrix `[..., width, n]` that reads what comes out of the norm -> one that reads what goes in."""
        weighted = self.weight.to(matrix)[:, None] * matrix
        return weighted - weighted.mean(-2, keepdim=True) if self.centred else weighted

    def after(self, matrix: Tensor) -> Tensor:
        """A matrix `[..., n, width]` that writes what goes into the norm -> one that writes what comes out."""
        written = matrix - matrix.mean(-1, keepdim=True) if self.centred else matrix
        return written * self.weight.to(matrix)


@dataclass(frozen=True, eq=False)
class AttentionNorms:
    """The norms around one layer's attention; None where there is none.

    Attributes
    ----------
    before : LinearNorm or None
        Of what its heads read.
    after : LinearNorm or None
        Of what they wrote together.
    query, key : LinearNorm or None
        Of each head's queries and keys, of `d_head` or of all heads' side by side.
    """

    before: LinearNorm | None
    after: LinearNorm | None
    query: LinearNorm | None
    key: LinearNorm | None


def attention_norms(lens: Any, layer: int) -> AttentionNorms:
    """Those of one layer."""
    block = lens.blocks[layer]
    width = int(lens.cfg.d_model)

    def inside(name: str) -> LinearNorm | None:
        norm = getattr(block.attn, name, None)
        size = next((weight.numel() for weight in norm.parameters()), None) if norm is not None else None
        # a norm has one weight a number; one without any changes nothing while its scale is held
        return None if size is None else _linear(lens, norm, f"blocks.{layer}.attn.{name}", (1, 1, 1, size))

    return AttentionNorms(
        _of_stream(lens, getattr(block, "ln1", None), f"blocks.{layer}.ln1", width),
        _of_stream(lens, getattr(block, "ln1_post", None), f"blocks.{layer}.ln1_post", width),
        inside("q_norm"),
        inside("k_norm"),
    )


def final_norm(lens: Any) -> LinearNorm | None:
    """The one before the unembedding."""
    return _of_stream(lens, getattr(lens, "ln_final", None), "ln_final", int(lens.cfg.d_model))


def _of_stream(lens: Any, norm: Any, name: str, width: int) -> LinearNorm | None:
    return None if norm is None else _linear(lens, norm, name, (1, 1, width))


def _linear(lens: Any, norm: Any, name: str, shape: tuple[int, ...]) -> LinearNorm:
    """Ask the model's own norm what it does, so that every way to keep a weight is right."""
    device = next(lens.parameters()).device
    dtype = next(lens.parameters()).dtype
    width = shape[-1]
    # of mean 0, without a 0 in it, and exact in every dtype
    probe = torch.ones(width, dtype=dtype, device=device)
    probe[1::2] = -1
    if width % 2:
        probe[-2:] = torch.tensor([1, -2], dtype=dtype, device=device)
        probe[-3] = 1
    place = f"{name}.hook_scale"
    hooks = [(place, _one)] if place in lens.hook_dict else []
    with hooked(lens, hooks), torch.no_grad():
        zero, seen, ones = (
            norm(vector.expand(shape).clone()).reshape(-1)
            for vector in (torch.zeros_like(probe), probe, torch.ones_like(probe))
        )
    weight = (seen - zero) / probe
    centred = bool((ones - zero).abs().max() <= 1e-3 * weight.abs().max())
    return LinearNorm(weight, centred)


def _one(scale: Tensor, hook: Any) -> Tensor:
    return torch.ones_like(scale)
