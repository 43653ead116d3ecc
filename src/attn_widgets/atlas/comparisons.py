"""The models of an atlas -> distances between their heads, neighbours, maps: each made when asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.comparing import Compared, compared
from attn_widgets.atlas.models_there import ModelsThere
from attn_widgets.heads.distances import HeadDistances
from attn_widgets.heads.embed import Method, embed_heads
from attn_widgets.heads.mean_distances import distances_from, mean_distances, nearest_heads

FloatArray = NDArray[np.floating[Any]]
Unit = Literal["auto", "token", "word"]


class Comparisons:
    """What `Atlas` answers about how unlike heads are; its methods say more.

    Parameters
    ----------
    folder : Path
    models : ModelsThere
    text : callable
        Id of a passage -> its text.
    """

    def __init__(self, folder: Path, models: ModelsThere, text: Callable[[str], str]) -> None:
        self._folder, self._models, self._text = folder, models, text
        self._heads = models.heads
        self._of = [model.name for model in models.values() for _ in range(model.size)]
        self._compared: dict[tuple[Unit, int], Compared] = {}
        self._nearest: dict[tuple[Any, ...], tuple[NDArray[np.intp], FloatArray]] = {}
        self._embedded: dict[tuple[Any, ...], FloatArray] = {}

    def distances(self, unit: Unit, prompts: int) -> HeadDistances:
        """How unlike every two heads are."""
        found = self._points(unit, prompts)
        return HeadDistances(
            matrix=mean_distances(found.points),
            heads=tuple(self._heads),
            models=tuple(self._of),
            prompts=tuple(self._text(passage) for passage in found.passages),
            space=found.space,
        )

    def near(
        self, heads: Sequence[str], k: int, model: str | None, unit: Unit, prompts: int
    ) -> list[tuple[str, float]]:
        """The heads nearest to all of some, by the mean; the matrix of all distances is not made."""
        if k < 1:
            raise ValueError(f"k is {k}; expected at least 1")
        rows = [self._heads.index(self._models.full_name(head)) for head in heads]
        away = distances_from(self._points(unit, prompts).points, np.array(rows, dtype=np.intp)).mean(axis=0)
        away[rows] = np.inf
        if model is not None:
            wanted = self._models[model].name
            away[[name != wanted for name in self._of]] = np.inf
        order = np.argsort(away, kind="stable")[:k]
        return [(self._heads[i], float(away[i])) for i in order if np.isfinite(away[i])]

    def neighbours(self, k: int, unit: Unit, prompts: int) -> tuple[NDArray[np.intp], FloatArray]:
        """The nearest of every head."""
        if not 1 <= k < len(self._heads):
            raise ValueError(f"k is {k}; expected from 1 to {len(self._heads) - 1}, the number of other heads")
        key = (k, unit, prompts)
        if key not in self._nearest:
            self._nearest[key] = nearest_heads(self._points(unit, prompts).points, k)
        return self._nearest[key]

    def passages(self, unit: Unit, prompts: int) -> tuple[str, ...]:
        """Ids of what heads are compared on."""
        return self._points(unit, prompts).passages

    def embed(self, method: Method, n_components: int, unit: Unit, prompts: int) -> FloatArray:
        """`[head, component]`."""
        key = (method, n_components, unit, prompts)
        if key not in self._embedded:
            distances = self.distances(unit, prompts)
            self._embedded[key] = embed_heads(distances, method, n_components=n_components)
        return self._embedded[key]

    def _points(self, unit: Unit, prompts: int) -> Compared:
        key = (unit, prompts)
        if key not in self._compared:
            self._compared[key] = compared(self._folder, list(self._models.values()), unit, prompts)
        return self._compared[key]
