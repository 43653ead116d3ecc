"""A trace and its scores -> the shapes to draw over each head's pattern; `attn_widgets.motifs.shapes` has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from attn_widgets.motifs.motif import BoolArray, Motif, Prompt, Shape
from attn_widgets.motifs.scores import MotifScores
from attn_widgets.trace import Trace

MOST_CELLS = 20_000
# a larger mask takes too long to be told what shape it has
_MOST_SEARCHED = 20_000_000


def overlays(trace: Trace, scores: MotifScores, heads: BoolArray | None = None) -> dict[str, Any]:
    """Geometry of every motif.

    Parameters
    ----------
    trace : Trace
    scores : MotifScores
        Of this trace alone.
    heads : numpy.ndarray, optional
        bool `[layer, head]`: those that were measured; default all.

    Returns
    -------
    dict
        `"shapes"`: motif name -> shape or None, for motifs that are the same in every head. `"found"`: motif name ->
        `[layer][head]` of shape or None, for those that detectors find. JSON in, JSON out: no arrays.

    Raises
    ------
    ValueError
        If the scores are not those of this trace.
    """
    if scores.n_traces != 1 or (scores.n_layers, scores.n_heads) != (trace.n_layers, trace.n_heads):
        raise ValueError(
            f"scores are {scores!r}, the trace is {trace!r}; expected the scores of this one trace: motif_scores(trace)"
        )
    prompt = Prompt.of(trace, scores.band)
    found = {motif.name: _found(motif, scores, heads) for motif in scores.motifs if motif.detector and motif.overlay}
    shapes = {motif.name: shape_of(motif, prompt) for motif in scores.motifs if motif.name not in found}
    return {"shapes": shapes, "found": found}


def shape_of(motif: Motif, prompt: Prompt) -> Shape | None:
    """What to draw for a motif that is the same in every head; None for nothing, or for a mask that is too large."""
    if motif.mask is None:
        return None
    if motif.overlay is not None:
        return motif.overlay(prompt)
    if prompt.n_queries * prompt.n_keys > _MOST_SEARCHED:
        return None
    return _from_mask(motif.cells(prompt)[0], prompt.visible)


def _from_mask(mask: BoolArray, visible: BoolArray) -> Shape | None:
    """The smallest description of a mask: a diagonal or band, else columns, else its cells."""
    queries, keys = mask.nonzero()
    if not len(queries):
        return None
    offsets = np.unique(queries - keys)
    first, last = int(offsets[0]), int(offsets[-1])
    back = np.arange(mask.shape[0])[:, None] - np.arange(mask.shape[1])
    if len(offsets) == last - first + 1 and np.array_equal(mask, (back >= first) & (back <= last) & visible):
        if first == last:
            return {"type": "diagonal", "offset": first}
        return {"type": "band", "from": first, "to": last}
    columns = np.unique(keys)
    filled = np.zeros_like(mask)
    filled[:, columns] = visible[:, columns]
    if np.array_equal(mask, filled):
        return {"type": "columns", "keys": columns.tolist()}
    if len(queries) > MOST_CELLS:
        return None
    return {"type": "cells", "queries": queries.tolist(), "keys": keys.tolist()}


def _found(motif: Motif, scores: MotifScores, heads: BoolArray | None) -> list[list[Shape | None]]:
    where, draw = scores.found.get(motif.name), motif.overlay
    shapes: list[list[Shape | None]] = [[None] * scores.n_heads for _ in range(scores.n_layers)]
    if draw is not None and where is not None:
        for layer, head in np.argwhere(np.ones(where.shape[:2], dtype=bool) if heads is None else heads):
            shapes[layer][head] = draw(where[layer, head])
    return shapes
