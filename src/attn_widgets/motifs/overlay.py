"""A trace and its scores -> what to draw over each head's pattern, as small plain dicts.

Shapes, all limited to cells that a query can see:

- `{"type": "diagonal", "offset": d}`: cells k = q - d; d < 0 looks ahead
- `{"type": "band", "from": a, "to": b}`: cells a <= q - k <= b
- `{"type": "columns", "keys": [...]}`: all cells of these keys
- `{"type": "match", "groups": [...], "shift": s}`: one group number a position, -1 for a token that occurs once.
  shift 0: groups[k] = groups[q], k < q (duplicates). shift 1: groups[k - 1] = groups[q], 1 <= k <= q (induction)
- `{"type": "cells", "queries": [...], "keys": [...]}`: any other cells, at most 20,000
- None: nothing to draw
"""

from __future__ import annotations

from typing import Any

import numpy as np

from attn_widgets.motifs.motif import BoolArray, Motif, Prompt, Shape
from attn_widgets.motifs.scores import MotifScores
from attn_widgets.trace import Trace

MOST_CELLS = 20_000


def overlays(trace: Trace, scores: MotifScores) -> dict[str, Any]:
    """Geometry of every motif.

    Parameters
    ----------
    trace : Trace
    scores : MotifScores
        Of this trace alone.

    Returns
    -------
    dict
        `"shapes"`: motif name -> shape or None, for motifs that are the same in every head. `"found"`: motif name ->
        `[layer][head]` of shape or None, for vertical_bars and stripe. JSON in, JSON out: no arrays.

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
    shapes = {motif.name: shape_of(motif, prompt) for motif in scores.motifs if motif.found in (None, "spread")}
    found = {motif.name: _found(motif, scores) for motif in scores.motifs if motif.name not in shapes}
    return {"shapes": shapes, "found": found}


def shape_of(motif: Motif, prompt: Prompt) -> Shape | None:
    """What to draw for a motif that is the same in every head; None for nothing."""
    if motif.overlay is not None:
        return motif.overlay(prompt)
    if motif.mask is None:
        return None
    return _from_mask(motif.cells(prompt)[0], prompt.visible)


def contains(shape: Shape | None, prompt: Prompt) -> BoolArray:
    """The cells of a shape, bool `[query, key]`.

    Raises
    ------
    ValueError
        If the shape is of an unknown type.
    """
    cells = np.zeros((prompt.n_queries, prompt.n_keys), dtype=bool)
    back = prompt.queries - prompt.keys
    if shape is None:
        return cells
    if shape["type"] == "diagonal":
        cells |= back == shape["offset"]
    elif shape["type"] == "band":
        cells |= (back >= shape["from"]) & (back <= shape["to"])
    elif shape["type"] == "columns":
        cells[:, shape["keys"]] = True
    elif shape["type"] == "match":
        groups = np.array(shape["groups"])
        shift = shape["shift"]
        matched = (groups[:, None] == groups) & (groups >= 0)
        cells[:, shift:] = matched[:, : prompt.n_keys - shift]
        cells &= back >= 1 - shift
    elif shape["type"] == "cells":
        cells[shape["queries"], shape["keys"]] = True
    else:
        raise ValueError(f"shape is of type {shape['type']!r}; expected diagonal, band, columns, match or cells")
    return cells & prompt.visible


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


def _found(motif: Motif, scores: MotifScores) -> list[list[Shape | None]]:
    if motif.found == "stripe" and scores.stripes is not None:
        return [[{"type": "diagonal", "offset": int(d)} if d else None for d in row] for row in scores.stripes]
    if motif.found == "bars" and scores.bars is not None:
        return [
            [{"type": "columns", "keys": keys.nonzero()[0].tolist()} if keys.any() else None for keys in row]
            for row in scores.bars
        ]
    return [[None] * scores.n_heads for _ in range(scores.n_layers)]
