"""A model and token ids -> QueriesKeys: what each layer's attention was given while the model ran as it always does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attn_widgets.attention import QueriesKeys
from attn_widgets.forward.checking_queries_keys import check_layer
from attn_widgets.forward.masks import Mask, recognised
from attn_widgets.forward.recorded import AllSeen, Recorded
from attn_widgets.models import Model
from attn_widgets.models.attention_functions import AttentionCall

FloatArray = NDArray[np.floating[Any]]


def record_queries_keys(
    model: Model,
    ids: Sequence[int],
    *,
    value_norms: bool,
    dtype: np.dtype[Any],
    report: Callable[[float], None],
) -> Recorded:
    """Run the model beneath once, with its own attention, and keep what enters each layer's.

    Every layer's mask is recognised, and a few rows of every head are made of what is kept and compared with what the
    model computed: see `check_layer`.

    Parameters
    ----------
    model : Model
    ids : sequence of int
        `[seq]`.
    value_norms : bool
        Return the norms of the value vectors, `[layer, head, key]`, too.
    dtype
        What is stored: float32 or float16.
    report : callable
        Called with the share of the layers done.

    Raises
    ------
    ValueError
        With the reason, if queries and keys of this model cannot be had, or do not make its patterns.
    """
    kept = _Kept(model, len(ids), dtype, value_norms, report)
    with suppress(AllSeen):
        model.watch_attention(ids, kept.take)
    if kept.done < model.n_layers:
        raise ValueError(
            f"{kept.done} of its {model.n_layers} layers use the attention function that transformers lets one choose"
        )
    return Recorded(kept.attention(), kept.norms)


@dataclass(eq=False)
class _Kept:
    """What has been kept so far, layer by layer."""

    model: Model
    n: int
    dtype: np.dtype[Any]
    wants_norms: bool
    report: Callable[[float], None]
    done: int = 0
    queries: FloatArray = field(init=False)
    keys: FloatArray = field(init=False)
    norms: FloatArray | None = None
    scale: list[float] = field(default_factory=list)
    softcap: list[float] = field(default_factory=list)
    masks: list[Mask] = field(default_factory=list)
    sinks: list[FloatArray | None] = field(default_factory=list)
    # the layers share a few masks: each is looked at once
    _known: dict[tuple[int, bool], tuple[Any, Mask]] = field(default_factory=dict)

    def take(self, call: AttentionCall) -> None:
        layer = self.done
        try:
            self._take(layer, call)
        except ValueError as error:
            raise ValueError(f"in layer {layer} {error}") from error
        self.done += 1
        self.report(self.done / self.model.n_layers)
        if self.done == self.model.n_layers:
            raise AllSeen

    def _take(self, layer: int, call: AttentionCall) -> None:
        query, key = tuple(call.query.shape), tuple(call.key.shape)
        heads = self.model.n_heads
        if query[:3] != (1, heads, self.n) or key[2:] != (self.n, query[3]) or key[0] != 1 or heads % key[1]:
            raise ValueError(
                f"queries and keys have shapes {query} and {key}; expected [1, head, query, d_head] of {heads} heads "
                f"and {self.n} tokens, and [1, kv_head, key, d_head]"
            )
        if not layer:
            layers = self.model.n_layers
            self.queries = np.empty((layers, *query[1:]), self.dtype)
            self.keys = np.empty((layers, *key[1:]), self.dtype)
            self.norms = np.empty((layers, heads, self.n), self.dtype) if self.wants_norms else None
        if (query[1:], key[1:]) != (self.queries.shape[1:], self.keys.shape[1:]):
            raise ValueError(f"heads are not as many or as wide as in layer 0: {query} and {key}")
        mask = self._mask(call)
        # a single token has none before or after it
        if mask.causal != self.model.causal and self.n > 1:
            raise ValueError(f"later keys are {'hidden' if mask.causal else 'seen'}, otherwise than in the whole model")
        torch.from_numpy(self.queries[layer]).copy_(call.query[0])
        torch.from_numpy(self.keys[layer]).copy_(call.key[0])
        if self.norms is not None:
            norms = call.value[0].float().norm(dim=-1).repeat_interleave(heads // call.value.shape[1], 0)
            self.norms[layer] = norms.cpu().numpy()
        self.scale.append(call.scale)
        self.softcap.append(call.softcap or 0.0)
        self.masks.append(mask)
        self.sinks.append(None if call.sinks is None else call.sinks.detach().float().cpu().numpy())
        check_layer(call, self._attention(slice(layer, layer + 1)))

    def _mask(self, call: AttentionCall) -> Mask:
        key = (id(call.mask), call.causal)
        if key in self._known:
            return self._known[key][1]
        mask = recognised(call.mask, call.causal, self.n)
        # one with biases is another for each layer, and large
        if mask.bias is None:
            # it is held: the id of one that is gone may be given to another
            self._known[key] = call.mask, mask
        return mask

    def attention(self) -> QueriesKeys:
        return self._attention(slice(None))

    def _attention(self, layers: slice) -> QueriesKeys:
        masks, sinks = self.masks[layers], self.sinks[layers]
        heads, offsets = self.model.n_heads, 2 * self.n - 1
        no_bias = np.zeros((1, offsets), np.float32)
        # no sink is one that gets nothing; its score must be finite
        no_sink = np.full(heads, np.finfo(np.float32).min / 4, np.float32)
        biases = [no_bias if mask.bias is None else mask.bias for mask in masks]
        return QueriesKeys(
            self.queries[layers],
            self.keys[layers],
            np.array(self.scale[layers], np.float32),
            causal=self.model.causal,
            window=np.array([mask.window for mask in masks]),
            bias=None
            if all(mask.bias is None for mask in masks)
            else np.stack([np.broadcast_to(bias, (heads, offsets)) for bias in biases]),
            softcap=np.array(self.softcap[layers], np.float32),
            sinks=None
            if all(sink is None for sink in sinks)
            else np.stack([no_sink if sink is None else sink for sink in sinks]),
        )
