"""A model -> the Arrow table of what its heads do by their weights alone, one row a head; no passage is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.circuits.of_weights import head_weights
from attn_widgets.models import Model

if TYPE_CHECKING:
    import pyarrow as pa

# of the table of `head_weights`
NUMBERS = (
    *("ov_copying", "qk_matching", "qk_norm", "ov_norm", "q_composition", "k_composition", "v_composition"),
    *("kernel_offset", "kernel_strength"),
)
NAMES = ("q_from", "k_from", "v_from")
REFUSED = "refused"


def measure_weights(model: Model, passages: Any, settings: Any, compared: Any) -> pa.Table:
    """Columns `layer`, `head`, numbers and names of `head_weights`; null where there is nothing.

    Of a model that `head_weights` refuses all are null, and the shard says why by the name of `refused`.
    """
    import pyarrow as pa

    layer, head = (axis.reshape(-1) for axis in np.indices((model.n_layers, model.n_heads)))
    columns: dict[str, Any] = {"layer": layer.astype(np.int16), "head": head.astype(np.int16)}
    try:
        found, why = head_weights(model).table, ""
    except ValueError as error:
        found, why = None, str(error)
    for name in NUMBERS:
        values = np.full(len(layer), np.nan, np.float32) if found is None else found[name].to_numpy(np.float32)
        columns[name] = pa.array(values, mask=np.isnan(values))
    for name in NAMES:
        names = [] if found is None else [one or None for one in found[name]]
        columns[name] = pa.array(names or [None] * len(layer), type=pa.string())
    return pa.table(columns).replace_schema_metadata({REFUSED: json.dumps(why)})
