"""Examples and the rows of their queries -> bytes for the browser; js/src/dossier/wire.ts reads them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.example import Example
from attn_widgets.atlas.head_page import example_wire
from attn_widgets.buffers import array_wire

# what a query gives more than this, up to so many keys, is shown with the tokens around it
_SEEN, _MOST = 0.05, 6


def rows_wire(head: str, rows: Sequence[tuple[Example, NDArray[Any]]]) -> dict[str, Any]:
    """What is known of the examples of one head.

    Parameters
    ----------
    head : str
    rows : sequence of (Example, numpy.ndarray)
        Each with what its query gives to the keys, `[key]`.

    Returns
    -------
    dict
        `head`; `examples`, as `example_wire` writes them, with the text around all keys that get much, and `size`, how
        many `values` are its; `values`: float32, those of all examples one after the other.
    """
    examples = []
    for example, row in rows:
        strong = [int(key) for key in np.argsort(-row)[:_MOST] if row[key] >= _SEEN]
        examples.append(example_wire(example, strong) | {"size": len(row)})
    values = np.concatenate([row for _, row in rows]) if rows else np.zeros(0)
    return {"head": head, "examples": examples, "values": array_wire(values, "float32")}
