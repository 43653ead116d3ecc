"""Profiles of the same passages in several models -> points of all heads in one space, which is kept in the folder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.durable import write_durably
from attn_widgets.atlas.of_model import OfModel
from attn_widgets.heads.features import KINDS, Features
from attn_widgets.heads.space import HeadSpace
from attn_widgets.trace import Unit

_COLUMNS: dict[Unit, str] = {"token": "profile", "word": "profile_words"}


@dataclass(frozen=True, eq=False)
class Compared:
    """Heads of all models on the same passages.

    Attributes
    ----------
    points : numpy.ndarray
        `[passage, head, component]`, float32, model by model.
    passages : tuple of str
        Their ids.
    space : HeadSpace
    """

    points: NDArray[np.float32]
    passages: tuple[str, ...]
    space: HeadSpace


def compared(folder: Path, models: Sequence[OfModel], unit: str, prompts: int) -> Compared:
    """Place all heads.

    Parameters
    ----------
    folder : Path
        Where the space is, or will be.
    models : sequence of OfModel
    unit : {"auto", "token", "word"}
    prompts : int
        The most passages.

    Raises
    ------
    ValueError
        If `unit` or `prompts` is none, or no passage is compared in all models.
    """
    if unit not in ("auto", *_COLUMNS):
        raise ValueError(f'unit is {unit!r}; expected "auto", "token" or "word"')
    if prompts < 1:
        raise ValueError(f"prompts is {prompts}; expected at least 1")
    of: Unit = ("word" if len(models) > 1 else "token") if unit == "auto" else unit  # type: ignore[assignment]
    known = [model.profiled(_COLUMNS[of]) for model in models]
    passages = sorted(set(known[0]).intersection(*known[1:]))[:prompts]
    if not passages:
        counts = ", ".join(f"{model.name} of {len(own)}" for model, own in zip(models, known, strict=True))
        raise ValueError(
            f"no passage has profiles in all models ({counts}); add the same corpus for all: atlas.add(models, corpus)"
        )
    path = folder / f"space-{of}.safetensors"
    space = HeadSpace.load(path) if path.exists() else None
    if space is None:
        space = HeadSpace.fit_parts(_features(model, of, passages) for model in models)
        _keep(space, path)
    points = [space.transform(_features(model, of, passages)).astype(np.float32) for model in models]
    return Compared(np.concatenate(points, axis=1), tuple(passages), space)


def _features(model: OfModel, unit: Unit, passages: Sequence[str]) -> Features:
    _, names, groups, scales = KINDS["profile"]
    values: Any = model.profiles(_COLUMNS[unit], passages)
    return Features(
        values=values.reshape(len(passages), model.n_layers, model.n_heads, len(names)),
        names=names,
        groups=groups,
        kind="profile",
        prompts=tuple(passages),
        model_name=model.name,
        unit=unit,
        scales=scales,
    )


def _keep(space: HeadSpace, path: Path) -> None:
    """In a folder that cannot be written to it is fitted anew the next time, to the same heads."""
    unfinished = path.with_name(f".{path.name}")
    with suppress(OSError):
        data = space.save(unfinished).read_bytes()
        unfinished.unlink()
        write_durably(path, lambda file: file.write(data))
