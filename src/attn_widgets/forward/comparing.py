"""A model run in two ways -> whether both say the same: what is beneath it, and batches.

Each is done once, on a few tokens, and again when weights or hooks have changed since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from attn_widgets.forward.precision import tolerance
from attn_widgets.forward.recording_patterns import record_patterns
from attn_widgets.forward.recording_queries_keys import record_queries_keys
from attn_widgets.models import Model

# enough for positions to matter
_TOKENS = 8

# by model: the state it was in, and what was found
_BENEATH: WeakKeyDictionary[Any, tuple[Any, str]] = WeakKeyDictionary()
_BATCHES: WeakKeyDictionary[Any, tuple[Any, bool]] = WeakKeyDictionary()


def why_not_beneath(model: Model, ids: Sequence[int]) -> str:
    """Why queries and keys of a model cannot be had; "" if they can.

    They come from the Hugging Face model beneath, and patterns from TransformerLens. Hooks that somebody left on the
    one, or weights that were changed in it alone, do not show in the other: the patterns of both, on the first tokens
    of the prompt, must be the same within `precision.tolerance` (1e-4 in float32).
    """
    key, state = model.identity, model.state()
    known = _BENEATH.get(key)
    if known is None or known[0] != state:
        known = _BENEATH[key] = state, _compare_beneath(model, list(ids[:_TOKENS]))
    return known[1]


def _compare_beneath(model: Model, ids: list[int]) -> str:
    try:
        attention = record_queries_keys(model, ids, value_norms=False, dtype=np.dtype(np.float32), report=_nobody)
    except ValueError as error:
        return str(error)
    assert not isinstance(attention.attention, np.ndarray)
    for layer, theirs in enumerate(_patterns(model, [ids])[0]):
        off = float(np.abs(attention.attention.of(layer) - theirs).max())
        if not off <= tolerance(model.dtype):
            return (
                f"in layer {layer} a pattern of the Hugging Face model beneath differs by {off:.2g} from that of "
                "TransformerLens: weights were changed in one of them alone, or hooks change what it computes"
            )
    return ""


def batches_alike(model: Model, prompts: Sequence[Sequence[int]]) -> bool:
    """Whether a prompt's patterns are the same, within `precision.tolerance`, in a batch as by themselves."""
    key, state = model.identity, model.state()
    known = _BATCHES.get(key)
    if known is None or known[0] != state:
        some = [list(ids[: 2 * _TOKENS]) for ids in prompts[:2]]
        if not model.causal:
            some = [ids[: min(map(len, some))] for ids in some]
        together, alone = _patterns(model, some), [_patterns(model, [ids])[0] for ids in some]
        error = max(float(np.abs(a - b).max()) for a, b in zip(together, alone, strict=True))
        known = _BATCHES[key] = state, error <= tolerance(model.dtype)
    return known[1]


def _patterns(model: Model, prompts: Sequence[Sequence[int]]) -> list[NDArray[Any]]:
    recorded = record_patterns(
        model, prompts, scores=False, value_norms=False, dtype=np.dtype(np.float32), report=_nobody
    )
    return [np.asarray(one.attention) for one in recorded]


def _nobody(share: float) -> None:
    """Nobody waits for so few tokens."""
