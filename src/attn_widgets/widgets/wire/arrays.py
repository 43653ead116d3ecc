"""An array -> little-endian bytes with dtype and shape; js/src/host/arrays.ts reads them back."""

from __future__ import annotations

from typing import Any

import numpy as np


def array_wire(array: Any, dtype: str) -> dict[str, Any]:
    """Any array as little-endian bytes with its dtype and shape.

    Parameters
    ----------
    array : array_like
        Of any shape; copied where it is not contiguous or of another type.
    dtype : str
        "float32", "uint32", "uint16" or "uint8": what the browser has.

    Returns
    -------
    dict
        `data` (bytes), `dtype`, `shape` (list of int).
    """
    data = np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<"))
    return {"data": data.tobytes(), "dtype": dtype, "shape": list(data.shape)}
