"""An atlas -> its heads, compared, with what it knows of them; without all distances where they are many."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.compute.comparison import FloatArray, Once, names_of
from attn_widgets.heads.distances import HeadDistances
from attn_widgets.heads.embed import Method
from attn_widgets.heads.features import Features
from attn_widgets.heads.members import members_of
from attn_widgets.heads.quality import ClassQuality
from attn_widgets.patterns import first_excluded
from attn_widgets.trace import Trace, Unit

if TYPE_CHECKING:
    import pandas as pd

    from attn_widgets.atlas.atlas import Atlas

# the distances of more heads than this to each other are not kept, nor merged into clusters
MANY_HEADS = 3000
# what each head is; the other columns say how it behaves
ABOUT = ("model", "layer", "head", "depth", "class", "classes", "cluster")
_FIXED = {"kind": "profile", "point": "head"}


def is_atlas(given: Any) -> bool:
    """Whether this can be asked what an atlas is asked; no value is computed."""
    return all(hasattr(type(given), name) for name in ("heads", "embed", "neighbours", "add_columns"))


class AtlasGround:
    """An atlas that a map is made of; columns may be added to it."""

    sources: tuple[Any, ...] = ()

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._changed: Callable[[], None] | None = None

    def given(self) -> tuple[Any, ...]:
        """The atlas, and which columns it has."""
        return self._atlas, tuple(self._atlas.heads.columns)

    def check(self, inputs: Mapping[str, Any]) -> None:
        """An atlas has one kind of features, and one point a head."""
        for name, value in _FIXED.items():
            if inputs[name] != value:
                raise ValueError(
                    f"{name} is {inputs[name]!r}; a map of an atlas has only {value!r}. For others, make the map of "
                    "traces: HeadMap(capture(model, prompts))"
                )
        if inputs["labels"] is not None:
            members_of(inputs["labels"], *names_of(sizes_of(self._atlas.heads)))

    def compare(self, inputs: Mapping[str, Any], once: Once) -> Generator[float, None, ComparedAtlas]:
        """Read the tables."""
        yield 0.1
        given, unit = inputs["_given"], inputs["unit"]
        compared = once("compared", (given, unit), lambda: ComparedAtlas(self._atlas, unit))
        yield 0.6
        return compared

    def observe(self, changed: Callable[[], None]) -> None:
        """Hear of columns that are added."""
        self._changed = changed
        self._atlas.on_columns.add(changed)

    def unobserve(self) -> None:
        """Hear no more of them."""
        if self._changed is not None:
            self._atlas.on_columns.discard(self._changed)


class ComparedAtlas:
    """A `Comparison` of the heads of an atlas, with its table as it is now."""

    features: list[Features] = []  # noqa: RUF012 - none, of any
    left_out: Mapping[str, tuple[str, ...]] = {}
    keeps_patterns = False

    def __init__(self, atlas: Atlas, unit: Any) -> None:
        self._atlas, self._unit = atlas, unit
        self._table = atlas.heads
        self.measured_on = self
        self.sizes = sizes_of(self._table)
        self.heads, self.models_of = names_of(self.sizes)
        self.unit: Unit = unit if unit != "auto" else "word" if len(self.sizes) > 1 else "token"
        self._rows = {name: row for row, name in enumerate(self.heads)}

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        """The passages."""
        return tuple(self._atlas.text(passage) for passage in self._atlas.compared_on(unit=self._unit))

    @cached_property
    def distances(self) -> HeadDistances | None:
        """Of all to all, where they are few."""
        return None if len(self.heads) > MANY_HEADS else self._atlas.distances(unit=self._unit)

    def nearest(self, head: str, k: int) -> list[tuple[str, float]]:
        """See `Atlas.nearest`."""
        found = self._atlas.nearest(self._full(head), k, unit=self._unit)
        return [(self._short(name), distance) for name, distance in found]

    def neighbours(self, k: int) -> tuple[NDArray[np.intp], FloatArray]:
        """See `Atlas.neighbours`."""
        return self._atlas.neighbours(min(k, len(self.heads) - 1), unit=self._unit)

    def place(self, method: Method, n_components: int, point: str) -> FloatArray:
        """See `Atlas.embed`."""
        return self._atlas.embed(method, n_components, unit=self._unit)

    def scores(self, point: str, exclude_first: bool) -> pd.DataFrame:
        """All columns of the atlas but those that say what a head is."""
        more = [name for name in self._table.columns if name not in ABOUT]
        return self._table[more].reset_index(drop=True)

    def clusters(self, n_clusters: int) -> NDArray[np.int64] | None:
        """By complete linkage, where heads are few; else those of the atlas."""
        if len(self.heads) > MANY_HEADS:
            return np.asarray(self._table["cluster"], np.int64)
        return self._atlas.clusters(min(n_clusters, len(self.heads)), "complete").labels

    def quality(self, labels: Any) -> ClassQuality:
        """See `Atlas.quality`."""
        return self._atlas.quality(labels)

    def trace_of(self, head: str, prompt: int, unit: Unit | None) -> Trace:
        """There is none."""
        raise ValueError(
            f"head is {head!r}, of a map of an atlas, which keeps no patterns on single prompts; "
            "atlas.mean_pattern(head) is the mean, and HeadMap(capture(model, prompts)) has them"
        )

    @property
    def pictures_of(self) -> str:
        """The mean over the passages that a model has read."""
        numbers = sorted({int(number) for number in self._table["n_passages"]})
        count = f"{numbers[0]:,}" if len(numbers) == 1 else f"{numbers[0]:,} to {numbers[-1]:,}"
        return f"Mean pattern over {count} passages, in words"

    def picture(self, head: str, prompt: int, unit: Unit | None, exclude_first: bool) -> tuple[FloatArray, bool]:
        """The mean pattern."""
        row = self._rows[head]
        model = self.models_of[row]
        layer, index = divmod(row - self.models_of.index(model), self.sizes[model][1])
        patterns, causal = self._means(model)
        return _small(patterns[layer, index], exclude_first), causal

    def overview(self, exclude_first: bool) -> Iterator[tuple[FloatArray, bool]]:
        """Mean patterns, model by model."""
        for model in self.sizes:
            patterns, causal = self._means(model)
            yield _small(patterns.reshape(-1, *patterns.shape[2:]), exclude_first), causal

    def _means(self, model: str) -> tuple[FloatArray, bool]:
        patterns = self._atlas.mean_patterns(model)
        return patterns, not np.triu(patterns, 1).any()

    def _full(self, head: str) -> str:
        return head if len(self.sizes) > 1 else f"{self.models_of[0]}:{head}"

    def _short(self, head: str) -> str:
        return head if len(self.sizes) > 1 else head.rpartition(":")[2]


def sizes_of(heads: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Table of an atlas -> model -> layers, and heads a layer."""
    each = heads.groupby("model", sort=False)[["layer", "head"]].max() + 1
    return {str(model): (int(layers), int(n)) for model, layers, n in each.itertuples()}


def _small(patterns: FloatArray, exclude_first: bool) -> FloatArray:
    return np.nan_to_num(first_excluded(patterns) if exclude_first else patterns)
