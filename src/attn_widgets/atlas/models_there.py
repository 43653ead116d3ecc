"""The folder of an atlas -> the models that it has shards of, and their heads by name."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

from attn_widgets.atlas.kinds import KINDS, PATTERNS
from attn_widgets.atlas.of_model import OfModel
from attn_widgets.atlas.shards import Shard, open_shard, shards
from attn_widgets.names import head_name, near_miss, parse_head


class ModelsThere(Mapping[str, OfModel]):
    """Models by name, in the order of their files; those of one name and different weights have a mark added to it.

    Parameters
    ----------
    models : sequence of OfModel
    """

    def __init__(self, models: list[OfModel]) -> None:
        self._models = {model.name: model for model in models}

    def __getitem__(self, name: str) -> OfModel:
        if name not in self._models:
            raise ValueError(f"model is {name!r}; {near_miss(str(name), self._models)}")
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    @property
    def heads(self) -> list[str]:
        """The names of all heads, model by model and layer by layer."""
        return [
            f"{model.name}:{head_name(layer, head)}"
            for model in self.values()
            for layer in range(model.n_layers)
            for head in range(model.n_heads)
        ]

    def one(self, name: str | None) -> OfModel:
        """A model by name; without, the only one there is.

        Raises
        ------
        ValueError
            If there is none, or it is not named and there are several.
        """
        if name is None and len(self) > 1:
            raise ValueError(f"model is None, and there are several; expected one of {', '.join(self)}")
        return next(iter(self.values())) if name is None else self[name]

    def find(self, head: str) -> tuple[OfModel, int]:
        """The model of a head, and its number in it.

        Raises
        ------
        ValueError
            If there is no such head, or the model is not named and there are several.
        """
        given, _, name = str(head).rpartition(":")
        if not given and len(self) > 1:
            raise ValueError(
                f"head is {head!r}, and there are several models; expected such as '{next(iter(self))}:{head}'"
            )
        model = self[given] if given else next(iter(self.values()))
        layer, index = parse_head(name)
        if not (layer < model.n_layers and index < model.n_heads):
            last = head_name(model.n_layers - 1, model.n_heads - 1)
            raise ValueError(f"head is {head!r}; expected one of {model.name}:L0H0 to {model.name}:{last}")
        return model, layer * model.n_heads + index

    def full_name(self, head: str) -> str:
        """With the model."""
        model, row = self.find(head)
        return f"{model.name}:{head_name(*divmod(row, model.n_heads))}"


def models_there(folder: Path) -> ModelsThere:
    """Find them, and tell of files that are damaged.

    Raises
    ------
    ValueError
        If there is none.
    """
    parts: dict[tuple[str, str], dict[str, list[Shard]]] = {}
    found: set[Path] = set()
    for kind in KINDS:
        for shard in shards(folder, kind):
            found.add(shard.path)
            own = parts.setdefault((shard.model, str(shard.about["fingerprint"])), {})
            own.setdefault(kind, []).append(shard)
    _tell_damaged(folder, found)
    # a model that was not run on a passage yet has no heads to tell of
    parts = {key: own for key, own in parts.items() if PATTERNS in own}
    if not parts:
        raise ValueError(f"path is {str(folder)!r}, an atlas without a single finished block; call build_atlas again")
    names = [name for name, _ in parts]
    models = []
    for (name, fingerprint), own in parts.items():
        # other weights under one name
        told = name if names.count(name) == 1 else f"{name}~{fingerprint[:6]}"
        about = own[PATTERNS][0].about
        others = {kind: tuple(of_kind) for kind, of_kind in own.items() if kind != PATTERNS}
        models.append(OfModel(told, int(about["n_layers"]), int(about["n_heads"]), tuple(own[PATTERNS]), others))
    return ModelsThere(models)


def _tell_damaged(folder: Path, whole: set[Path]) -> None:
    others = [path for kind in KINDS for path in sorted((folder / kind).glob("*/*.parquet")) if path not in whole]
    damaged = [path for path in others if open_shard(path) is None]
    if damaged:
        warnings.warn(
            f"{len(damaged)} files of the atlas in {folder} are damaged and left out, {damaged[0].name} of "
            f"{damaged[0].parent.name} for one; call build_atlas again, which computes them anew",
            stacklevel=4,
        )
