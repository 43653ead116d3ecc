"""Shards of other kinds than patterns -> columns of the table of heads: any number they have of a head.

A kind says nothing of its columns here: what has a row a head goes in as it is, and of what has a row a passage and
head the mean over passages, and their deviation (see `kinds.Kind`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.of_model import OfModel, rows_once
from attn_widgets.atlas.shards import Shard

_NO_NUMBERS_OF_A_HEAD = ("layer", "head", "n_tokens")


def other_columns(model: OfModel) -> dict[str, NDArray[np.float64]]:
    """Name of a column -> `[head]`, layer by layer; NaN where there is no number."""
    found: dict[str, NDArray[np.float64]] = {}
    for of_kind in model.others.values():
        found.update(_means(model, of_kind))
    return found


def _means(model: OfModel, of_kind: Sequence[Shard]) -> dict[str, NDArray[np.float64]]:
    """Of one kind: a passage counts once, and so does a head that has no passages."""
    totals: dict[str, NDArray[np.float64]] = {}
    squares: dict[str, NDArray[np.float64]] = {}
    counts: dict[str, NDArray[np.float64]] = {}
    for table in rows_once(of_kind):
        row = table["layer"].to_numpy().astype(np.int64) * model.n_heads + table["head"].to_numpy()
        for name in table.column_names:
            if name in _NO_NUMBERS_OF_A_HEAD or not _is_number(table.schema.field(name).type):
                continue
            values = table[name].to_numpy(zero_copy_only=False).astype(np.float64)
            there = np.isfinite(values)
            none = np.zeros(model.size)
            totals[name] = totals.get(name, none) + np.bincount(row[there], values[there], model.size)
            squares[name] = squares.get(name, none) + np.bincount(row[there], values[there] ** 2, model.size)
            counts[name] = counts.get(name, none) + np.bincount(row[there], minlength=model.size)
    found: dict[str, NDArray[np.float64]] = {}
    for name, total in totals.items():
        found[name] = mean = _divided(total, counts[name])
        if any("passage" in shard.columns for shard in of_kind):
            off = np.maximum(squares[name] - total * np.nan_to_num(mean), 0)
            found[f"{name}_std"] = np.sqrt(_divided(off, counts[name] - 1))
    return found


def _divided(total: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """NaN where nothing is counted."""
    none = np.full(total.shape, np.nan)
    divided: NDArray[np.float64] = np.divide(total, counts, out=none, where=counts > 0)
    return divided


def _is_number(of: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(of) or pa.types.is_integer(of))
