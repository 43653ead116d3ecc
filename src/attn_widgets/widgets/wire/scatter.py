"""Arrays and tables of a HeadMap -> bytes for the browser; js/src/scatter/wire.ts reads them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.motifs.naming import RULE
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.patterns import first_excluded, max_pool
from attn_widgets.trace import Trace
from attn_widgets.traces import each_part
from attn_widgets.widgets.wire.arrays import array_wire

if TYPE_CHECKING:
    import pandas as pd

_NONE = 65535
_THUMB_BYTES = 1_000_000
_LEAST_SIDE, _MOST_SIDE = 12, 32
_COLUMNS = {"layer": "Layer", "head": "Head"}
_CATEGORIES = {"model": "Model", "motif": "Motif", "class": "Class", "cluster": "Cluster", "prompt": "Prompt"}


def points_wire(points: NDArray[Any]) -> dict[str, Any]:
    """Points `[point, dimension]`, moved and shrunk into [-1, 1] with all axes to one scale."""
    low, high = points.min(0), points.max(0)
    half = float((high - low).max()) / 2 or 1.0
    return array_wire((points - (low + high) / 2) / half, "float32")


def columns_wire(table: pd.DataFrame) -> list[dict[str, Any]]:
    """What points can be coloured and sized by: every column of the table but the names."""
    columns = [_number(name, label, table[name]) for name, label in _COLUMNS.items()]
    columns += [_category(name, label, table[name]) for name, label in _CATEGORIES.items() if name in table]
    for name in MOTIFS:
        if name in table:
            spread = table.get(f"{name}_std")
            columns.append(_number(name, MOTIFS[name].label, table[name], spread))
    return columns


def thumbs_wire(traces: Sequence[Trace], *, exclude_first: bool = False) -> dict[str, Any]:
    """One thumbnail a head, of one trace a model; nothing where there are too many heads for that."""
    n = sum(trace.n_layers * trace.n_heads for trace in traces)
    side = min(_MOST_SIDE, int(sqrt(_THUMB_BYTES / n)))
    if side < _LEAST_SIDE:
        return {}
    pictures = np.concatenate([_pooled(trace, side, exclude_first) for trace in traces])
    cells = [
        _cells(trace.n_keys, side, trace.causal) for trace in traces for _ in range(trace.n_layers * trace.n_heads)
    ]
    return {"data": array_wire(pictures, "uint8") | {"cells": cells}, "of": "head"}


def pictures_wire(patterns: Iterable[tuple[NDArray[Any], bool]], side: int) -> dict[str, Any]:
    """Thumbnails of patterns `[query, key]` of any size, each with whether it is causal; one is looked at at a time.

    `cells` says for each into how many cells a side of a causal one falls, fewer than `side` where a small pattern
    fills its picture; 0 where it is not causal.
    """
    pictures, cells = [], []
    for pattern, causal in patterns:
        pictures.append(_picture(pattern, side))
        cells.append(_cells(pattern.shape[-1], side, causal))
    return array_wire(np.stack(pictures) if pictures else np.zeros((0, side, side)), "uint8") | {"cells": cells}


def _cells(n_keys: int, side: int, causal: bool) -> int:
    return min(n_keys, side) if causal else 0


def _pooled(trace: Trace, side: int, exclude_first: bool) -> NDArray[np.uint8]:
    def picture(patterns: NDArray[Any]) -> NDArray[np.uint8]:
        return _picture(np.nan_to_num(first_excluded(patterns)) if exclude_first else patterns, side)

    return np.concatenate([part for *_, part in each_part(trace, picture)])


def _picture(patterns: NDArray[Any], side: int) -> NDArray[np.uint8]:
    """`[..., query, key]` -> `[..., side, side]`, of 255: pooled where larger, cells repeated where smaller."""
    small = max_pool(patterns, side)
    rows, columns = (np.arange(side) * n // side for n in small.shape[-2:])
    picture = small[..., rows[:, None], columns].astype(np.float32) * 255
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def _number(name: str, label: str, values: Any, spread: Any = None) -> dict[str, Any]:
    """Of several prompts `spread` is the standard deviation over them."""
    column = {"name": name, "label": label, "type": "number", "data": array_wire(values, "float32")}
    return column if spread is None else column | {"spread": array_wire(spread, "float32")}


def _category(name: str, label: str, values: Any) -> dict[str, Any]:
    texts = ["" if value in ("", -1) else str(value) for value in values]
    if name == "motif":
        known = [*(motif for motif in MOTIFS if motif in set(texts)), *(["none"] if "none" in texts else [])]
        colors = [MOTIFS[motif].color if motif in MOTIFS else "#9aa3ad" for motif in known]
    else:
        seen = set(texts) - {""}
        known = sorted(seen, key=int) if name == "cluster" else list(dict.fromkeys(text for text in texts if text))
        colors = None
    index = {text: code for code, text in enumerate(known)}
    codes = [index.get(text, _NONE) for text in texts]
    return {
        "name": name,
        "label": label,
        "type": "category",
        "codes": array_wire(codes, "uint16"),
        "values": [MOTIFS[text].label if name == "motif" and text in MOTIFS else text for text in known],
        "colors": colors,
        "about": RULE if name == "motif" else "",
    }
