"""A trace <-> one safetensors file: patterns, or queries and keys, with the tokens; never pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from attn_widgets.attention import KeptPatterns, QueriesKeys
from attn_widgets.tensor_file import damaged, read_tensors, write_tensors

# arrays beside those of the attention
ARRAYS = ("scores", "value_norms", "token_ids", "spans")
_ABOUT = ("tokens", "query_tokens", "model_name", "causal", "special", "text", "unit", "generated_from")


def write_trace(trace: Any, path: str | os.PathLike[str]) -> Path:
    """Write a trace; one between words that are made of queries and keys as those, and which words it has."""
    about: dict[str, Any] = {}
    if trace.holds != "patterns" and trace._words_of is not None:
        trace, only = trace._words_of
        about["words"] = {"only": only}
    about |= {name: getattr(trace, name) for name in _ABOUT}
    tensors = {name: getattr(trace, name) for name in ARRAYS if getattr(trace, name) is not None}
    # what an older version reads, it shall be able to read
    version = "1" if trace.holds == "patterns" else "2"
    if about["generated_from"] is None:
        del about["generated_from"]
    return write_tensors(path, "trace", {**trace.attention.tensors(), **tensors}, about, version=version)


def read_trace(trace: type[Any], path: str | os.PathLike[str]) -> Any:
    """What `write_trace` wrote, as an object of the class `trace`."""
    tensors, about = read_tensors(path, "trace", "Trace.save", versions=("1", "2"))
    words = about.pop("words", None)
    own = {name: tensors.pop(name) for name in ARRAYS if name in tensors}
    try:
        causal = about["causal"]
        made: type[Any] = QueriesKeys if "queries" in tensors else KeptPatterns
        attention = made(causal=causal, **tensors)
        read = trace(attention=attention, **own, **about)
    except (TypeError, KeyError) as error:
        raise damaged(path, error) from error
    if words is None:
        return read
    only = words["only"]
    return read.words(None if only is None else [(int(start), int(stop)) for start, stop in only])
