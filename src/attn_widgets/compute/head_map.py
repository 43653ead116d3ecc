"""HeadMap: runs or traces -> every head as a point, near heads with patterns like its own; kept up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import traitlets as t
from numpy.typing import NDArray

from attn_widgets.compute.compared_in import in_unit, shown
from attn_widgets.compute.computed import Computed
from attn_widgets.compute.head_table import classes_of, rows_of, scores_of, table_of
from attn_widgets.compute.map_labels import check_labels, quality_of
from attn_widgets.compute.placing import place
from attn_widgets.compute.source import Source, as_source
from attn_widgets.heads.clusters import HeadClusters, cluster_heads
from attn_widgets.heads.distances import HeadDistances, distances_of
from attn_widgets.heads.embed import METHODS
from attn_widgets.heads.features import KINDS, Features, head_features
from attn_widgets.heads.prompts import prompt_text
from attn_widgets.heads.quality import ClassQuality
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.patterns import first_excluded
from attn_widgets.trace import Trace, Unit
from attn_widgets.traces import by_model

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.floating[Any]]


class HeadMap(Computed):
    """Every head of one or several models as a point in a plane or in space, heads with similar patterns close by.

    Features of each pattern, principal components, distances between heads averaged over prompts, an embedding: the
    pipeline of "Motifs in Attention Patterns of Large Language Models". When a run gets another prompt its part is
    computed again, and nothing else.

    Parameters
    ----------
    sources : sequence of AttentionRun or Trace
        One a prompt; of several models, the same prompts for each.
    **inputs
        Any of the inputs below.

    Raises
    ------
    TypeError
        If a source is neither a run nor a trace, `labels` are no labels, or an argument is unknown.
    ValueError
        If the models share no prompt, or have too few heads for the embedding. Assigning an input raises it too and
        puts it into `error`; the input goes back to what it was, and the outputs stay. Where another prompt of a run
        is the reason, the map stays on the traces it had, and only `error` says so.

    Attributes
    ----------
    kind : {"profile", "published", "extended"}
        Input: which features, as for `head_features`.
    method : {"isomap", "mds", "pca", "tsne", "umap"}
        Input: which embedding, as for `embed_heads`.
    n_components : {2, 3}
        Input.
    point : {"head", "pattern"}
        Input: one point a head, or one a head and prompt.
    unit : {"auto", "token", "word"}
        Input: what heads are compared on, as for `head_distances`: `"auto"` is words as soon as there are several
        models. The pictures and the motif scores are of the same.
    n_clusters : int
        Input: into how many groups the heads are sorted (`cluster_heads` with complete linkage).
    exclude_first : bool
        Input: whether motif scores and the pictures of patterns leave out the first token, which is a sink in most
        heads of most models; the score of `first_token` itself never does. Default True.
    own : dict
        Input: your own classes, name -> heads; written `"gpt2:L5H1"` where there are several models.
    labels : HeadLabels, KnownHeads or dict, optional
        Input: classes of heads to show among the others, and to judge the map by: what `label_heads` found, class ->
        heads, or, for several models, model -> one of these.
    features : list of Features
        One a model.
    distances : HeadDistances
    points : numpy.ndarray
        `[point, dimension]`, float64; with point "pattern" all heads on the first prompt, then on the second, ...
    table : pandas.DataFrame
        One row a point: `name`, `model`, `layer`, `head`, `prompt` (point "pattern"), `motif`, `class`, `classes`,
        `cluster`; for every motif its score and its bits (`<motif>_bits`), and of several prompts, of which these are
        means, the score's standard deviation (`<motif>_std`). `motif` is as in `MotifScores.dominant`.
    classes : dict
        Head -> its classes, from the literature, of your own, and by behaviour; see `known_heads`.
    quality : ClassQuality or None
        How well heads of one class in `labels` find each other by distance, within models and across them; see
        `class_quality`. None without labels.
    busy : bool
    progress : float
        Share of the work done, 0 to 1.
    error : str
        Why the last change was refused, or why the map does not follow its runs; "" otherwise.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> head_map = aw.HeadMap(traces, method="pca", n_clusters=2)
    >>> head_map.points.shape
    (8, 2)
    """

    kind = t.Enum(tuple(KINDS), "profile").tag(input=True)
    method = t.Enum(METHODS, "isomap").tag(input=True)
    n_components = t.Enum((2, 3), 2).tag(input=True)
    point = t.Enum(("head", "pattern"), "head").tag(input=True)
    unit = t.Enum(("auto", "token", "word"), "auto").tag(input=True)
    n_clusters = t.Int(8, min=1).tag(input=True)
    exclude_first = t.Bool(True).tag(input=True)
    own = t.Dict().tag(input=True)
    labels: t.TraitType[Any, Any] = t.Any(None).tag(input=True)

    features: t.List[Features] = t.List(read_only=True).tag(output=True)
    distances = t.Instance(HeadDistances, allow_none=True, read_only=True).tag(output=True)
    points: t.TraitType[Any, Any] = t.Any(None, read_only=True).tag(output=True)
    table: t.TraitType[Any, Any] = t.Any(None, read_only=True).tag(output=True)
    classes = t.Dict(read_only=True).tag(output=True)
    quality = t.Instance(ClassQuality, allow_none=True, read_only=True).tag(output=True)
    # counts results, so that one thing can be observed
    version = t.Int(0, read_only=True)

    _traces: t.TraitType[Any, Any] = t.Tuple().tag(input=True)
    # model -> its traces, of tokens or of words, that heads are compared on
    _read: t.TraitType[Any, Any] = t.Dict(read_only=True).tag(output=True)

    def __init__(self, sources: Sequence[Source | Trace], labels: Any = None, **inputs: Any) -> None:
        given: Sequence[Any] = sources if isinstance(sources, (list, tuple)) else [sources]
        if not given:
            raise TypeError("sources is empty; expected a list of AttentionRun or Trace")
        self._sources = [_as_source(source) for source in given]
        self._measured: WeakKeyDictionary[Trace, dict[str, Features]] = WeakKeyDictionary()
        super().__init__(**{"_traces": self._traces_now(), "labels": labels, **inputs})
        for source in self._sources:
            source.observe(self._on_source, "trace")
        MOTIFS.observe(self._on_motifs)

    @property
    def traces(self) -> list[Trace]:
        """The traces on the map, one a source."""
        return list(self._traces)

    @property
    def sources(self) -> list[Source]:
        """What the traces come from."""
        return list(self._sources)

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of all heads: `"L5H1"`, or `"gpt2:L5H1"` where there are several models."""
        assert self.distances is not None
        return self.distances.heads

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(one.model_name for one in self.features)

    @property
    def texts(self) -> list[str]:
        """The text of each source's prompt, without special tokens."""
        return [prompt_text(trace) for trace in self.traces]

    @property
    def prompts(self) -> tuple[str, ...]:
        """The texts that heads are compared on."""
        assert self.distances is not None
        return self.distances.prompts

    @property
    def left_out(self) -> Mapping[str, tuple[str, ...]]:
        """Model -> prompts that it has not read and another has; heads are not compared on them."""
        assert self.distances is not None
        return self.distances.left_out

    def pattern(self, head: str, prompt: int = 0, unit: Unit | None = None) -> FloatArray:
        """One head's pattern on one of `prompts`: `[query, key]`.

        Raises
        ------
        ValueError
            If there is no such head or prompt.
        """
        return self.trace_of(head, prompt, unit).head(head.rpartition(":")[2])

    def trace_of(self, head: str, prompt: int = 0, unit: Unit | None = None) -> Trace:
        """The trace that this pattern is of; in the unit that heads are compared on, or in another.

        Raises
        ------
        ValueError
            If there is no such prompt, or what was read is words and tokens are asked for.
        """
        if not 0 <= prompt < len(self.prompts):
            raise ValueError(f"prompt is {prompt}; expected 0 to {len(self.prompts) - 1}")
        given, read = by_model(self._traces), self._read
        if unit is not None and unit != self.compared_on:
            read = self._once(f"in {unit}s", self._traces, lambda: in_unit(given, unit)[0])
        return shown(head.rpartition(":")[0], self.prompts[prompt], read, given)

    @property
    def compared_on(self) -> Unit:
        """What heads are compared on: what `unit` comes to."""
        assert self.distances is not None
        return self.distances.unit

    def picture(self, head: str, prompt: int = 0, unit: Unit | None = None) -> FloatArray:
        """A pattern as it is shown small: with `exclude_first` without the first token, undefined rows being 0."""
        pattern = self.pattern(head, prompt, unit)
        return np.nan_to_num(first_excluded(pattern)) if self.exclude_first else pattern

    def nearest(self, head: str, k: int = 5) -> list[tuple[str, float]]:
        """The heads most like one; see `HeadDistances.nearest`."""
        assert self.distances is not None
        return self.distances.nearest(head, k)

    def frame(self, selection: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows of `table`, of all heads or of some.

        Parameters
        ----------
        selection : list of str, optional
            Head names, such as `HeadScatter.selection`.

        Returns
        -------
        pandas.DataFrame
            In the order of the selection.

        Raises
        ------
        ValueError
            If a head does not exist.
        """
        table: pd.DataFrame = self.table
        return table.copy() if selection is None else rows_of(table, self.heads, selection)

    def close(self) -> None:
        """Let go of the runs."""
        for source in self._sources:
            source.unobserve(self._on_source, "trace")
        MOTIFS.unobserve(self._on_motifs)

    @t.validate("own")
    def _lists_of_heads(self, proposal: Any) -> dict[str, list[str]]:
        value = proposal["value"]
        for name, heads in value.items():
            if isinstance(heads, str) or not isinstance(heads, Sequence):
                raise t.TraitError(f"own[{name!r}] is {heads!r}; expected a list of heads")
        return {name: list(heads) for name, heads in value.items()}

    def _check(self) -> None:
        if self.labels is not None:
            check_labels(self.labels, by_model(self._traces))

    def _traces_now(self) -> tuple[Trace, ...]:
        return tuple(source.trace for source in self._sources)

    def _on_source(self, change: Any) -> None:
        self._follow(_traces=self._traces_now())

    def _on_motifs(self) -> None:
        self._follow()

    def _steps(self) -> Iterator[float]:
        once, traces, kind = self._once, self._traces, self.kind
        models, same = once("read", (traces, self.unit), lambda: in_unit(by_model(traces), self.unit))
        read = [trace for own in models.values() for trace in own]
        for done, trace in enumerate(read):
            self._features_of(trace)
            yield 0.6 * (done + 1) / len(read)
        features = once("features", (models, kind), lambda: self._joined(models))
        distances = once("distances", (features, same), lambda: distances_of(features, same=same))
        given = (distances, self.own, self.labels)
        classes = once("classes", given, lambda: classes_of(*given))
        quality = once("quality", (distances, self.labels), lambda: quality_of(distances, self.labels))
        yield 0.7
        shape = (distances, self.method, self.n_components, self.point)
        points = once("points", shape, lambda: place(features, *shape))
        yield 0.8
        seen = (distances.prompts, self.point, self.exclude_first)
        scores = once("scores", (models, MOTIFS.version, *seen), lambda: scores_of(models, *seen))
        clusters = once("clusters", (distances, self.n_clusters), lambda: self._clusters(distances))
        parts = (distances, classes, clusters, scores)
        table = once("table", parts, lambda: table_of(models, *parts))
        with self.hold_trait_notifications():
            self._output(_read=models, features=features, distances=distances, quality=quality)
            self._output(classes=classes, points=points, table=table)
            self.set_trait("version", self.version + 1)

    def _clusters(self, distances: HeadDistances) -> HeadClusters:
        # no cluster of one head because it is far from all: a cluster is as wide as its two farthest heads
        return cluster_heads(distances, n_clusters=min(self.n_clusters, len(distances.heads)), method="complete")

    def _joined(self, models: Mapping[str, Sequence[Trace]]) -> list[Features]:
        """One a model, on its prompts; none where nothing can be compared."""
        if not all(models.values()):
            return []
        return [Features.join([self._features_of(trace) for trace in traces]) for traces in models.values()]

    def _features_of(self, trace: Trace) -> Features:
        """Each trace is measured once."""
        kind: Any = self.kind
        known = self._measured.setdefault(trace, {})
        if kind not in known:
            known[kind] = head_features(trace, kind)
        return known[kind]


def _as_source(source: Any) -> Source:
    try:
        return as_source(source)
    except TypeError as error:
        came = type(source).__name__
        raise TypeError(f"sources holds a {came}; expected a list of AttentionRun or Trace") from error
