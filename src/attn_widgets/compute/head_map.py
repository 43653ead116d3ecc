"""HeadMap: runs, traces or an atlas -> every head as a point, near heads like itself; kept up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t
from numpy.typing import NDArray

from attn_widgets.compute.compared_atlas import AtlasGround, is_atlas
from attn_widgets.compute.compared_traces import TracesGround
from attn_widgets.compute.comparison import Comparison, Ground
from attn_widgets.compute.computed import Computed
from attn_widgets.compute.head_table import classes_of, rows_of, table_of
from attn_widgets.compute.own_columns import with_columns
from attn_widgets.compute.source import Source
from attn_widgets.heads.distances import HeadDistances
from attn_widgets.heads.embed import METHODS
from attn_widgets.heads.features import KINDS, Features
from attn_widgets.heads.prompts import prompt_text
from attn_widgets.heads.quality import ClassQuality
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.trace import Trace, Unit

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
    sources : sequence of AttentionRun or Trace, or Atlas
        One a prompt; of several models, the same prompts for each. A map of an atlas needs no runs: it has all heads
        of the atlas with all columns of `atlas.heads`, also those that are added later.
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
        Input: which features, as for `head_features`; "profile" alone over an atlas.
    method : {"isomap", "mds", "pca", "tsne", "umap"}
        Input: which embedding, as for `embed_heads`.
    n_components : {2, 3}
        Input.
    point : {"head", "pattern"}
        Input: one point a head, or one a head and prompt; "head" alone over an atlas.
    unit : {"auto", "token", "word"}
        Input: what heads are compared on, as for `head_distances`: `"auto"` is words as soon as there are several
        models. The pictures and the motif scores are of the same.
    n_clusters : int
        Input: into how many groups the heads are sorted (`cluster_heads` with complete linkage).
    exclude_first : bool
        Input: whether motif scores and the pictures of patterns leave out the first token, which is a sink in most
        heads of most models; the score of `first_token` itself never does. Scores of an atlas always do. Default True.
    own : dict
        Input: your own classes, name -> heads; written `"gpt2:L5H1"` where there are several models.
    labels : HeadLabels, KnownHeads or dict, optional
        Input: classes of heads to show among the others, and to judge the map by: what `label_heads` found, class ->
        heads, or, for several models, model -> one of these.
    columns : pandas.DataFrame, HeadWeights, or a list of these, optional
        Input: columns of your own, by the names of heads, or what `head_weights` returned; they stand in `table` and
        can be colour and size of a `HeadScatter`.
    features : list of Features
        One a model; none over an atlas.
    distances : HeadDistances or None
        None over an atlas of more than 3,000 heads, where `nearest` works without them.
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
    columns: t.TraitType[Any, Any] = t.Any(None).tag(input=True)

    features: t.List[Features] = t.List(read_only=True).tag(output=True)
    distances = t.Instance(HeadDistances, allow_none=True, read_only=True).tag(output=True)
    points: t.TraitType[Any, Any] = t.Any(None, read_only=True).tag(output=True)
    table: t.TraitType[Any, Any] = t.Any(None, read_only=True).tag(output=True)
    classes = t.Dict(read_only=True).tag(output=True)
    quality = t.Instance(ClassQuality, allow_none=True, read_only=True).tag(output=True)
    # counts results, so that one thing can be observed
    version = t.Int(0, read_only=True)

    # what the ground holds
    _given: t.TraitType[Any, Any] = t.Any().tag(input=True)
    _compared: t.TraitType[Any, Any] = t.Any(None, read_only=True).tag(output=True)

    def __init__(self, sources: Sequence[Source | Trace] | Any, labels: Any = None, **inputs: Any) -> None:
        self._ground = _ground_of(sources)
        super().__init__(**{"_given": self._ground.given(), "labels": labels, **inputs})
        self._ground.observe(self._on_ground)
        MOTIFS.observe(self._on_motifs)

    @property
    def compared(self) -> Comparison:
        """What is shown: the heads and what is known of them, as they were compared."""
        found: Comparison = self._compared
        return found

    @property
    def traces(self) -> list[Trace]:
        """The traces on the map, one a source; none over an atlas."""
        return list(self._given) if self._ground.sources else []

    @property
    def sources(self) -> list[Source]:
        """What the traces come from."""
        return list(self._ground.sources)

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of all heads: `"L5H1"`, or `"gpt2:L5H1"` where there are several models."""
        return self.compared.heads

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(self.compared.sizes)

    @property
    def texts(self) -> list[str]:
        """The text of each source's prompt, without special tokens."""
        return [prompt_text(trace) for trace in self.traces]

    @property
    def prompts(self) -> tuple[str, ...]:
        """The texts that heads are compared on."""
        return self.compared.prompts

    @property
    def left_out(self) -> Mapping[str, tuple[str, ...]]:
        """Model -> prompts that it has not read and another has; heads are not compared on them."""
        return self.compared.left_out

    def pattern(self, head: str, prompt: int = 0, unit: Unit | None = None) -> FloatArray:
        """One head's pattern on one of `prompts`: `[query, key]`.

        Raises
        ------
        ValueError
            If there is no such head or prompt, or the map is of an atlas, which keeps none.
        """
        return self.trace_of(head, prompt, unit).head(head.rpartition(":")[2])

    def trace_of(self, head: str, prompt: int = 0, unit: Unit | None = None) -> Trace:
        """The trace that this pattern is of; in the unit that heads are compared on, or in another.

        Raises
        ------
        ValueError
            If there is no such prompt, what was read is words and tokens are asked for, or the map is of an atlas.
        """
        return self.compared.trace_of(head, prompt, unit)

    @property
    def compared_on(self) -> Unit:
        """What heads are compared on: what `unit` comes to."""
        return self.compared.unit

    def picture(self, head: str, prompt: int = 0, unit: Unit | None = None) -> FloatArray:
        """A pattern as it is shown small: with `exclude_first` without the first token, undefined rows being 0.

        Over an atlas it is the mean pattern, in words, whatever the prompt.
        """
        return self.compared.picture(head, prompt, unit, self.exclude_first)[0]

    def nearest(self, head: str, k: int = 5) -> list[tuple[str, float]]:
        """The heads most like one; see `HeadDistances.nearest`."""
        return self.compared.nearest(head, k)

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
        """Let go of the runs, or the atlas."""
        self._ground.unobserve()
        MOTIFS.unobserve(self._on_motifs)

    @t.validate("own")
    def _lists_of_heads(self, proposal: Any) -> dict[str, list[str]]:
        value = proposal["value"]
        for name, heads in value.items():
            if isinstance(heads, str) or not isinstance(heads, Sequence):
                raise t.TraitError(f"own[{name!r}] is {heads!r}; expected a list of heads")
        return {name: list(heads) for name, heads in value.items()}

    def _check(self) -> None:
        self._ground.check(self._tagged("input"))

    def _on_ground(self) -> None:
        self._follow(_given=self._ground.given())

    def _on_motifs(self) -> None:
        self._follow()

    def _steps(self) -> Iterator[float]:
        once = self._once
        compared = yield from self._ground.compare(self._tagged("input"), once)
        given = (compared, self.own, self.labels)
        classes = once("classes", given, lambda: classes_of(*given))
        judged = None if self.labels is None else compared.quality
        quality = once("quality", (compared, self.labels), lambda: judged and judged(self.labels))
        yield 0.7
        place = (self.method, self.n_components, self.point)
        points = once("points", (compared, *place), lambda: compared.place(*place))
        yield 0.8
        seen = (self.point, self.exclude_first)
        measured = (compared.measured_on, compared.prompts, MOTIFS.version, *seen)
        scores = once("scores", measured, lambda: compared.scores(*seen))
        clusters = once("clusters", (compared, self.n_clusters), lambda: compared.clusters(self.n_clusters))
        parts = (compared, classes, clusters, scores)
        plain = once("table", parts, lambda: table_of(*parts))
        table = once("columns", (plain, self.columns), lambda: with_columns(plain, self.columns, compared))
        with self.hold_trait_notifications():
            self._output(_compared=compared, features=compared.features, distances=compared.distances)
            self._output(quality=quality, classes=classes, points=points, table=table)
            self.set_trait("version", self.version + 1)


def _ground_of(sources: Any) -> Ground:
    if is_atlas(sources):
        return AtlasGround(sources)
    given: Sequence[Any] = sources if isinstance(sources, (list, tuple)) else [sources]
    if not given:
        raise TypeError("sources is empty; expected a list of AttentionRun or Trace, or an Atlas")
    return TracesGround(given)
