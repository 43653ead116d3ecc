"""What a layer's attention gave, and the queries and keys kept of it -> nothing, or an error on how they differ."""

from __future__ import annotations

import numpy as np
import torch

from attn_widgets.attention import QueriesKeys
from attn_widgets.forward.precision import tolerance
from attn_widgets.models.attention_functions import AttentionCall

# both are made in float32 of the same numbers
_SAME = 1e-4
# what rounding queries and keys to float16 may change in a pattern: they are for looking
_HALF = 0.02


def check_layer(call: AttentionCall, kept: QueriesKeys) -> None:
    """Compare four rows of every head with what the model computed.

    - Patterns made of what is kept must be those of the model's own eager attention, computed in float32 whatever the
      model's dtype, within 1e-4; within 0.02 where float16 is stored.
    - They, times the values, must be what the layer's attention really gave, within `precision.tolerance` of the
      largest output: 1e-4 in float32, 1e-2 in float16 and 5e-2 in bfloat16, whose attention rounds by itself.

    Parameters
    ----------
    call : AttentionCall
    kept : QueriesKeys
        Of this layer alone.

    Raises
    ------
    ValueError
        If they differ by more.
    """
    _, heads, n, n_keys = kept.shape
    rows = sorted({0, n // 3, 2 * n // 3, n - 1})
    ours = np.stack(
        [np.concatenate([kept.block(0, head, slice(q, q + 1), slice(None)) for q in rows]) for head in range(heads)]
    )
    half = kept.dtype == np.float16
    eager = call.weights(rows)
    if eager is not None:
        error = float(np.abs(ours - eager.cpu().numpy()).max())
        if not error <= (_HALF if half else _SAME):
            raise ValueError(
                "float16 is too coarse for its queries and keys: a pattern made of them differs by "
                f"{error:.2g}; store float32"
                if half
                else f"the pattern made of queries and keys differs by {error:.2g} from the model's eager attention"
            )
    values = call.value[0].float()
    group = heads // len(values)
    patterns = torch.from_numpy(ours).to(values.device).view(len(values), group * len(rows), n_keys)
    moved = (patterns @ values).view(heads, len(rows), -1)
    given = call.output[0, rows].float().transpose(0, 1)
    error = float((moved - given).abs().max() / given.abs().max().clamp_min(1e-9))
    if not error <= max(tolerance(call.output.dtype), _HALF if half else 0.0):
        raise ValueError(
            "the pattern made of queries and keys, times the values, differs from what attention gave by "
            f"{error:.2g} of the largest output"
        )
