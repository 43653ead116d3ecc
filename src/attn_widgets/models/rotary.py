"""What a layer is given -> how it may turn queries and keys by their position (rotary embedding). Needs torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Rotary:
    """A turn of every two numbers of a query or key (Su et al. 2021): `x -> x * cos + x[..., partner] * sin`.

    Attributes
    ----------
    cos, sin : Tensor
        `[seq, d_head]`, float64 on the CPU; signs are in `sin`. 1 and 0 where nothing is turned.
    partner : Tensor
        `[d_head]`: which number each is turned with.
    """

    cos: Tensor
    sin: Tensor
    partner: Tensor

    def turn(self, vectors: Tensor) -> Tensor:
        """`[..., seq, d_head]`, each by its position."""
        return vectors * self.cos + vectors[..., self.partner] * self.sin

    def weighted_sum(self, vectors: Tensor, weights: Tensor) -> Tensor:
        """`[..., seq, d_head]` and `[seq]` -> `[..., d_head]`: turned, then summed over positions."""
        straight = torch.einsum("...sd,sd->...d", vectors, weights[:, None] * self.cos)
        crossed = torch.einsum("...sd,sd->...d", vectors, weights[:, None] * self.sin[:, self.partner])
        return straight + crossed[..., self.partner]

    def at(self, positions: Tensor) -> Rotary:
        """That of some positions."""
        return Rotary(self.cos[positions], self.sin[positions], self.partner)


def rotaries(lens: Any, given: Mapping[str, Any], n: int, d_head: int) -> list[Rotary]:
    """None at all first, then each table of cosines and sines that there is, in each order that models use."""
    nothing = Rotary(
        torch.ones(n, d_head, dtype=torch.float64),
        torch.zeros(n, d_head, dtype=torch.float64),
        torch.arange(d_head),
    )
    found = [nothing]
    for cos, sin in _tables(lens, given, n):
        width = cos.shape[-1]
        half = torch.arange(width // 2)
        if 2 * width == d_head:
            doubled = torch.arange(d_head // 2).repeat(2)
            found.append(_rotary(nothing, cos[:, doubled], sin[:, doubled], apart=True))
        if width <= d_head and width % 2 == 0:
            found += [_rotary(nothing, cos, sin, apart=apart) for apart in (True, False)]
            relaid = half.repeat_interleave(2)
            found.append(_rotary(nothing, cos[:, relaid], sin[:, relaid], apart=False))
    return found


def _tables(lens: Any, given: Mapping[str, Any], n: int) -> Iterator[tuple[Tensor, Tensor]]:
    pairs = [given.get("position_embeddings")]
    pairs += [
        (module.cos_cached, module.sin_cached)
        for module in lens.modules()
        if hasattr(module, "cos_cached") and hasattr(module, "sin_cached")
    ]
    for pair in pairs:
        if isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(one, Tensor) for one in pair):
            cos, sin = (one.detach().cpu().double().reshape(-1, one.shape[-1])[:n] for one in pair)
            if len(cos) == len(sin) == n:
                yield cos, sin


def _rotary(nothing: Rotary, cos: Tensor, sin: Tensor, *, apart: bool) -> Rotary:
    """The first numbers of each are turned: with one half of them away, or with their neighbour."""
    width = cos.shape[-1]
    places = torch.arange(width)
    first = places < width // 2 if apart else places % 2 == 0
    step = width // 2 if apart else 1
    signed = torch.where(first, -sin, sin)
    rest = slice(width, None)
    return Rotary(
        torch.cat([cos, nothing.cos[:, rest]], 1),
        torch.cat([signed, nothing.sin[:, rest]], 1),
        torch.cat([torch.where(first, places + step, places - step), nothing.partner[rest]]),
    )
