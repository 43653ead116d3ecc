"""Queries, keys and what shapes their softmax -> arrays that fit together, or an error that says which does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.arrays import as_numpy

FloatArray = NDArray[np.floating[Any]]


def checked_queries_keys(queries: Any, keys: Any, causal: bool, **shaping: Any) -> dict[str, NDArray[Any]]:
    """Read-only arrays by name; those that are not given, or change nothing, are left out.

    Raises
    ------
    ValueError
        If shapes do not fit together or numbers are not finite.
    """
    queries, keys = _grid(queries, "queries", "head, query"), _grid(keys, "keys", "kv_head, key")
    layers, heads, n_queries, width = queries.shape
    if keys.shape[0] != layers or keys.shape[3] != width or heads % keys.shape[1]:
        raise ValueError(
            f"keys has shape {keys.shape} and queries {queries.shape}; expected [layer, kv_head, key, d_head] with as "
            f"many layers ({layers}) and as wide ({width}), and a number of KV heads that divides {heads}"
        )
    n_keys = keys.shape[2]
    if causal and n_queries != n_keys:
        raise ValueError(
            f"causal is True, but there are {n_queries} queries and {n_keys} keys; expected as many. Pass causal=False"
        )
    tensors = {"queries": queries, "keys": keys}
    scale = as_numpy(shaping["scale"]).astype(np.float32)
    tensors["scale"] = _shaped(np.broadcast_to(scale, (layers,)) if scale.ndim == 0 else scale, "scale", (layers,))
    shapes = {
        "window": (layers,),
        "softcap": (layers,),
        "sinks": (layers, heads),
        "bias": (layers, heads, n_queries + n_keys - 1),
    }
    for name, shape in shapes.items():
        if shaping[name] is None:
            continue
        array = _shaped(as_numpy(shaping[name]), name, shape)
        if name in ("window", "softcap") and (array < 0).any():
            raise ValueError(f"{name} holds {array.min()}; expected 0, for none, or more")
        # a window or a cap of 0 is none
        if name in ("sinks", "bias") or array.any():
            tensors[name] = array.astype(np.int64 if name == "window" else np.float32)
    for name, array in tensors.items():
        view = array.view()
        view.setflags(write=False)
        tensors[name] = view
    return tensors


def _grid(array: Any, name: str, axes: str) -> NDArray[Any]:
    if isinstance(array, (list, tuple)):
        # one array a layer, as a model gives them
        array = np.stack([as_numpy(layer) for layer in array])
    array = as_numpy(array)
    if array.ndim == 5 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 4 or 0 in array.shape:
        raise ValueError(f"{name} has shape {array.shape}; expected [layer, {axes}, d_head]")
    if array.dtype.kind != "f":
        raise ValueError(f"{name} has dtype {array.dtype}; expected floating-point numbers")
    if array.dtype not in (np.float16, np.float32):
        array = array.astype(np.float32)
    for layer, one in enumerate(array):
        if not np.isfinite(one).all():
            raise ValueError(
                f"{name} has numbers that are not finite, first in layer {layer}; expected those of a whole prompt"
                + (". float16 holds at most 65,504: store float32" if array.dtype == np.float16 else "")
            )
    grid: NDArray[Any] = array
    return grid


def _shaped(array: NDArray[Any], name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    axes = {1: "[layer]", 2: "[layer, head]", 3: "[layer, head, n_queries + n_keys - 1]"}[len(shape)]
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}; expected {axes} = {shape}")
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise ValueError(f"{name} holds {array.dtype} numbers that are not all finite; expected finite numbers")
    return array
