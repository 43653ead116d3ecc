"""Values with arrays in them -> plain values and bytes, as they go to a browser or stand in a page."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

# where in a value bytes belong
Path = list[str | int]


def array_wire(array: Any, dtype: str) -> dict[str, Any]:
    """Any array as little-endian bytes with its dtype and shape; js/src/host/arrays.ts reads them back.

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


def without_bytes(value: Any, path: Path, buffers: list[tuple[Path, bytes]]) -> Any:
    """The same value with bytes moved into `buffers`, each with the path where it belongs."""
    if isinstance(value, bytes):
        buffers.append((path, value))
        return None
    if isinstance(value, dict):
        return {k: without_bytes(v, [*path, k], buffers) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_bytes(v, [*path, i], buffers) for i, v in enumerate(value)]
    return value


def with_base64(value: dict[str, Any]) -> dict[str, Any]:
    """`state`, and `buffers`: where in it bytes belong, and the bytes as text; js/src/host/page_state.ts joins them."""
    found: list[tuple[Path, bytes]] = []
    state = without_bytes(value, [], found)
    return {"state": state, "buffers": [(path, base64.b64encode(data).decode("ascii")) for path, data in found]}


def json_for_script(value: Any) -> str:
    """JSON that may stand in a script or in a `<script>` element, whatever its texts hold.

    `<` never stands in it as such, as a token may read `</script>`; nor do the line separators U+2028 and U+2029,
    which end a line of a script, or halves of characters, which no file can hold: all of these are escaped.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
