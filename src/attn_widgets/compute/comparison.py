"""Comparison: what a map of heads, and what shows it, asks of that which it was made of."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from attn_widgets.compute.source import Source
from attn_widgets.heads.distances import HeadDistances
from attn_widgets.heads.embed import Method
from attn_widgets.heads.features import Features
from attn_widgets.heads.quality import ClassQuality
from attn_widgets.trace import Trace, Unit

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.floating[Any]]
T = TypeVar("T")


class Once(Protocol):
    """As `Computed._once`: what was made of this before, or what `make` makes of it now."""

    def __call__(self, name: str, depends_on: Any, make: Callable[[], T]) -> T:
        """Make it."""
        ...


class Comparison(Protocol):
    """Heads that were compared with each other: of traces, or of an atlas.

    Attributes
    ----------
    heads : tuple of str
        Their names, `"L5H1"`, or `"gpt2:L5H1"` where there are several models.
    models_of : tuple of str
        The model of each.
    sizes : dict
        Model -> how many layers, and heads a layer.
    unit : {"token", "word"}
        What they are compared on.
    prompts : tuple of str
        The texts that they are compared on.
    left_out : dict
        Model -> texts that it has not read and another has.
    distances : HeadDistances or None
        None where heads are too many to keep the distances of all to all.
    features : list of Features
        One a model, where they are kept.
    measured_on : object
        Another one where scores are others.
    pictures_of : str
        What its small patterns are of, in words; "" where they are of the prompts.
    keeps_patterns : bool
        Whether there is a pattern for each prompt.
    """

    @property
    def heads(self) -> tuple[str, ...]:
        """Names."""
        ...

    @property
    def models_of(self) -> tuple[str, ...]:
        """One a head."""
        ...

    @property
    def sizes(self) -> Mapping[str, tuple[int, int]]:
        """Layers, and heads a layer."""
        ...

    @property
    def unit(self) -> Unit:
        """Of positions."""
        ...

    @property
    def prompts(self) -> tuple[str, ...]:
        """Texts."""
        ...

    @property
    def left_out(self) -> Mapping[str, tuple[str, ...]]:
        """Texts."""
        ...

    @property
    def distances(self) -> HeadDistances | None:
        """Of all to all."""
        ...

    @property
    def features(self) -> list[Features]:
        """One a model."""
        ...

    @property
    def measured_on(self) -> Any:
        """What scores depend on."""
        ...

    @property
    def pictures_of(self) -> str:
        """In words."""
        ...

    @property
    def keeps_patterns(self) -> bool:
        """Whether `trace_of` has something."""
        ...

    def nearest(self, head: str, k: int) -> list[tuple[str, float]]:
        """The heads most like one, with their distances."""
        ...

    def neighbours(self, k: int) -> tuple[NDArray[np.intp], FloatArray]:
        """`[head, k]`: the nearest of every head, or as many as there are, and how far they are."""
        ...

    def place(self, method: Method, n_components: int, point: str) -> FloatArray:
        """`[point, component]`."""
        ...

    def scores(self, point: str, exclude_first: bool) -> pd.DataFrame:
        """One row a point: `motif`, and numbers."""
        ...

    def clusters(self, n_clusters: int) -> NDArray[np.int64] | None:
        """`[head]`; None where heads are too many."""
        ...

    def quality(self, labels: Any) -> ClassQuality:
        """How well heads of a class find each other."""
        ...

    def trace_of(self, head: str, prompt: int, unit: Unit | None) -> Trace:
        """What a pattern is of.

        Raises
        ------
        ValueError
            If there is none.
        """
        ...

    def picture(self, head: str, prompt: int, unit: Unit | None, exclude_first: bool) -> tuple[FloatArray, bool]:
        """A pattern as it is shown small, undefined rows being 0, and whether it is causal."""
        ...

    def overview(self, exclude_first: bool) -> Iterator[tuple[FloatArray, bool]]:
        """Such patterns of all heads, some at a time: `[head, query, key]`."""
        ...


class Ground(Protocol):
    """What a map is made of: traces, some of which may become others, or an atlas.

    Attributes
    ----------
    sources : sequence of Source
        Where traces come from; none in an atlas.
    """

    @property
    def sources(self) -> Sequence[Source]:
        """Of traces."""
        ...

    def given(self) -> Any:
        """What it holds now; equal to what it held before where nothing changed."""
        ...

    def check(self, inputs: Mapping[str, Any]) -> None:
        """Raise what is wrong with inputs of the map, before anything is computed.

        Raises
        ------
        ValueError
            Naming the input.
        TypeError
            If `labels` are no labels.
        """
        ...

    def compare(self, inputs: Mapping[str, Any], once: Once) -> Generator[float, None, Comparison]:
        """Compare heads, in steps that yield the share done; `inputs["_given"]` is what `given` gave."""
        ...

    def observe(self, changed: Callable[[], None]) -> None:
        """Call this when `given` gives something else."""
        ...

    def unobserve(self) -> None:
        """Call it no more."""
        ...


def names_of(sizes: Mapping[str, tuple[int, int]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of all heads, layer by layer and model after model, and the model of each."""
    several = len(sizes) > 1
    places: Sequence[tuple[str, str]] = [
        (f"{model}:L{layer}H{head}" if several else f"L{layer}H{head}", model)
        for model, (layers, heads) in sizes.items()
        for layer in range(layers)
        for head in range(heads)
    ]
    return tuple(name for name, _ in places), tuple(model for _, model in places)
