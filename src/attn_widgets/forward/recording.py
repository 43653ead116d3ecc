"""A model and token ids -> Recording: what one forward pass computed, in the model's own precision."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from attn_widgets.circuits.precision import tolerance
from attn_widgets.forward.run import Hook, forward
from attn_widgets.models import Model

# norms on the residual stream; those of queries and keys shape the pattern, which is held or not by itself
_NORM = re.compile(r"(blocks\.\d+\.)?ln\w*\.hook_scale")
EMBEDS = ("hook_embed", "hook_pos_embed")


@dataclass(frozen=True, eq=False)
class Recording:
    """One forward pass on one prompt.

    Attributes
    ----------
    ids : tuple of int
        `[seq]`.
    patterns : list of Tensor
        A layer each, `[head, query, key]`: the patterns in effect, held ones included.
    values : list of Tensor
        A layer each, `[key, kv_head, d_head]`; one KV head may serve several heads.
    embeds : dict
        Hook name -> `[seq, d_model]`: token embedding and, where the model adds one, position embedding.
    scales : dict
        Hook name -> `[..., seq, 1]`: what each norm on the residual stream divided by.
    mlps : dict
        Hook name -> `[seq, d_model]`: what each MLP wrote; empty for attention-only models.
    logits : Tensor
        `[seq, vocab]`.
    """

    ids: tuple[int, ...]
    patterns: list[Tensor]
    values: list[Tensor]
    embeds: dict[str, Tensor]
    scales: dict[str, Tensor]
    mlps: dict[str, Tensor]
    logits: Tensor

    def with_patterns(self, patterns: list[Tensor]) -> Recording:
        """The same pass, with the patterns that were really in effect."""
        return replace(self, patterns=patterns)


def record(model: Model, ids: Sequence[int], hooks: Sequence[Hook] = (), *, check: bool = False) -> Recording:
    """Run the model once and keep what freezing and attribution need.

    Parameters
    ----------
    model : Model
    ids : sequence of int
        `[seq]`.
    hooks : sequence of (name, function)
        Interventions; what is kept is what they leave.
    check : bool
        Require that each head's output is its pattern times its values.

    Returns
    -------
    Recording
        Its `patterns` are those the model computed, even where `hooks` put others in their place.

    Raises
    ------
    ValueError
        If the model does not show its patterns and values, or `check` fails.
    """
    kept: dict[str, Tensor] = {}
    worst = (0.0, 0)

    def keep(name: str) -> Hook:
        def hook(tensor: Tensor, hook: Any) -> None:
            kept[name] = tensor if name.endswith("hook_scale") else tensor[0]

        return name, hook

    def compare(layer: int) -> Hook:
        def hook(z: Tensor, hook: Any) -> None:
            nonlocal worst
            pattern, values = kept.get(pattern_hook(layer)), kept.get(value_hook(layer))
            if pattern is not None and values is not None:
                error = float(
                    (moved(pattern, values, model.n_heads) - z[0]).abs().max() / z.abs().max().clamp_min(1e-9)
                )
                worst = max(worst, (error, layer))

        return output_hook(layer), hook

    layers = range(model.n_layers)
    needed = [name(layer) for layer in layers for name in (value_hook, pattern_hook)]
    wanted = [*needed, *(name for name in EMBEDS if name in model.hook_dict), *norm_hooks(model), *mlp_hooks(model)]
    checks = [compare(layer) for layer in layers] if check else []
    logits = forward(model, ids, [*hooks, *map(keep, wanted), *checks])[0]
    missing = [name for name in needed if name not in kept]
    if missing:
        raise ValueError(
            f"model {model.name} cannot be frozen: it did not reach {missing[0]}, so its patterns or values are "
            "out of sight"
        )
    if worst[0] > tolerance(logits.dtype):
        raise ValueError(
            f"model {model.name} cannot be frozen: in layer {worst[1]} a head's output is not its pattern times its "
            f"values (off by {worst[0]:.2g} of the largest output), so holding the pattern would change the model"
        )
    return Recording(
        ids=tuple(ids),
        patterns=[kept[pattern_hook(layer)] for layer in layers],
        values=[kept[value_hook(layer)] for layer in layers],
        embeds={name: kept[name] for name in EMBEDS if name in kept},
        scales={name: kept[name] for name in norm_hooks(model) if name in kept},
        mlps={name: kept[name] for name in mlp_hooks(model) if name in kept},
        logits=logits,
    )


def moved(pattern: Tensor, values: Tensor, n_heads: int) -> Tensor:
    """What heads move: pattern `[head, query, key]`, values `[key, kv_head, d_head]` -> `[query, head, d_head]`."""
    return torch.einsum("hqk,khd->qhd", pattern, values_of_heads(values, n_heads))


def values_of_heads(values: Tensor, n_heads: int) -> Tensor:
    """`[key, kv_head, d_head]` -> `[key, head, d_head]`: a grouped KV head serves several heads."""
    return values.repeat_interleave(n_heads // values.shape[1], dim=1)


def pattern_hook(layer: int) -> str:
    """Where a layer shows its patterns, `[1, head, query, key]`."""
    return f"blocks.{layer}.attn.hook_pattern"


def value_hook(layer: int) -> str:
    """Where a layer shows its values, `[1, key, kv_head, d_head]`."""
    return f"blocks.{layer}.attn.hook_v"


def output_hook(layer: int) -> str:
    """Where a head's output, before W_O, can be replaced.

    Writing hook_pattern instead is silently without effect in some architectures.
    """
    return f"blocks.{layer}.attn.hook_z"


def norm_hooks(model: Model) -> list[str]:
    """Where the norms on the residual stream show what they divide by."""
    return [name for name in model.hook_dict if _NORM.fullmatch(name)]


def mlp_hooks(model: Model) -> list[str]:
    """Where MLPs show what they write, `[1, seq, d_model]`."""
    names = [f"blocks.{layer}.hook_mlp_out" for layer in range(model.n_layers)]
    return [name for name in names if name in model.hook_dict]
