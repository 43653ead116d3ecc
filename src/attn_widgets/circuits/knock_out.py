"""Heads -> hooks that take away what they write."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Literal

from torch import Tensor

from attn_widgets.models.places import Hook, output_place


def knocked_out(heads: Iterable[tuple[int, int]], by: Literal["zero", "mean"] = "zero") -> list[Hook]:
    """Hooks that replace these heads' outputs by zero, or by their mean over the prompt's positions.

    The bias that all heads of a layer share stays.
    """
    layers = groupby(sorted(set(heads)), key=lambda head: head[0])
    return [_replaced(layer, [index for _, index in group], by) for layer, group in layers]


def _replaced(layer: int, heads: list[int], by: str) -> Hook:
    def hook(z: Tensor, hook: Any) -> Tensor:
        z = z.clone()
        z[:, :, heads] = z[:, :, heads].mean(1, keepdim=True) if by == "mean" else 0
        return z

    return output_place(layer), hook
