"""A model that adds learned positions -> how its heads' scores depend on the offset alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from attn_widgets.forward.precision import summing
from attn_widgets.models import Model

_POSITIONS = 256
_OFFSETS = 32


def position_kernel(model: Model) -> tuple[NDArray[np.float32] | None, str]:
    """Scores of the mean token with the mean token, by offset.

    Of the first 256 positions at most; the same queries for every offset from 0 to 31, or half the positions where
    there are fewer; each query's mean over these keys is taken off, as a softmax does not see it.

    Returns
    -------
    numpy.ndarray or None
        `[layer, head, offset]`, float32, each head's summing to 0.
    str
        Why there is none; "" where there is one.
    """
    positions = model.position_embeddings
    if positions is None:
        return None, f"{model.name} adds no learned positions to the residual stream; they act inside of attention"
    if any(norm is not None for norm in (model.attention_norms(0).query, model.attention_norms(0).key)):
        return None, f"{model.name} has norms of queries and keys, whose scales weights do not tell"
    n = min(len(positions), _POSITIONS)
    offsets = min(_OFFSETS, max(1, n // 2))
    dtype = summing(positions.dtype)
    mean = model.embedded_tokens[: model.n_tokens].to(dtype).mean(0)
    stream = (mean + positions[:n].to(dtype)).to(model.dtype)[None]
    with model.hooked(), torch.no_grad():
        kernels = [_of_layer(model, layer, stream, offsets, dtype) for layer in range(model.n_layers)]
    kernel: NDArray[np.float32] = torch.stack(kernels).float().cpu().numpy()
    return kernel, ""


def _of_layer(model: Model, layer: int, stream: Tensor, offsets: int, dtype: torch.dtype) -> Tensor:
    weights = model.score_weights(layer)
    normed = model.normed_for_attention(layer, stream)[0].to(dtype)

    def seen(matrix: Tensor, bias: Any) -> Tensor:
        read = torch.einsum("sm,hmd->hsd", normed, matrix.to(dtype))
        return (read if bias is None else read + bias.to(dtype)[:, None]).repeat_interleave(
            model.n_heads // len(matrix), 0
        )

    queries, keys = seen(weights.w_q, weights.b_q), seen(weights.w_k, weights.b_k)
    at = torch.arange(offsets - 1, queries.shape[1], device=queries.device)
    scores = torch.stack([(queries[:, at] * keys[:, at - offset]).sum(-1) for offset in range(offsets)], -1)
    scores = scores * queries.shape[-1] ** -0.5
    kernel: Tensor = (scores - scores.mean(-1, keepdim=True)).mean(1)
    return kernel
