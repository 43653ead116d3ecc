"""What people have (Hugging Face tuples, torch, numpy, jax) -> numpy [layer, head, query, key], checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

_EAGER = (
    "The model returned no attention: it runs a fused attention (sdpa or flash) that never forms the pattern. "
    'Load it with attn_implementation="eager", or call model.set_attn_implementation("eager"), and pass '
    "output_attentions=True."
)


def as_numpy(array: Any) -> NDArray[Any]:
    """A numpy array of anything array-like, from any device, without importing the library it came from."""
    if hasattr(array, "detach"):
        array = array.detach().cpu()
        # numpy has no bfloat16
        array = array.float().numpy() if "bfloat16" in str(array.dtype) else array.numpy()
    return np.asarray(array)


def as_grid(patterns: Any, name: str) -> FloatArray:
    """A fresh float array [layer, head, query, key] of whatever shape of patterns came."""
    if patterns is None:
        raise ValueError(f"{name} is None. {_EAGER}")
    if isinstance(patterns, (tuple, list)) and not _is_numbers(patterns):
        if len(patterns) == 0 or any(layer is None for layer in patterns):
            raise ValueError(f"{name} is {_describe(patterns)}. {_EAGER}")
        layers = [_layer(as_numpy(layer), name, index) for index, layer in enumerate(patterns)]
        shapes = {layer.shape for layer in layers}
        if len(shapes) > 1:
            raise ValueError(
                f"{name} has layers of different shapes {sorted(shapes)}; expected [head, query, key] alike in "
                "every layer. Pass the layers of one kind (encoder, decoder or cross-attention) at a time"
            )
        grid = np.stack(layers)
    else:
        grid = _grid(as_numpy(patterns), name)
    if grid.dtype.kind not in "fiub":
        raise ValueError(f"{name} has dtype {grid.dtype}; expected numbers")
    # float64 is more than a picture needs, and twice the memory
    return np.array(grid, dtype=np.float16 if grid.dtype == np.float16 else np.float32, order="C")


def looks_causal(grid: FloatArray) -> bool:
    """Whether the patterns are square with nothing above the diagonal."""
    n_queries, n_keys = grid.shape[-2:]
    if n_queries != n_keys or n_keys == 1:
        return bool(n_queries == n_keys)
    above = ~np.tri(n_keys, dtype=bool)
    # a layer at a time: what is above the diagonal of all heads at once is half of all patterns
    return not any(np.logical_and(layer > 1e-6, above).any() for layer in grid)


def check_patterns(patterns: Any, *, causal: bool) -> None:
    """Raise a ValueError that says what is wrong unless `patterns` can be attention patterns."""
    if not isinstance(patterns, np.ndarray) or patterns.ndim != 4:
        shape = getattr(patterns, "shape", type(patterns).__name__)
        raise ValueError(
            f"patterns has shape {shape}; expected a numpy array [layer, head, query, key]. "
            "For anything else use Trace.from_arrays"
        )
    if 0 in patterns.shape:
        raise ValueError(f"patterns has shape {patterns.shape}; expected at least one of every axis")
    if not np.issubdtype(patterns.dtype, np.floating):
        raise ValueError(f"patterns has dtype {patterns.dtype}; expected floating-point numbers")
    for layer, grid in enumerate(patterns):
        _check_layer(layer, grid)
    if causal:
        n_queries, n_keys = patterns.shape[-2:]
        if n_queries != n_keys:
            raise ValueError(
                f"causal is True, but the patterns are {n_queries} queries by {n_keys} keys; causal patterns "
                "are square. Pass causal=False"
            )
        if not looks_causal(patterns):
            raise ValueError(
                "causal is True, but some queries attend to later keys; pass causal=False for a bidirectional model"
            )


def check_tokens(tokens: Sequence[str], query_tokens: Sequence[str], n_queries: int, n_keys: int) -> None:
    """Raise a ValueError unless there is one token a key and one query token a query, all text."""
    for name, given, expected, axis in (
        ("tokens", tokens, n_keys, "keys"),
        ("query_tokens", query_tokens, n_queries, "queries"),
    ):
        if any(not isinstance(token, str) for token in given):
            raise ValueError(
                f"{name} holds {next(type(t).__name__ for t in given if not isinstance(t, str))}; expected "
                "text. For ids, decode them first: [tokenizer.decode(i) for i in ids]"
            )
        if len(given) != expected:
            hint = (
                ". For cross-attention pass query_tokens too" if name == "query_tokens" and n_queries != n_keys else ""
            )
            raise ValueError(f"{name} has {len(given)} tokens, but the patterns have {expected} {axis}{hint}")


def as_spans(spans: Any) -> NDArray[np.int64]:
    """An integer array of whatever holds the start and end of each token."""
    array = as_numpy(spans)
    if array.dtype.kind not in "iu":
        raise ValueError(f"spans has dtype {array.dtype}; expected whole numbers, start and end of each token in text")
    return array.astype(np.int64)


def check_spans(spans: Any, text: str, n_keys: int) -> None:
    """Raise a ValueError unless there is one span a key, inside the text."""
    if getattr(spans, "shape", None) != (n_keys, 2):
        raise ValueError(
            f"spans has shape {getattr(spans, 'shape', type(spans).__name__)}; expected [key, 2] = ({n_keys}, 2), "
            "start and end of each token in text"
        )
    wrong = (spans[:, 0] < 0) | (spans[:, 1] < spans[:, 0]) | (spans[:, 1] > len(text))
    if wrong.any():
        key = int(wrong.argmax())
        raise ValueError(
            f"spans has {spans[key].tolist()} for token {key}; expected start and end within text, which has "
            f"{len(text)} characters{'' if text else '. Pass text= too'}"
        )


def _check_layer(layer: int, grid: FloatArray) -> None:
    total = grid.sum(axis=-1, dtype=np.float32)
    if not np.all(np.isfinite(total)):
        head, query = np.argwhere(~np.isfinite(total))[0]
        raise ValueError(
            f"patterns has NaN or infinity in L{layer}H{head}, query {query}. If the model ran in float16, run it "
            "in bfloat16 or float32; if the prompt is padded on the left, leave the padding out"
        )
    if grid.min() < 0:
        head, query, key = np.argwhere(grid < 0)[0]
        raise ValueError(
            f"patterns has {grid[head, query, key]:.3g} in L{layer}H{head} at query {query}, key {key}; a pattern "
            "is never negative. Are these scores, before the softmax? Pass them as scores="
        )
    # 16-bit models round each of many small numbers; dropout or unnormalised scores miss by far more
    wrong = np.abs(total - 1) > 5e-3
    if wrong.any():
        head, query = np.argwhere(wrong)[0]
        raise ValueError(
            f"patterns has a row that sums to {total[head, query]:.4g} (L{layer}H{head}, query {query}); every row "
            "must sum to 1. Put the model in eval mode (dropout), and leave padding out"
        )


def _layer(array: NDArray[Any], name: str, index: int) -> NDArray[Any]:
    if array.ndim == 4 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 3:
        return array
    if array.ndim == 4:
        raise ValueError(
            f"{name}[{index}] has shape {array.shape}, a batch of {array.shape[0]} prompts; a trace holds one. "
            f"Pass [layer[i:i+1] for layer in {name}] for prompt i"
        )
    raise ValueError(f"{name}[{index}] has shape {array.shape}; expected [1, head, query, key]")


def _grid(array: NDArray[Any], name: str) -> NDArray[Any]:
    if array.ndim == 5 and array.shape[0] == 1:
        array = array[0]
    elif array.ndim == 5 and array.shape[1] == 1:
        array = array.swapaxes(0, 1)[0]
    if array.ndim == 5:
        raise ValueError(
            f"{name} has shape {array.shape}, a batch of prompts; a trace holds one. Pass {name}[i] for prompt i"
        )
    if array.ndim == 4:
        return array
    if array.ndim == 3:
        return array[None]
    if array.ndim == 2:
        return array[None, None]
    raise ValueError(
        f"{name} has shape {array.shape}; expected [layer, head, query, key], [head, query, key] or [query, key]"
    )


def _is_numbers(nested: Any) -> bool:
    while isinstance(nested, (tuple, list)) and nested:
        nested = nested[0]
    return isinstance(nested, (int, float))


def _describe(patterns: Sequence[Any]) -> str:
    return "empty" if len(patterns) == 0 else "a tuple that holds None"
