"""Matrices -> bytes for the browser; js/src/pattern/wire.ts reads them back."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.patterns import first_excluded, max_pool
from attn_widgets.tiles import Coding, Matrix, Overview
from attn_widgets.trace import Trace
from attn_widgets.widgets.wire.arrays import array_wire

FloatArray = NDArray[np.floating[Any]]

_ATLAS_BYTES = 256_000
_ATLAS_SIDE = 96


def encode_matrix(matrix: FloatArray, *, causal: bool, masked: bool = False, signed: bool = False) -> dict[str, Any]:
    """One head's matrix as 16-bit codes: 2 bytes a cell, without the upper triangle where it is causal.

    Parameters
    ----------
    matrix : numpy.ndarray
        `[query, key]`.
    causal : bool
        Send only the lower triangle, row after row: row q has q + 1 codes.
    masked : bool
        Whether cells that are not finite mean "no value": code 0 is kept for them.
    signed : bool
        Whether values lie on both sides of 0, which then has a code of its own, in the middle.

    Returns
    -------
    dict
        `data` (little-endian uint16), `dtype`, `shape`, `layout` ("causal" or "full"), `offset`, `scale`
        and `masked`, with value = offset + scale * code. The largest error is scale / 2. `block`, `cells` and
        `shown_as` say that it is all there: see `encode_overview`.
    """
    cells = matrix[np.tri(len(matrix), dtype=bool)] if causal else matrix
    coding = Coding.of(cells, masked=masked, signed=signed)
    return {
        **array_wire(coding.codes(cells), "uint16"),
        "shape": list(matrix.shape),
        "layout": "causal" if causal else "full",
        **coding.about(),
        "block": 1,
        "cells": list(matrix.shape),
        "shown_as": "linear",
    }


def encode_overview(made: Overview, matrix: Matrix, shown_as: str) -> dict[str, Any]:
    """All of a matrix, pooled, as `encode_matrix` writes a small one.

    Parameters
    ----------
    made : Overview
    matrix : Matrix
        What it was made of.
    shown_as : {"linear", "row_max", "exclude_first"}

    Returns
    -------
    dict
        `shape` is that of the picture, `cells` that of the matrix; `block` rows and columns became one. `undefined`:
        runs of rows of which nothing is shown.
    """
    codes = made.codes[np.tri(len(made.codes), dtype=bool)] if matrix.causal else made.codes
    return {
        **array_wire(codes, "uint16"),
        "shape": list(made.codes.shape),
        "layout": "causal" if matrix.causal else "full",
        **made.coding.about(),
        "block": made.block,
        "cells": list(matrix.shape),
        "shown_as": shown_as,
        "undefined": [list(run) for run in made.undefined()],
    }


def atlas_side(n_heads: int, *, small: bool = False) -> int:
    """The most cells a side that thumbnails of so many heads have; of small ones half as many cells."""
    room = _ATLAS_BYTES / n_heads / (2 if small else 1)
    return max(16, min(_ATLAS_SIDE, int(sqrt(room))))


def thumb_codes(thumb: FloatArray) -> NDArray[np.uint8]:
    """Values in [0, 1] as codes of one byte."""
    codes: NDArray[np.uint8] = np.rint(thumb.astype(np.float32) * 255).clip(0, 255).astype(np.uint8)
    return codes


def encode_atlas(codes: NDArray[np.uint8], *, causal: bool, done: NDArray[np.bool_] | None = None) -> dict[str, Any]:
    """All heads as small pictures of one byte a cell, max-pooled so that stripes stay visible.

    Parameters
    ----------
    codes : numpy.ndarray
        uint8 `[layer, head, query, key]`.
    causal : bool
        Send only the lower triangles, as `encode_matrix` does: pooling leaves nothing above them.
    done : numpy.ndarray, optional
        bool `[layer, head]`, where not all are made yet.

    Returns
    -------
    dict
        `data` (uint8), `dtype`, `shape` `[layer, head, query, key]`, `layout` ("causal" or "full") and `factor`, with
        value = factor * code; `done`, uint8 `[layer, head]`, where some are not made yet.
    """
    cells = codes[..., np.tri(codes.shape[-1], dtype=bool)] if causal else codes
    layout = "causal" if causal else "full"
    wire = {**array_wire(cells, "uint8"), "shape": list(codes.shape), "layout": layout, "factor": 1 / 255}
    return wire if done is None or done.all() else wire | {"done": array_wire(done, "uint8")}


def atlas_codes(trace: Trace, side: int, *, exclude_first: bool = False) -> NDArray[np.uint8]:
    """Thumbnails of all heads at once, uint8 `[layer, head, query, key]`."""
    shape = (trace.n_layers, trace.n_heads, min(side, trace.n_queries), min(side, trace.n_keys))
    codes = np.empty(shape, dtype=np.uint8)
    # a few heads at a time: all of them renormalised at once would double the memory of the patterns
    for layer, heads, patterns in trace.parts():
        shown = np.nan_to_num(first_excluded(patterns)) if exclude_first else patterns
        codes[layer, heads] = thumb_codes(max_pool(shown, side))
    return codes
