"""A model and some prompts -> the patterns of each, from one forward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.forward.attention_scores import ScoreRecorder
from attn_widgets.forward.recorded import AllSeen, Recorded
from attn_widgets.models import Model
from attn_widgets.models.places import Hook, pattern_place, value_place

FloatArray = NDArray[np.floating[Any]]


def record_patterns(
    model: Model,
    prompts: Sequence[Sequence[int]],
    *,
    scores: bool,
    value_norms: bool,
    dtype: np.dtype[Any],
    report: Callable[[float], None],
) -> list[Recorded]:
    """Run the model once on several prompts of a causal model, or several as long of another.

    Parameters
    ----------
    model : Model
    prompts : sequence of sequence of int
        `[prompt, seq]`.
    scores, value_norms : bool
        What to keep beside patterns.
    dtype
        What is stored.
    report : callable
        Called with the share of the layers done.

    Returns
    -------
    list of Recorded
        One a prompt.

    Raises
    ------
    ValueError
        If the model does not show its patterns, or what else is asked for.
    """
    recorder = ScoreRecorder() if scores else None
    layers, heads, longest = model.n_layers, model.n_heads, max(map(len, prompts))
    lengths = [len(ids) for ids in prompts]
    patterns = [np.empty((layers, heads, n, n), dtype) for n in lengths]
    kept_scores = [np.empty((layers, heads, n, n), dtype) for n in lengths] if scores else None
    norms = [np.empty((layers, heads, n), dtype) for n in lengths] if value_norms else None
    seen: set[str] = set()
    wanted = [pattern_place, *([value_place] if value_norms else [])]
    # not of the hooks themselves: a circle would keep the patterns until the collector comes by
    all_of_them = layers * len(wanted)

    def keep(place: Callable[[int], str], layer: int) -> Hook:
        name = place(layer)

        # keyed by closure: a hook's own name differs between TransformerLens versions
        def hook(tensor: Any, hook: Any) -> None:
            seen.add(name)
            if place is pattern_place:
                _write(patterns, layer, _checked(tensor, (len(prompts), heads, longest, longest), name))
                if recorder is not None and kept_scores is not None:
                    _write(kept_scores, layer, recorder.take(tensor, model.causal).cpu().numpy())
                report((layer + 1) / layers)
            elif norms is not None:
                for one, values in zip(norms, _norms(tensor, heads, name), strict=True):
                    one[layer] = values[:, : one.shape[-1]]
            if len(seen) == all_of_them:
                raise AllSeen

        return name, hook

    hooks = [keep(place, layer) for layer in range(layers) for place in wanted]
    with suppress(AllSeen), recorder or nullcontext():
        model.watch(prompts, hooks)
    missing = [name for name, _ in hooks if name not in seen]
    if missing:
        raise ValueError(
            f"model {model.name} did not reach {missing[0]} ({len(missing)} of {len(hooks)} hooks): its attention "
            "forms no pattern that TransformerLens can see, in that layer at least"
        )
    nothing = [None] * len(prompts)
    return [Recorded(*one) for one in zip(patterns, norms or nothing, kept_scores or nothing, strict=True)]


def _write(arrays: Sequence[FloatArray], layer: int, batch: FloatArray) -> None:
    for array, one in zip(arrays, batch, strict=True):
        n = array.shape[-1]
        array[layer] = one[:, :n, :n]


def _checked(tensor: Any, shape: tuple[int, ...], name: str) -> FloatArray:
    if tuple(tensor.shape) != shape:
        raise ValueError(f"{name} has shape {tuple(tensor.shape)}; expected [prompt, head, query, key] = {shape}")
    array: FloatArray = tensor.float().cpu().numpy()
    return array


def _norms(values: Any, heads: int, name: str) -> FloatArray:
    """`[prompt, head, key]` of values `[prompt, key, kv_head, d_head]`; a grouped KV head serves several heads."""
    if values.ndim != 4 or heads % values.shape[2]:
        raise ValueError(
            f"{name} has shape {tuple(values.shape)}; expected [prompt, key, head, d_head]. value_norms cannot be had "
            "for this model"
        )
    norms = values.float().norm(dim=-1).transpose(1, 2).repeat_interleave(heads // values.shape[2], 1)
    array: FloatArray = norms.cpu().numpy()
    return array
