"""Recorded: what one forward pass showed of one prompt's attention, ready to be put into a trace."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attn_widgets.attention import Attention

FloatArray = NDArray[np.floating[Any]]


class Recorded(NamedTuple):
    """What was kept.

    Attributes
    ----------
    attention : Attention or numpy.ndarray
        Queries and keys, or patterns `[layer, head, query, key]`.
    value_norms : numpy.ndarray or None
        `[layer, head, key]`.
    scores : numpy.ndarray or None
        `[layer, head, query, key]`; None where queries and keys make them.
    """

    attention: Attention | FloatArray
    value_norms: FloatArray | None = None
    scores: FloatArray | None = None


class AllSeen(Exception):
    """Ends a forward pass: what is left of it makes logits, which a trace does not keep."""
