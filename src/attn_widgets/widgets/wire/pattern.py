"""Matrices -> bytes for the browser; js/src/pattern/wire.ts reads them back."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.patterns import first_excluded, max_pool
from attn_widgets.tiles import Coding, Matrix, Overview
from attn_widgets.widgets.wire.arrays import array_wire

FloatArray = NDArray[np.floating[Any]]

_CODES = 65535
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


def encode_atlas(
    patterns: FloatArray, *, causal: bool = False, exclude_first: bool = False, small: bool = False
) -> dict[str, Any]:
    """All heads as small pictures of one byte a cell, max-pooled so that stripes stay visible.

    Parameters
    ----------
    patterns : numpy.ndarray
        `[layer, head, query, key]`, values in [0, 1].
    causal : bool
        Send only the lower triangles, as `encode_matrix` does: pooling leaves nothing above them.
    exclude_first : bool
        Take key 0 out and renormalise before pooling.
    small : bool
        Take half the room, where that is short.

    Returns
    -------
    dict
        `data` (uint8), `dtype`, `shape` `[layer, head, query, key]`, `layout` ("causal" or "full") and `factor`, with
        value = factor * code.
    """
    layers, heads = patterns.shape[:2]
    room = _ATLAS_BYTES / (layers * heads) / (2 if small else 1)
    side = max(16, min(_ATLAS_SIDE, int(sqrt(room))))
    # a layer at a time: all of them renormalised at once would double the memory of the patterns
    pooled = np.stack(
        [max_pool(np.nan_to_num(first_excluded(layer)) if exclude_first else layer, side) for layer in patterns]
    )
    codes = np.rint(pooled.astype(np.float32) * 255).clip(0, 255)
    cells = codes[..., np.tri(codes.shape[-1], dtype=bool)] if causal else codes
    layout = "causal" if causal else "full"
    return {**array_wire(cells, "uint8"), "shape": list(codes.shape), "layout": layout, "factor": 1 / 255}
