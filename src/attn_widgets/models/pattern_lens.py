"""`read_pattern_lens`: a folder that pattern-lens wrote -> the traces in it, each read when it is asked for.

The format is that of pattern-lens 0.6 (`pattern_lens/activations.py`): for each model a folder of its name with
`model_cfg.json`, and for each prompt `prompts/<hash>/` with `prompt.json` (`text`, and `tokens` without the special
first token) and `activations.npz` (`blocks.<layer>.attn.hook_pattern`, float32 `[1, head, query, key]`), or one `.npy`
of all layers, `[1, layer, head, query, key]`.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from attn_widgets.models.token_bytes import spans_of_bytes
from attn_widgets.names import near_miss
from attn_widgets.trace import Trace
from attn_widgets.words import RAW

_LAYER = re.compile(r"blocks\.(\d+)\.attn\.hook_pattern")
_STACKED = "activations-blocks.-.attn.hook_pattern.npy"
# what the token is called that pattern-lens does not name
_FIRST = "<bos>"


def read_pattern_lens(folder: str | os.PathLike[str], model: str | None = None) -> PatternLensTraces:
    """Open the attention patterns that pattern-lens wrote.

    Parameters
    ----------
    folder : str or Path
        What pattern-lens was given as `save_path`, or a model's folder in it.
    model : str, optional
        Only those of this model.

    Returns
    -------
    PatternLensTraces
        A sequence of `Trace`, model by model and by the prompts' hashes. Each is read when it is asked for; slices are
        lists. Patterns are those in the file, exactly.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or nothing in it.
    ValueError
        If there is no such model; when a trace is read, if its files are damaged or something else. The file is named.
    """
    root = Path(folder)
    found = sorted(path.parent for path in root.glob("**/prompts/*/prompt.json"))
    if not found:
        raise FileNotFoundError(
            f"folder is {str(folder)!r}, where there is no <model>/prompts/<hash>/prompt.json; expected what "
            "pattern-lens was given as save_path"
        )
    names = {of_model: _name(of_model, root) for of_model in dict.fromkeys(one.parent.parent for one in found)}
    if model is not None and model not in names.values():
        raise ValueError(f"model is {model!r}; {near_miss(model, sorted(names.values()))}")
    chosen = [(one, names[one.parent.parent]) for one in found if model in (None, names[one.parent.parent])]
    return PatternLensTraces(sorted(chosen, key=lambda one: (one[1], one[0].name)))


class PatternLensTraces(Sequence[Trace]):
    """Traces in files, each read when it is asked for.

    Attributes
    ----------
    models : tuple of str
        Of which models there are some.
    """

    def __init__(self, found: Sequence[tuple[Path, str]]) -> None:
        self._found = list(found)
        self.models = tuple(dict.fromkeys(name for _, name in found))

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, index: int) -> Trace: ...
    @overload
    def __getitem__(self, index: slice) -> list[Trace]: ...
    def __getitem__(self, index: int | slice) -> Trace | list[Trace]:
        if isinstance(index, slice):
            return [_read(*one) for one in self._found[index]]
        return _read(*self._found[index])

    def __repr__(self) -> str:
        return f"<{len(self)} traces of {', '.join(self.models)}, written by pattern-lens>"


def _name(of_model: Path, root: Path) -> str:
    """A model's name is its folder's, which may be two: "org/name"."""
    if of_model != root:
        return of_model.relative_to(root).as_posix()
    return str(_json(of_model / "model_cfg.json").get("model_name", of_model.name))


def _read(prompt: Path, model_name: str) -> Trace:
    about = _json(prompt / "prompt.json")
    text, spelled = about.get("text"), about.get("tokens")
    if not isinstance(text, str) or not isinstance(spelled, list):
        raise ValueError(f'{prompt / "prompt.json"} has no "text" and "tokens"; expected what pattern-lens writes')
    path, patterns = _patterns(prompt)
    n = patterns.shape[-1]
    # the special first token is in the patterns and not in the list
    first = int(n != len(spelled) and n <= len(spelled) + 1)
    if n > len(spelled) + 1:
        raise ValueError(
            f"{path} has patterns of {n} tokens, and prompt.json names {len(spelled)}; expected as many, or one more"
        )
    # a prompt that was longer than the model could read was cut
    tokens = [*[_FIRST] * first, *map(str, spelled)][:n]
    special = [i < first for i in range(n)]
    spans = spans_of_bytes(tokens, special, text) if n == len(spelled) + first else None
    readable = [
        token if own else token.translate(RAW) if spans is None else text[spans[i][0] : spans[i][1]]
        for i, (token, own) in enumerate(zip(tokens, special, strict=True))
    ]
    try:
        return Trace.from_arrays(
            patterns, readable, model_name=model_name, special=range(first), text=text if spans else "", spans=spans
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _patterns(prompt: Path) -> tuple[Path, NDArray[Any]]:
    """The file, and its patterns `[layer, head, query, key]`."""
    path, stacked = prompt / "activations.npz", prompt / _STACKED
    if stacked.exists() and not path.exists():
        path = stacked
    try:
        loaded = np.load(path)
        if path is stacked:
            found = loaded[0]
        else:
            with loaded:
                layers = {int(match[1]): name for name in loaded.files if (match := _LAYER.fullmatch(name))}
                if not layers or sorted(layers) != list(range(len(layers))):
                    raise ValueError(f"has the layers {sorted(layers)}; expected all, from 0")
                found = np.stack([loaded[layers[layer]][0] for layer in sorted(layers)])
    except FileNotFoundError:
        raise ValueError(
            f"{path} is not there, and prompt.json is: pattern-lens was interrupted; run it again"
        ) from None
    except (OSError, ValueError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read: {error}; expected what pattern-lens writes") from error
    if found.ndim != 4 or found.shape[-1] != found.shape[-2]:
        raise ValueError(f"{path} has patterns of shape {found.shape}; expected [layer, head, query, key], square")
    return path, found


def _json(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}; expected JSON") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} has a {type(found).__name__}; expected an object")
    return found
