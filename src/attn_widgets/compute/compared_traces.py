"""Traces of one or several models, which may change -> their heads, compared."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from attn_widgets.compute.compared_in import in_unit, shown
from attn_widgets.compute.comparison import FloatArray, Once, names_of
from attn_widgets.compute.head_table import scores_of
from attn_widgets.compute.placing import place
from attn_widgets.compute.source import Source, as_source
from attn_widgets.heads.clusters import cluster_heads
from attn_widgets.heads.distances import HeadDistances, distances_of
from attn_widgets.heads.embed import Method
from attn_widgets.heads.features import Features, head_features
from attn_widgets.heads.members import members_of
from attn_widgets.heads.quality import ClassQuality, class_quality
from attn_widgets.patterns import first_excluded
from attn_widgets.trace import Trace, Unit
from attn_widgets.traces import by_model, each_part

if TYPE_CHECKING:
    import pandas as pd

ByModel = Mapping[str, Sequence[Trace]]


class TracesGround:
    """Runs and traces, one a prompt, that a map is made of."""

    def __init__(self, sources: Sequence[Any]) -> None:
        self.sources = [_as_source(source) for source in sources]
        self._measured: WeakKeyDictionary[Trace, dict[str, Features]] = WeakKeyDictionary()
        self._changed: Callable[[Any], None] | None = None

    def given(self) -> tuple[Trace, ...]:
        """The traces as they are now."""
        return tuple(source.trace for source in self.sources)

    def check(self, inputs: Mapping[str, Any]) -> None:
        """Labels have to be of these models."""
        if inputs["labels"] is None:
            return
        models = by_model(inputs["_given"])
        sizes = {model: (traces[0].n_layers, traces[0].n_heads) for model, traces in models.items()}
        members_of(inputs["labels"], *names_of(sizes))

    def compare(self, inputs: Mapping[str, Any], once: Once) -> Generator[float, None, ComparedTraces]:
        """Each trace is measured once, and nothing is done again that another input does not concern."""
        traces, unit, kind = inputs["_given"], inputs["unit"], inputs["kind"]
        models, same = once("read", (traces, unit), lambda: in_unit(by_model(traces), unit))
        read = [trace for own in models.values() for trace in own]
        for done, trace in enumerate(read):
            self._features_of(trace, kind)
            yield 0.6 * (done + 1) / len(read)
        features = once("features", (models, kind), lambda: self._joined(models, kind))
        distances = once("distances", (features, same), lambda: distances_of(features, same=same))
        return once("compared", distances, lambda: ComparedTraces(by_model(traces), models, features, distances))

    def observe(self, changed: Callable[[], None]) -> None:
        """Hear of other traces."""
        self._changed = lambda change: changed()
        for source in self.sources:
            source.observe(self._changed, "trace")

    def unobserve(self) -> None:
        """Hear no more of them."""
        for source in self.sources:
            if self._changed is not None:
                source.unobserve(self._changed, "trace")

    def _joined(self, models: ByModel, kind: Any) -> list[Features]:
        """One a model, on its prompts; none where nothing can be compared."""
        if not all(models.values()):
            return []
        return [Features.join([self._features_of(trace, kind) for trace in own]) for own in models.values()]

    def _features_of(self, trace: Trace, kind: Any) -> Features:
        known = self._measured.setdefault(trace, {})
        if kind not in known:
            known[kind] = head_features(trace, kind)
        return known[kind]


class ComparedTraces:
    """A `Comparison` of traces.

    Parameters
    ----------
    given, read : dict
        Model -> its traces, as they came, and in the unit that heads are compared on.
    features : list of Features
        One a model.
    distances : HeadDistances
    """

    pictures_of = ""
    keeps_patterns = True

    def __init__(self, given: ByModel, read: ByModel, features: list[Features], distances: HeadDistances) -> None:
        self.measured_on = self._read = read
        self.features, self.distances = features, distances
        self.heads, self.models_of = distances.heads, distances.models
        self.unit: Unit = distances.unit
        self.prompts, self.left_out = distances.prompts, distances.left_out
        self.sizes = {one.model_name: (one.n_layers, one.n_heads) for one in features}
        self._given = given
        self._in_unit: dict[str, ByModel] = {self.unit: read}

    def nearest(self, head: str, k: int) -> list[tuple[str, float]]:
        """See `HeadDistances.nearest`."""
        return self.distances.nearest(head, k)

    def neighbours(self, k: int) -> tuple[NDArray[np.intp], FloatArray]:
        """Of all heads."""
        matrix = self.distances.matrix
        n = len(matrix)
        away = matrix + np.diag(np.full(n, np.inf))
        which = np.argsort(away, axis=1, kind="stable")[:, : min(k, n - 1)]
        return which, np.take_along_axis(matrix, which, 1)

    def place(self, method: Method, n_components: int, point: str) -> FloatArray:
        """See `place`."""
        return place(self.features, self.distances, method, n_components, point)

    def scores(self, point: str, exclude_first: bool) -> pd.DataFrame:
        """See `scores_of`."""
        return scores_of(self._read, self.prompts, point, exclude_first)

    def clusters(self, n_clusters: int) -> NDArray[np.int64]:
        """By complete linkage: a cluster is as wide as its two farthest heads, so none is one head far from all."""
        n = min(n_clusters, len(self.heads))
        return cluster_heads(self.distances, n_clusters=n, method="complete").labels

    def quality(self, labels: Any) -> ClassQuality:
        """See `class_quality`."""
        return class_quality(self.distances, labels)

    def trace_of(self, head: str, prompt: int, unit: Unit | None) -> Trace:
        """In the unit that heads are compared on, or in another."""
        if not 0 <= prompt < len(self.prompts):
            raise ValueError(f"prompt is {prompt}; expected 0 to {len(self.prompts) - 1}")
        wanted = unit or self.unit
        if wanted not in self._in_unit:
            self._in_unit[wanted] = in_unit(self._given, wanted)[0]
        return shown(head.rpartition(":")[0], self.prompts[prompt], self._in_unit[wanted], self._given)

    def picture(self, head: str, prompt: int, unit: Unit | None, exclude_first: bool) -> tuple[FloatArray, bool]:
        """Of one head on one prompt."""
        trace = self.trace_of(head, prompt, unit)
        return _small(trace.head(head.rpartition(":")[2]), exclude_first), trace.causal

    def overview(self, exclude_first: bool) -> Iterator[tuple[FloatArray, bool]]:
        """On the first prompt of each model."""
        for traces in self._given.values():
            for *_, patterns in each_part(traces[0], lambda found: _small(found, exclude_first)):
                yield patterns, traces[0].causal


def _small(pattern: FloatArray, exclude_first: bool) -> FloatArray:
    return np.nan_to_num(first_excluded(pattern)) if exclude_first else pattern


def _as_source(source: Any) -> Source:
    try:
        return as_source(source)
    except TypeError as error:
        came = type(source).__name__
        raise TypeError(f"sources holds a {came}; expected a list of AttentionRun or Trace, or an Atlas") from error
