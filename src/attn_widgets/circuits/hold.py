"""Patterns, outputs, norm scales and MLP outputs of another run -> hooks that hold them during a forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.circuits.alignment import Alignment
from attn_widgets.forward.recording import Recording, moved
from attn_widgets.models.places import Hook, output_place, value_place


@dataclass(frozen=True, eq=False)
class Hold:
    """What is held, all of it from one baseline.

    Attributes
    ----------
    patterns : list of Tensor
        A layer each, `[head, query, key]`.
    held : Tensor
        `[layer, head]`, bool: whose pattern is held.
    scales, mlps : dict
        Place -> tensor; empty where they are free to change.
    """

    patterns: list[Tensor]
    held: Tensor
    scales: Mapping[str, Tensor]
    mlps: Mapping[str, Tensor]

    def on(self, alignment: Alignment) -> tuple[list[Tensor], list[Tensor]]:
        """Patterns for a prompt of another length, `[head, query, key]` a layer, and which rows they hold."""
        patterns, rows = [], []
        for layer, pattern in enumerate(self.patterns):
            aligned, defined = alignment.pattern(pattern)
            patterns.append(aligned)
            rows.append(defined & self.held[layer].to(aligned.device)[:, None])
        return patterns, rows

    def hooks(self, alignment: Alignment) -> list[Hook]:
        """Hooks for a forward pass on a prompt that lies on the baseline like this."""
        patterns, rows = self.on(alignment)
        hooks: list[Hook] = []
        for layer, pattern in enumerate(patterns):
            if self.held[layer].any():
                hooks += _held_pattern(layer, pattern, rows[layer])
        return hooks + self._others(alignment)

    def output_hooks(self, outputs: Sequence[Tensor], alignment: Alignment) -> list[Hook]:
        """As `hooks`, with what the heads output (`[query, head, d_head]` a layer) held in place of their patterns."""
        hooks = [
            _held_output(layer, output, self.held[layer], alignment)
            for layer, output in enumerate(outputs)
            if self.held[layer].any()
        ]
        return hooks + self._others(alignment)

    def _others(self, alignment: Alignment) -> list[Hook]:
        held = {**self.scales, **self.mlps}
        return [_held_tensor(name, tensor, alignment) for name, tensor in held.items()]

    def in_effect(self, recording: Recording, alignment: Alignment) -> Recording:
        """Write the held patterns over those that the model computed and did not use."""
        patterns, rows = self.on(alignment)
        used = [
            torch.where(row[..., None], held, free)
            for row, held, free in zip(rows, patterns, recording.patterns, strict=True)
        ]
        return recording.with_patterns(used)


def _held_pattern(layer: int, pattern: Tensor, rows: Tensor) -> list[Hook]:
    values: list[Tensor] = []

    def at_values(tensor: Tensor, hook: Any) -> None:
        values[:] = [tensor]

    def at_output(z: Tensor, hook: Any) -> Tensor:
        held = torch.stack([moved(pattern, one, z.shape[2]) for one in values[0]])
        return torch.where(rows.T[..., None], held, z)

    return [(value_place(layer), at_values), (output_place(layer), at_output)]


def _held_output(layer: int, output: Tensor, heads: Tensor, alignment: Alignment) -> Hook:
    def hook(z: Tensor, hook: Any) -> Tensor:
        held = alignment.put(output.transpose(0, 1), z[0].transpose(0, 1)).transpose(0, 1)
        return torch.where(heads.to(z.device)[:, None], held, z[0])[None]

    return output_place(layer), hook


def _held_tensor(name: str, tensor: Tensor, alignment: Alignment) -> Hook:
    # a new tensor each time: an edit in place is not noticed by TransformerLens's norms
    def hook(live: Tensor, hook: Any) -> Tensor:
        return alignment.put(tensor if tensor.ndim == live.ndim else tensor[None], live)

    return name, hook
