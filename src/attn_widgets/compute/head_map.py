"""HeadMap: runs or traces -> every head as a point, near heads with patterns like its own; kept up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import traitlets as t
from numpy.typing import NDArray

from attn_widgets.compute.attention_run import AttentionRun
from attn_widgets.compute.head_table import about_heads, classes_of, scores_of_heads, scores_of_patterns
from attn_widgets.compute.memo import Memo
from attn_widgets.heads.clusters import cluster_heads
from attn_widgets.heads.distances import HeadDistances, distances_of, on_the_same_prompts
from attn_widgets.heads.embed import METHODS, embed_heads, embed_points
from attn_widgets.heads.features import Features, head_features
from attn_widgets.heads.labels import HeadLabels
from attn_widgets.heads.prompts import prompt_text
from attn_widgets.patterns import first_excluded
from attn_widgets.trace import Trace

if TYPE_CHECKING:
    import pandas as pd

# distances of all patterns to each other are n * n numbers
_MOST_PATTERNS = 6000

FloatArray = NDArray[np.floating[Any]]

_INPUTS = ("kind", "method", "dimensions", "unit", "clusters", "exclude_first", "own")
_KINDS = ("profile", "published", "extended")


class HeadMap(t.HasTraits):
    """Every head of one or several models as a point in a plane or in space, heads with similar patterns close by.

    Features of each pattern, principal components, distances between heads averaged over prompts, an embedding: the
    pipeline of "Motifs in Attention Patterns of Large Language Models". When a run gets another prompt its part is
    computed again, and nothing else.

    Parameters
    ----------
    sources : sequence of AttentionRun or Trace
        One a prompt; of several models, the same prompts for each.
    labels : HeadLabels, optional
        What `label_heads` found, shown among the classes.
    **inputs
        Any of the inputs below.

    Raises
    ------
    TypeError
        If a source is neither a run nor a trace, or an input is unknown.
    ValueError
        If the models share no prompt, or have too few heads for the embedding. Assigning an input raises it too, puts
        it into `error`, and leaves the last good outputs in place.

    Attributes
    ----------
    kind : {"profile", "published", "extended"}
        Input: which features, as for `head_features`.
    method : {"isomap", "mds", "pca", "tsne", "umap"}
        Input: which embedding, as for `embed_heads`.
    dimensions : {2, 3}
        Input.
    unit : {"head", "pattern"}
        Input: one point a head, or one a head and prompt.
    clusters : int
        Input: into how many groups the heads are sorted (`cluster_heads` with complete linkage).
    exclude_first : bool
        Input: whether motif scores and the pictures of patterns leave out the first token, which is a sink in most
        heads of most models; the score of `first_token` itself never does. Default True.
    own : dict
        Input: your own classes, name -> heads; written `"gpt2:L5H1"` where there are several models.
    features : list of Features
        One a model.
    distances : HeadDistances
    points : numpy.ndarray
        `[point, dimension]`, float64; with unit "pattern" all heads on the first prompt, then on the second, ...
    table : pandas.DataFrame
        One row a point: `name`, `model`, `layer`, `head`, `prompt` (unit "pattern"), `motif`, `class`, `classes`,
        `cluster`, and a score for every motif.
    classes : dict
        Head -> its classes, from the literature, of your own, and by behaviour; see `known_heads`.
    busy : bool
    error : str

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> head_map = aw.HeadMap(traces, method="pca", clusters=2)
    >>> head_map.points.shape
    (8, 2)
    """

    kind = t.Enum(_KINDS, "profile")
    method = t.Enum(METHODS, "isomap")
    dimensions = t.Enum((2, 3), 2)
    unit = t.Enum(("head", "pattern"), "head")
    clusters = t.Int(8, min=1)
    exclude_first = t.Bool(True)
    own = t.Dict()

    features: t.List[Features] = t.List(read_only=True)
    distances = t.Instance(HeadDistances, allow_none=True, read_only=True)
    points: t.TraitType[Any, Any] = t.Any(None, read_only=True)
    table: t.TraitType[Any, Any] = t.Any(None, read_only=True)
    classes = t.Dict(read_only=True)
    # counts results, so that one thing can be observed
    version = t.Int(0, read_only=True)
    busy = t.Bool(False, read_only=True)
    error = t.Unicode("", read_only=True)

    def __init__(
        self, sources: Sequence[AttentionRun | Trace], labels: HeadLabels | None = None, **inputs: Any
    ) -> None:
        if isinstance(sources, (AttentionRun, Trace)):
            sources = [sources]
        wrong = next((one for one in sources if not isinstance(one, (AttentionRun, Trace))), None)
        if wrong is not None or not sources:
            came = "empty" if wrong is None else f"holds a {type(wrong).__name__}"
            raise TypeError(f"sources {came}; expected a list of AttentionRun or Trace")
        unknown = sorted(set(inputs) - set(_INPUTS))
        if unknown:
            raise TypeError(f"HeadMap got {unknown[0]!r}; expected any of {', '.join(_INPUTS)}")
        self._sources = list(sources)
        self._labels = labels
        self._measured: WeakKeyDictionary[Trace, dict[str, Features]] = WeakKeyDictionary()
        self._memo = Memo()
        super().__init__(**inputs)
        self._compute()
        self.observe(self._compute, _INPUTS)
        for source in self._runs():
            source.observe(self._compute, "trace")

    @property
    def traces(self) -> list[Trace]:
        """The traces now, one a source."""
        return [_trace_of(source) for source in self._sources]

    @property
    def sources(self) -> list[AttentionRun | Trace]:
        """The runs and traces."""
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

    def pattern(self, head: str, prompt: int = 0) -> FloatArray:
        """One head's pattern on one of `prompts`: `[query, key]`.

        Raises
        ------
        ValueError
            If there is no such head or prompt.
        """
        if not 0 <= prompt < len(self.prompts):
            raise ValueError(f"prompt is {prompt}; expected 0 to {len(self.prompts) - 1}")
        model, _, short = head.rpartition(":")
        traces = _by_model(self.traces)
        own = traces[model] if model in traces else next(iter(traces.values()))
        text = self.prompts[prompt]
        return next(trace for trace in own if prompt_text(trace) == text).head(short)

    def picture(self, head: str, prompt: int = 0) -> FloatArray:
        """A pattern as it is shown small: with `exclude_first` without the first token, undefined rows being 0."""
        pattern = self.pattern(head, prompt)
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
        if selection is None:
            return table.copy()
        missing = [name for name in selection if name not in self.heads]
        if missing:
            raise ValueError(f"selection holds {missing[0]!r}; expected heads from {self.heads[0]} to {self.heads[-1]}")
        order = {name: position for position, name in enumerate(selection)}
        rows = table[table["name"].isin(order)]
        return rows.iloc[np.argsort([order[name] for name in rows["name"]], kind="stable")].reset_index(drop=True)

    def close(self) -> None:
        """Let go of the runs."""
        for source in self._runs():
            source.unobserve(self._compute, "trace")

    @t.validate("own")
    def _lists_of_heads(self, proposal: Any) -> dict[str, list[str]]:
        value = proposal["value"]
        for name, heads in value.items():
            if isinstance(heads, str) or not isinstance(heads, Sequence):
                raise t.TraitError(f"own[{name!r}] is {heads!r}; expected a list of heads")
        return {name: list(heads) for name, heads in value.items()}

    def _runs(self) -> list[AttentionRun]:
        return [source for source in self._sources if isinstance(source, AttentionRun)]

    def _compute(self, change: Any = None) -> None:
        self.set_trait("busy", True)
        try:
            self._place()
        except Exception as error:
            self.set_trait("error", str(error) or type(error).__name__)
            raise
        else:
            self.set_trait("error", "")
        finally:
            self.set_trait("busy", False)

    def _place(self) -> None:
        import pandas as pd

        once, key = self._memo.once, (tuple(self.traces), self.kind)
        features = once("features", key, self._features)
        distances = once("distances", key, lambda: distances_of(features))
        classes = classes_of(distances, self.own, self._labels)
        # no cluster of one head because it is far from all: a cluster is as wide as its two farthest heads
        groups = cluster_heads(distances, number=min(self.clusters, len(distances.heads)), method="complete")
        by_model = _by_model(self.traces)
        seen = (key[0], self.exclude_first)
        about = about_heads(by_model, distances, classes, groups)
        if self.unit == "head":
            points = embed_heads(distances, self.method, dimensions=self.dimensions)
            scores = once("scores", seen, lambda: scores_of_heads(by_model, self.exclude_first))
        else:
            points = self._place_patterns(features, distances)
            scores = once(
                "scores of patterns",
                seen,
                lambda: scores_of_patterns(by_model, distances.prompts, self.exclude_first),
            )
            about = pd.concat([about] * len(distances.prompts), ignore_index=True)
        table = pd.concat([about, scores], axis=1)
        with self.hold_trait_notifications():
            self.set_trait("features", features)
            self.set_trait("distances", distances)
            self.set_trait("classes", classes)
            self.set_trait("points", points)
            self.set_trait("table", table)
            self.set_trait("version", self.version + 1)

    def _place_patterns(self, features: Sequence[Features], distances: HeadDistances) -> FloatArray:
        """Every head on every prompt of its own; `[prompt * head, dimension]`."""
        rows = np.concatenate([distances.space.transform(one) for one in on_the_same_prompts(features)], axis=1)
        rows = rows.reshape(-1, rows.shape[-1])
        if self.method == "pca":
            # the space is made of principal components
            return rows[:, : self.dimensions]
        if len(rows) > _MOST_PATTERNS:
            raise ValueError(
                f"method is {self.method!r}, which needs the distances of all {len(rows)} patterns to each other, and "
                f'at most {_MOST_PATTERNS} fit; use method="pca", or unit="head"'
            )
        return embed_points(rows, self.method, dimensions=self.dimensions)

    def _features(self) -> list[Features]:
        """One a model, on the prompts as they are; each trace is measured once."""
        models = []
        kind: Any = self.kind
        for traces in _by_model(self.traces).values():
            each = []
            for trace in traces:
                known = self._measured.setdefault(trace, {})
                if kind not in known:
                    known[kind] = head_features(trace, kind)
                each.append(known[kind])
            models.append(Features.join(each))
        return models


def _trace_of(source: AttentionRun | Trace) -> Trace:
    if isinstance(source, Trace):
        return source
    assert source.trace is not None
    return source.trace


def _by_model(traces: Sequence[Trace]) -> dict[str, list[Trace]]:
    models: dict[str, list[Trace]] = {}
    for trace in traces:
        models.setdefault(trace.model_name, []).append(trace)
    return models
