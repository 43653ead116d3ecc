"""A shape, the geometry that is drawn over a pattern, as a small plain dict -> its cells.

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

import numpy as np

from attn_widgets.motifs.motif import BoolArray, Prompt, Shape


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
