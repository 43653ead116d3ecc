"""A Hugging Face model runs with its own attention, and what goes into each layer's and comes out of it is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.models.beneath import beneath
from attn_widgets.models.in_pieces import mlps_in_pieces

NAME = "attn_widgets"
# numbers that a block of query rows may have in one of its arrays, where attention goes row by row
_BLOCK = 2**23


@dataclass(frozen=True, eq=False)
class AttentionCall:
    """One layer's attention in one forward pass.

    Attributes
    ----------
    query, key, value : Tensor
        `[1, head, query, d_head]` and `[1, kv_head, key, d_head]`: after rotary and norms, before the scale.
    output : Tensor
        `[1, query, head, d_head]`, what the heads moved.
    scale : float
        What query times key is multiplied by.
    mask : Tensor or None
        `[1, 1 or head, query, key]`: True where a key is seen; or numbers that are added to the scores, very low ones
        where it is not. None: see `causal`.
    causal : bool
        Whether, without a mask, later keys are hidden.
    softcap : float or None
    sinks : Tensor or None
        `[head]`.
    """

    query: Tensor
    key: Tensor
    value: Tensor
    output: Tensor
    scale: float
    mask: Tensor | None
    causal: bool
    softcap: float | None
    sinks: Tensor | None
    module: Any
    options: dict[str, Any]

    def weights(self, queries: Sequence[int]) -> Tensor | None:
        """What the model's own eager attention gives for some queries, computed in float32.

        Returns
        -------
        Tensor or None
            `[head, len(queries), key]`; None where the model's code has no such function.
        """
        eager = eager_attention(self.module)
        if eager is None:
            return None
        rows = torch.tensor(list(queries), device=self.query.device)
        hidden = rows_of_mask(self, rows, torch.float32)
        # what it moves is not asked for: one number of each value, which it may repeat for every head, is enough
        query, key, value = (tensor.float() for tensor in (self.query[:, :, rows], self.key, self.value[..., :1]))
        weights: Tensor = eager(self.module, query, key, value, hidden, **self.options)[1]
        return weights[0].float()


Listener = Callable[[AttentionCall], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
_held: ContextVar[tuple[Tensor, list[bool]] | None] = ContextVar("held", default=None)


def watch(lens: Any, ids: Sequence[int], listener: Listener) -> None:
    """Run the model beneath once on one prompt, without gradients, and tell a function of every layer's attention."""
    with listening(listener), torch.no_grad():
        model = beneath(lens, NAME)
        mlps_in_pieces(model)
        model(torch.tensor([list(ids)], device=next(lens.parameters()).device))


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Tell a function of every layer's attention that models with the attention `NAME` compute meanwhile.

    Raises
    ------
    ValueError
        If this version of transformers has no choice of attention functions.
    """
    _register()
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def holding(pattern: Tensor | None) -> Iterator[list[bool]]:
    """Let models with the attention `NAME` move values by a given pattern meanwhile, `[head, query, key]`.

    The list gets an entry each time that is done: not every model's attention can be chosen. None: nothing is held.
    """
    used: list[bool] = []
    token = _held.set(None if pattern is None else (pattern, used))
    try:
        yield used
    finally:
        _held.reset(token)


def _register() -> None:
    try:
        from transformers import AttentionInterface, AttentionMaskInterface
        from transformers.masking_utils import sdpa_mask
    except ImportError as error:
        raise ValueError("this version of transformers lets nobody choose an attention function; it takes 5") from error
    AttentionInterface.register(NAME, _attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)


def eager_attention(module: Any) -> Callable[..., Any] | None:
    """The function by which a model's own code computes attention step by step."""
    return getattr(sys.modules[type(module).__module__], "eager_attention_forward", None)


def _attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    held = _held.get()
    if held is not None:
        held[1].append(True)
        return _moved(held[0], value), None
    softcap, sinks, bias = (options.get(name) for name in ("softcap", "s_aux", "position_bias"))
    causal = options.get("is_causal")
    causal = getattr(module, "is_causal", True) if causal is None else causal
    scale = options.get("scaling")
    call = AttentionCall(
        query=query,
        key=key,
        value=value,
        output=query,
        scale=float(query.shape[-1] ** -0.5 if scale is None else scale),
        mask=attention_mask if bias is None else _with_bias(bias, attention_mask, causal, query, key),
        causal=bool(causal),
        softcap=softcap,
        sinks=sinks,
        module=module,
        options={name: value for name, value in options.items() if name not in ("dropout", "position_bias")},
    )
    if softcap is None and sinks is None:
        output = sdpa_attention_forward(module, query, key, value, attention_mask, **options)[0]
    else:
        output = _by_rows(call)
    listener = _listener.get()
    if listener is not None:
        # one object a layer: it is made whole here
        object.__setattr__(call, "output", output)
        listener(call)
    return output, None


def _moved(pattern: Tensor, value: Tensor) -> Tensor:
    """Values `[batch, kv_head, key, d_head]` as a pattern moves them, `[batch, query, head, d_head]`."""
    value = value.repeat_interleave(pattern.shape[0] // value.shape[1], dim=1)
    return (pattern.to(value.dtype) @ value).transpose(1, 2).contiguous()


def _with_bias(bias: Tensor, mask: Tensor | None, causal: bool, query: Tensor, key: Tensor) -> Tensor:
    from transformers.integrations.sdpa_attention import create_position_bias_mask

    biased: Tensor = create_position_bias_mask(bias, mask, causal and query.shape[2] > 1, query, key)
    return biased


def _by_rows(call: AttentionCall) -> Tensor:
    """The model's own eager attention, some query rows at a time: sdpa knows no soft caps and no sinks."""
    eager = eager_attention(call.module)
    if eager is None:
        raise ValueError(f"{type(call.module).__name__} has soft caps or sinks and no eager attention of its own")
    _, heads, n, _ = call.query.shape
    step = max(1, _BLOCK // (heads * call.key.shape[2]))
    parts = []
    for start in range(0, n, step):
        rows = torch.arange(start, min(start + step, n), device=call.query.device)
        # what no row of these sees need not be computed
        seen = int(rows[-1]) + 1 if call.mask is None and call.causal else call.key.shape[2]
        hidden = rows_of_mask(call, rows, call.query.dtype)
        hidden = None if hidden is None else hidden[..., :seen]
        key, value = call.key[:, :, :seen], call.value[:, :, :seen]
        parts.append(eager(call.module, call.query[:, :, rows], key, value, hidden, **call.options)[0])
    return torch.cat(parts, 1)


def rows_of_mask(call: AttentionCall, rows: Tensor, dtype: torch.dtype) -> Tensor | None:
    """What is added to the scores of some queries, `[1, 1 or head, row, key]`; None for nothing."""
    lowest = torch.finfo(dtype).min
    if call.mask is None:
        if not call.causal:
            return None
        seen = torch.arange(call.key.shape[2], device=rows.device) <= rows[:, None]
        return torch.where(seen, 0.0, lowest).to(dtype)[None, None]
    mask = call.mask[:, :, rows]
    return torch.where(mask, 0.0, lowest).to(dtype) if mask.dtype == torch.bool else mask.to(dtype).clamp_min(lowest)
