"""What a forward pass showed of a prompt -> Trace, with what is known of the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.attention import Attention, as_attention
from attn_widgets.models import Model
from attn_widgets.trace import Trace


def trace_of(
    model: Model,
    ids: Sequence[int],
    prompt: Any,
    attention: Attention | NDArray[np.floating[Any]],
    *,
    scores: NDArray[np.floating[Any]] | None = None,
    value_norms: NDArray[np.floating[Any]] | None = None,
    generated_from: int | None = None,
) -> Trace:
    """Put a trace together.

    Parameters
    ----------
    model : Model
    ids : sequence of int
        `[seq]`, what the model read.
    prompt : str or array of int
        What the ids were made of.
    attention, scores, value_norms, generated_from
        As in `Trace`.

    Returns
    -------
    Trace
    """
    tokenizer, ids = model.tokenizer, [int(i) for i in ids]
    text = model.text_of(prompt, ids)
    spans = tokenizer.spans(ids, text)
    special = tokenizer.special_ids
    return Trace(
        attention=as_attention(attention, causal=model.causal),
        tokens=tuple(tokenizer.token_strings(ids)),
        token_ids=np.array(ids, dtype=np.int64),
        model_name=model.name,
        causal=model.causal,
        special=tuple(position for position, i in enumerate(ids) if i in special),
        scores=scores,
        value_norms=value_norms,
        # without a tokenizer there is no text
        text="" if spans is None else text,
        spans=None if spans is None else np.array(spans, dtype=np.int64).reshape(-1, 2),
        generated_from=generated_from,
    )
