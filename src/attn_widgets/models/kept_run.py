"""A forward pass of which is kept what every layer was given -> others like it that start in the middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attn_widgets.models import lens as _lens
from attn_widgets.models.attention_functions import NAME, holding, listening
from attn_widgets.models.beneath import beneath
from attn_widgets.models.places import Hook, layer_of
from attn_widgets.models.rotary import Rotary, rotaries

# what a layer would write the keys and values of a longer text into
_CACHES = ("past_key_values", "past_key_value", "layer_past", "past_kv_cache_entry")


@dataclass(frozen=True, eq=False)
class KeptRun:
    """One forward pass on one prompt, ready to be gone on with from any of its layers.

    Attributes
    ----------
    ids : tuple of int
        `[seq]`.
    residuals : list of Tensor
        The residual stream before each layer, `[1, seq, d_model]`.
    logits : Tensor
        `[seq, vocab]`.
    why_not : str
        Why no layer can be run by itself; "" if it can be tried.
    """

    ids: tuple[int, ...]
    residuals: list[Tensor]
    logits: Tensor
    why_not: str
    _lens: Any
    # of each layer, what it was given besides: masks, positions
    _given: list[tuple[tuple[Any, ...], dict[str, Any]]]

    def go_on(
        self, layer: int, n: int, hooks: Sequence[Hook], patterns: Sequence[Tensor] | None = None, *, plain: bool
    ) -> Tensor:
        """Run a layer and those after it again, several times at once.

        Parameters
        ----------
        layer : int
        n : int
            How many runs; the first axis of what hooks see.
        hooks : sequence of (place, function)
            In this layer or later ones.
        patterns : sequence of Tensor, optional
            A layer each, `[head, query, key]`: held in the layers that no hook touches. They must be `plain`.
        plain : bool
            Layers that no hook touches are those of the Hugging Face model beneath, with the attention it usually has.

        Returns
        -------
        Tensor
            `[n, seq, d_model]`, the residual stream after the last layer.

        Raises
        ------
        ValueError
            If the layers cannot be run so. What else they raise says the same.
        """
        if self.why_not:
            raise ValueError(self.why_not)
        layers = _plain_layers(self._lens) if plain else self._lens.blocks
        touched = {layer_of(place) for place, _ in hooks}
        residual = self.residuals[layer].repeat(n, 1, 1)
        with _lens.hooked(self._lens, hooks), listening(None), torch.no_grad():
            for i in range(layer, len(self._given)):
                block = self._lens.blocks[i] if i in touched else layers[i]
                held = None if patterns is None or i in touched else patterns[i]
                with holding(held) as used:
                    args, named = self._given[i]
                    residual = _first(block(residual, *args, **named))
                if held is not None and not used:
                    raise ValueError(f"layer {i} has an attention whose pattern cannot be held so")
        return residual

    def rotaries(self, layer: int, d_head: int) -> list[Rotary]:
        """Every way in which a layer may turn queries and keys by their position, as far as can be seen."""
        return rotaries(self._lens, self._given[layer][1], len(self.ids), d_head)

    def logits_after(self, residual: Tensor) -> Tensor:
        """The last steps: `[batch, seq, d_model]` -> `[batch, seq, vocab]`, with the cap where the model has one."""
        with torch.no_grad():
            return _lens.capped(self._lens, _lens.logits_of(self._lens, residual))


def keep(lens: Any, ids: Sequence[int], hooks: Sequence[Hook]) -> KeptRun:
    """Run the model once on one prompt, in eval mode and without gradients, and keep what its layers were given."""
    blocks = getattr(lens, "blocks", None)
    blocks = list(blocks) if isinstance(blocks, nn.ModuleList) else []
    calls: list[tuple[int, tuple[Any, ...], dict[str, Any]]] = []

    def listen(layer: int) -> Callable[..., None]:
        def hook(module: Any, args: tuple[Any, ...], named: dict[str, Any]) -> None:
            calls.append((layer, args, named))

        return hook

    handles = [block.register_forward_pre_hook(listen(i), with_kwargs=True) for i, block in enumerate(blocks)]
    try:
        logits = _lens.run(lens, ids, hooks)
    finally:
        for handle in handles:
            handle.remove()
    why_not, residuals, given = "", [], []
    if not blocks or [layer for layer, _, _ in calls] != list(range(len(blocks))):
        why_not = "its layers are not called one after the other"
    else:
        for _, args, named in calls:
            residuals.append(args[0] if args else named["hidden_states"])
            given.append((tuple(_without_cache(one) for one in args[1:]), _named(named)))
    return KeptRun(tuple(ids), residuals, logits, why_not, lens, given)


def _named(named: dict[str, Any]) -> dict[str, Any]:
    told = {name: None if name in _CACHES else _without_cache(value) for name, value in named.items()}
    told.pop("hidden_states", None)
    if "use_cache" in told:
        told["use_cache"] = False
    return told


def _without_cache(value: Any) -> Any:
    return None if hasattr(value, "get_seq_length") else value


def _first(output: Any) -> Tensor:
    residual: Tensor = output[0] if isinstance(output, tuple) else output
    return residual


def _plain_layers(lens: Any) -> Any:
    """The layers of the Hugging Face model beneath, by where TransformerLens's stand in it."""
    model = beneath(lens, NAME)
    first = next((name for name, module in lens.original_model.named_modules() if module is lens.blocks[0]), "")
    if not first.endswith(".0"):
        raise ValueError("its layers are no list in the Hugging Face model beneath")
    return model.get_submodule(first.removesuffix(".0"))
