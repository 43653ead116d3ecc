"""A model and token ids -> Recording: what one forward pass computed, in the model's own precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from attn_widgets.forward.precision import tolerance
from attn_widgets.models import Model
from attn_widgets.models.kept_run import KeptRun
from attn_widgets.models.places import Hook, is_norm, output_place, pattern_place, value_place

_MOST_BYTES = 16e9


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
        Place -> `[seq, d_model]`: token embedding and, where the model adds one, position embedding.
    scales : dict
        Place -> `[..., seq, 1]`: what each norm on the residual stream divided by.
    mlps : dict
        Place -> `[seq, d_model]`: what each MLP wrote; empty for attention-only models.
    logits : Tensor
        `[seq, vocab]`.
    kept : KeptRun
        What each layer was given, so that other runs can start at any of them.
    """

    ids: tuple[int, ...]
    patterns: list[Tensor]
    values: list[Tensor]
    embeds: dict[str, Tensor]
    scales: dict[str, Tensor]
    mlps: dict[str, Tensor]
    logits: Tensor
    kept: KeptRun

    def with_patterns(self, patterns: list[Tensor]) -> Recording:
        """The same pass, with the patterns that were really in effect."""
        return replace(self, patterns=patterns)

    def outputs(self) -> list[Tensor]:
        """What each head moved, before the output matrix; a layer each, `[query, head, d_head]`."""
        return [
            moved(pattern, values, len(pattern)) for pattern, values in zip(self.patterns, self.values, strict=True)
        ]


def record(model: Model, ids: Sequence[int], hooks: Sequence[Hook] = (), *, check: bool = False) -> Recording:
    """Run the model once and keep what freezing and attribution need.

    Parameters
    ----------
    model : Model
    ids : sequence of int
        `[seq]`.
    hooks : sequence of (place, function)
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
    MemoryError
        If the patterns of the prompt would take more than 16 GB.
    """
    kept: dict[str, Tensor] = {}
    worst = (0.0, 0)

    def keep(name: str) -> Hook:
        def hook(tensor: Tensor, hook: Any) -> None:
            kept[name] = tensor if is_norm(name) else tensor[0]

        return name, hook

    def compare(layer: int) -> Hook:
        def hook(z: Tensor, hook: Any) -> None:
            nonlocal worst
            pattern, values = kept.get(pattern_place(layer)), kept.get(value_place(layer))
            if pattern is not None and values is not None:
                error = float(
                    (moved(pattern, values, model.n_heads) - z[0]).abs().max() / z.abs().max().clamp_min(1e-9)
                )
                worst = max(worst, (error, layer))

        return output_place(layer), hook

    _refuse_too_long(model, len(ids))
    layers = range(model.n_layers)
    needed = [name(layer) for layer in layers for name in (value_place, pattern_place)]
    embeds, norms, mlps = model.embedding_places, model.norm_places, model.mlp_places
    wanted = [*needed, *embeds, *norms, *mlps]
    checks = [compare(layer) for layer in layers] if check else []
    kept_run = model.keep(ids, [*hooks, *map(keep, wanted), *checks])
    logits = kept_run.logits
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
        patterns=[kept[pattern_place(layer)] for layer in layers],
        values=[kept[value_place(layer)] for layer in layers],
        embeds={name: kept[name] for name in embeds if name in kept},
        scales={name: kept[name] for name in norms if name in kept},
        mlps={name: kept[name] for name in mlps if name in kept},
        logits=logits,
        kept=kept_run,
    )


def _refuse_too_long(model: Model, n: int) -> None:
    """Patterns that are held are needed whole; a machine that has no room for them would end the kernel."""
    size = model.n_layers * model.n_heads * n * n * model.dtype.itemsize
    if size > _MOST_BYTES:
        raise MemoryError(
            f"the prompt has {n} tokens, at which the patterns of {model.name} take {size / 1e9:.0f} GB; freezing, "
            f"ablation and attribution hold all of them. Take at most {int(n * (_MOST_BYTES / size) ** 0.5)} tokens"
        )


def moved(pattern: Tensor, values: Tensor, n_heads: int) -> Tensor:
    """What heads move: pattern `[head, query, key]`, values `[key, kv_head, d_head]` -> `[query, head, d_head]`."""
    return torch.einsum("hqk,khd->qhd", pattern, values_of_heads(values, n_heads))


def values_of_heads(values: Tensor, n_heads: int) -> Tensor:
    """`[key, kv_head, d_head]` -> `[key, head, d_head]`: a grouped KV head serves several heads."""
    return values.repeat_interleave(n_heads // values.shape[1], dim=1)
