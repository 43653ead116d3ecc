"""A frozen dataclass of arrays and plain values <-> one safetensors file, exactly and without pickle."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

_FORMAT = "attn_widgets.head_space"
_VERSION = "1"


def write_fields(item: Any, path: str | os.PathLike[str]) -> Path:
    """Write every field: arrays as tensors, the rest as JSON."""
    from safetensors.numpy import save_file

    path = Path(path)
    values = {field.name: getattr(item, field.name) for field in fields(item)}
    tensors = {name: np.ascontiguousarray(value) for name, value in values.items() if isinstance(value, np.ndarray)}
    about = json.dumps({name: value for name, value in values.items() if name not in tensors})
    save_file(tensors, path, metadata={"format": _FORMAT, "version": _VERSION, "fields": about})
    return path


def read_fields(path: str | os.PathLike[str], expected: tuple[str, ...]) -> dict[str, Any]:
    """Read what `write_fields` wrote: name -> value, sequences as tuples.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, is something else, or has not the fields expected.
    """
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path is {str(path)!r}; there is no such file")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != _FORMAT:
                raise ValueError(
                    f"path is {str(path)!r}, a safetensors file that is not a head space; "
                    "expected one written by HeadSpace.save"
                )
            if metadata.get("version") != _VERSION:
                raise ValueError(
                    f"path is {str(path)!r}, a head space of format version {metadata.get('version')}; "
                    f"this attn_widgets reads version {_VERSION}: update it"
                )
            values = {name: _tuples(value) for name, value in json.loads(metadata["fields"]).items()}
            values.update({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except (SafetensorError, KeyError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"path is {str(path)!r}; it is damaged or not a safetensors file ({error})") from error
    if set(values) != set(expected):
        missing, more = sorted(set(expected) - set(values)), sorted(set(values) - set(expected))
        wrong = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has {', '.join(more)} besides"] * bool(more)
        raise ValueError(f"path is {str(path)!r}, a head space that {' and '.join(wrong)}; fit and save it again")
    return values


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
