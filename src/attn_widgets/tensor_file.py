"""Named arrays and plain values <-> one safetensors file of a kind, exactly and without pickle."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write_tensors(
    path: str | os.PathLike[str],
    kind: str,
    tensors: Mapping[str, NDArray[Any]],
    about: Mapping[str, Any],
    version: str = "1",
) -> Path:
    """Write arrays, and what can be written as JSON, to a file of a kind such as `"trace"`."""
    from safetensors.numpy import save_file

    path = Path(path)
    metadata = {"format": f"attn_widgets.{kind}", "version": version, kind: json.dumps(about)}
    save_file({name: np.ascontiguousarray(array) for name, array in tensors.items()}, path, metadata=metadata)
    return path


def read_tensors(
    path: str | os.PathLike[str], kind: str, writer: str, versions: Sequence[str] = ("1",)
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read what `write_tensors` wrote.

    Parameters
    ----------
    path : str or Path
    kind : str
        As it was written.
    writer : str
        What writes such files, for errors.
    versions : sequence of str
        Those that are understood.

    Returns
    -------
    dict, dict
        The arrays, and the plain values as JSON has them.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, of another kind, or of a version that this package does not read.
    """
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path is {str(path)!r}; there is no such file")
    what = kind.replace("_", " ")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != f"attn_widgets.{kind}":
                raise ValueError(
                    f"path is {str(path)!r}, a safetensors file that is not a {what}; expected one written by {writer}"
                )
            if metadata.get("version") not in versions:
                raise ValueError(
                    f"path is {str(path)!r}, a {what} of format version {metadata.get('version')}; this attn_widgets "
                    f"reads version {versions[-1]}: update it"
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, dict(json.loads(metadata[kind]).items())
    except (SafetensorError, KeyError, AttributeError, json.JSONDecodeError) as error:
        raise damaged(path, error) from error


def damaged(path: str | os.PathLike[str], error: Exception) -> ValueError:
    """What is said of a file whose contents make no sense."""
    return ValueError(f"path is {str(path)!r}; it is damaged or not a safetensors file ({error})")
