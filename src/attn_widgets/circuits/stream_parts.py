"""A recording -> what wrote the residual stream of its prompt, in float64, each made when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from attn_widgets.forward.recording import Recording, values_of_heads
from attn_widgets.models import Model
from attn_widgets.models.places import (
    POSITION_EMBEDDING,
    TOKEN_EMBEDDING,
    attention_output_norm_place,
    mlp_place,
)

# layer, head and side of who reads
Reader = tuple[int, int, str]
# for whom what was read at every position is kept
_READERS = 2


@dataclass(frozen=True, eq=False)
class Written:
    """What one layer wrote: `moved . w_o / scale` of each head, `bias / scale` of all, and `mlp`.

    Attributes
    ----------
    patterns, values : Tensor
        `[head, query, key]`, of the model's own dtype, and `[key, head, d_head]`.
    moved : Tensor
        `[query, head, d_head]`: patterns times values.
    w_o : Tensor
        `[head, d_head, d_model]`, with the norm after attention where there is one.
    bias : Tensor
        `[d_model]`, likewise.
    scale : Tensor
        `[seq]`: what that norm divides by; 1 where there is none.
    mlp : Tensor or None
        `[seq, d_model]`; None where the layer has no MLP.
    """

    patterns: Tensor
    values: Tensor
    moved: Tensor
    w_o: Tensor
    bias: Tensor
    scale: Tensor
    mlp: Tensor | None

    def read(self, weights: Tensor, at: Tensor | slice = slice(None)) -> Tensor:
        """As a reader's `[d_model, d_head]` reads it, `[head or MLP, position, d_head]`, not divided by any scale."""
        heads = read_heads(self.moved[at], self.w_o, weights)
        return heads if self.mlp is None else torch.cat([heads, (self.mlp[at] @ weights)[None]])


class StreamParts:
    """One prompt's residual stream, in parts.

    Kept for another cell of the same prompt, 8 bytes a number: of each layer its heads' output matrices, values and
    outputs, and what its MLP wrote.
    """

    def __init__(self, model: Model, recording: Recording) -> None:
        self._model, self._recording = model, recording
        self._layers: dict[int, Written] = {}
        self._read: dict[Reader, dict[int, Tensor]] = {}

    @cached_property
    def embeddings(self) -> dict[str, Tensor]:
        """Name -> `[seq, d_model]`."""
        places = {"embedding": TOKEN_EMBEDDING, "position": POSITION_EMBEDDING}
        there = self._recording.embeds
        return {name: exact(there[place]) for name, place in places.items() if place in there}

    def layer(self, layer: int) -> Written:
        """What a layer wrote."""
        if layer not in self._layers:
            self._layers[layer] = self._written(layer)
        return self._layers[layer]

    def read_by(self, reader: Reader, weights: Tensor, layer: int) -> Tensor:
        """What a layer's heads and its MLP wrote at every position, as a reader's `[d_model, d_head]` reads it.

        Returns
        -------
        Tensor
            `[head or MLP, seq, d_head]`, not divided by any scale; of the last two readers it is kept.
        """
        known = self._read.pop(reader, {})
        self._read[reader] = known
        if len(self._read) > _READERS:
            del self._read[next(iter(self._read))]
        if layer not in known:
            known[layer] = self.layer(layer).read(weights)
        return known[layer]

    def _written(self, layer: int) -> Written:
        recording, n_heads = self._recording, self._model.n_heads
        patterns = recording.patterns[layer]
        values = exact(values_of_heads(recording.values[layer], n_heads))
        weights = self._model.attention_weights(layer)
        # to ask a model for its norms takes longer than the rest
        norm = self._model.attention_norms(layer).after if self._model.norms_outputs else None
        w_o = exact(weights.w_o)
        bias = torch.zeros(self._model.d_model, dtype=torch.float64) if weights.b_o is None else exact(weights.b_o)
        mlp = recording.mlps.get(mlp_place(layer))
        return Written(
            patterns,
            values,
            torch.einsum("hqk,khd->qhd", exact(patterns), values),
            w_o if norm is None else norm.after(w_o),
            bias if norm is None else norm.after(bias),
            scale_of(recording, attention_output_norm_place(layer)),
            None if mlp is None else exact(mlp),
        )


def read_heads(vectors: Tensor, w_o: Tensor, weights: Tensor) -> Tensor:
    """What heads have, `[seq, head, d_head]`, written and read again: `[head, seq, d_head]`."""
    each = vectors.transpose(0, 1)
    # whichever makes less of it
    return (each @ w_o) @ weights if len(vectors) < weights.shape[1] else each @ (w_o @ weights)


def scale_of(recording: Recording, place: str) -> Tensor:
    """`[seq]`: what a norm on the residual stream divided by; 1 where there is no such norm."""
    scale = recording.scales.get(place)
    n = len(recording.ids)
    return torch.ones(n, dtype=torch.float64) if scale is None else exact(scale).reshape(n)


def exact(tensor: Tensor) -> Tensor:
    """In float64 on the CPU: not every device has it."""
    return tensor.detach().cpu().double()
