"""Arrays and tables of a HeadMap -> bytes for the browser; js/src/scatter/wire.ts reads them back."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.motifs.naming import RULE
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.patterns import max_pool
from attn_widgets.widgets.filters import is_number, text_of, values_of
from attn_widgets.widgets.wire.arrays import array_wire

if TYPE_CHECKING:
    import pandas as pd

_NONE = 65535
_MATRICES = ("q", "k", "v", "qk", "ov")
# a coarse picture of every head of 10,000; finer ones are asked for when the pointer rests
_THUMB_BYTES = 1_500_000
_LEAST_SIDE, _MOST_SIDE = 12, 32
# these come first, in this order
_FIRST = ("layer", "head", "depth", "model", "motif", "class", "cluster", "prompt")
_LEFT_OUT = ("name", "classes")
_OF_MOTIFS = ("_bits", "_lift")
_MOST_VALUES = 1000


def points_wire(points: NDArray[Any]) -> dict[str, Any]:
    """Points `[point, dimension]`, moved and shrunk into [-1, 1] with all axes to one scale."""
    low, high = points.min(0), points.max(0)
    half = float((high - low).max()) / 2 or 1.0
    return array_wire((points - (low + high) / 2) / half, "float32")


def shown_columns(table: pd.DataFrame) -> list[str]:
    """What points can be coloured by: all columns of numbers and of some words, but what is the spread of another."""
    rest = [name for name in table.columns if name not in _FIRST and name not in _LEFT_OUT]
    own = [name for name in rest if not (name.endswith("_std") and name.removesuffix("_std") in table)]
    # scores themselves, then what else is told of them
    own.sort(key=lambda name: name.endswith(_OF_MOTIFS) and _base(name) in table)
    names = [name for name in (*_FIRST, *own) if name in table]
    return [name for name in names if is_number(table[name]) or _is_named(table[name])]


def columns_wire(table: pd.DataFrame) -> list[dict[str, Any]]:
    """What points can be coloured, sized, placed and filtered by."""
    return [_column(table, name) for name in shown_columns(table)]


def label_of(name: str) -> str:
    """What a column is called where it is read."""
    if name in MOTIFS:
        return MOTIFS[name].label
    if name.endswith(_OF_MOTIFS) and _base(name) in MOTIFS:
        return f"{MOTIFS[_base(name)].label}, {name.rpartition('_')[2]}"
    first, _, rest = name.partition("_")
    # matrices are written large: `ov_copying` is read as OV copying
    text = " ".join([first.upper() if rest and first in _MATRICES else first, *rest.split("_")]).strip()
    return text.capitalize() if name in _FIRST else text


def thumbs_wire(parts: Iterable[tuple[NDArray[Any], bool]], n_heads: int) -> dict[str, Any]:
    """One thumbnail a head; nothing where there are too many heads for that.

    Parameters
    ----------
    parts : iterable of (numpy.ndarray, bool)
        Patterns `[head, query, key]` of some heads, and whether they are causal; one is looked at at a time.
    n_heads : int
        How many there are in all.
    """
    side = min(_MOST_SIDE, int(sqrt(_THUMB_BYTES / n_heads)))
    if side < _LEAST_SIDE:
        return {}
    pictures, cells = [], []
    for patterns, causal in parts:
        pictures.append(_picture(patterns, side))
        cells += [_cells(patterns.shape[-1], side, causal)] * len(patterns)
    return {"data": array_wire(np.concatenate(pictures), "uint8") | {"cells": cells}, "of": "head"}


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


def _picture(patterns: NDArray[Any], side: int) -> NDArray[np.uint8]:
    """`[..., query, key]` -> `[..., side, side]`, of 255: pooled where larger, cells repeated where smaller."""
    small = max_pool(patterns, side)
    rows, columns = (np.arange(side) * n // side for n in small.shape[-2:])
    picture = small[..., rows[:, None], columns].astype(np.float32) * 255
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def _base(name: str) -> str:
    return name.rpartition("_")[0]


def _is_named(column: pd.Series) -> bool:
    """Whether it holds words, not too many different ones, and nothing else."""
    if column.dtype.kind in "Mmc":
        return False
    try:
        return bool(column.nunique() <= _MOST_VALUES)
    except TypeError:
        return False


def _column(table: pd.DataFrame, name: str) -> dict[str, Any]:
    if is_number(table[name]):
        return _number(name, table[name], table.get(f"{name}_std"))
    return _category(name, table)


def _number(name: str, values: Any, spread: Any = None) -> dict[str, Any]:
    """Of several prompts `spread` is the standard deviation over them."""
    column: dict[str, Any] = {"name": name, "label": label_of(name), "type": "number"}
    column |= {"data": array_wire(values, "float32")}
    # of 0 to 1, so that the highest can be told
    column |= {"score": True} if name in MOTIFS else {}
    return column if spread is None else column | {"spread": array_wire(spread, "float32")}


def _category(name: str, table: pd.DataFrame) -> dict[str, Any]:
    texts = [text_of(value) for value in table[name]]
    known, colors = values_of(table, name), None
    if name == "motif":
        known = [*(motif for motif in MOTIFS if motif in known), *(one for one in known if one not in MOTIFS)]
        colors = [MOTIFS[motif].color if motif in MOTIFS else "#9aa3ad" for motif in known]
    elif name == "cluster":
        known.sort(key=int)
    index = {text: code for code, text in enumerate(known)}
    column = {
        "name": name,
        "label": label_of(name),
        "type": "category",
        "codes": array_wire([index.get(text, _NONE) for text in texts], "uint16"),
        "values": [MOTIFS[text].label if name == "motif" and text in MOTIFS else text for text in known],
        "colors": colors,
        "about": RULE if name == "motif" else "",
    }
    if name == "motif":
        column["keys"] = known
    if name == "class":
        others = [(row, index[one]) for row, own in enumerate(table["classes"]) for one in own[1:]]
        column["others"] = array_wire(np.array(others, np.uint32).reshape(-1, 2), "uint32")
    return column
