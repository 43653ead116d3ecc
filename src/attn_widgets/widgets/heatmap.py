"""AttentionHeatmap: one head's pattern, in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from attn_widgets.bundles import bundle
from attn_widgets.compute.source import NEEDS, Source, as_source
from attn_widgets.tiles import Matrix, block_for, matrix_of
from attn_widgets.trace import Trace
from attn_widgets.widgets.first_token import with_scale
from attn_widgets.widgets.pattern_widget import PatternWidget
from attn_widgets.widgets.stills.words import head_words
from attn_widgets.widgets.unit_widget import UnitWidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class AttentionHeatmap(UnitWidget, PatternWidget):
    """The attention pattern of any head, with its tokens, as an interactive picture.

    Parameters
    ----------
    source : AttentionRun, FrozenRun or Trace
        With a run the prompt can be edited, in Python (`run.prompt = ...`) or in the widget. A `FrozenRun` shows the
        held patterns while it is frozen, else the live ones.
    layer, head : int, optional
        The head to start with; default L0H0.
    query, key : int or None, optional
        The locked positions to start with, counted in `unit`.
    unit : {"token", "word"}, optional
        Whether attention is shown between tokens or between words, which are the same for every tokenizer; see
        `Trace.words`. Words have patterns only.
    kind : {"pattern", "score", "value_weighted"}, optional
        What to show; see `Trace.head`. A run is run again when it has not kept scores or value norms.
    scale : {"linear", "log", "row_max", "exclude_first"}, optional
        How values become colours: as they are; logarithmic from 1e-4; each row by its own maximum; or
        without the first token, which is often a sink that swamps everything else. Default: without it where it has
        more than half of the attention in this model and the prompt is not too long to be shown whole, else linear.
    palette : {"blues", "viridis", "cividis", "magma", "greys"}, optional
        All are safe for colour-blind readers; "blues" follows the notebook's light or dark theme.
    strip : {"attends_to", "attended_by"}, optional
        Whether the token strip shows where the locked or hovered token attends, or from where it is attended.
    overlays : list of str, optional
        Motifs to outline over the pattern: names of `attn_widgets.MOTIFS`, or `"auto"` for those that the
        head really has (`MotifScores.present`). They can be switched in the legend too.

    Raises
    ------
    TypeError
        If `source` is neither a run nor a trace.
    traitlets.TraitError
        If a layer, head or position is not in the trace, or a trace did not keep what `kind` needs.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> run = aw.AttentionRun("toy-induction", "The cat sat on the mat. The cat sat on the")
    >>> heatmap = aw.AttentionHeatmap(run, layer=1)
    >>> heatmap.head = 3

    Attributes
    ----------
    layer, head, query, key, prompt, busy, progress, error
        As for every widget over a trace.
    unit : {"token", "word"}
        As the parameter. When it is switched, here or in the browser, the head stays, and `query` and `key` become the
        words that hold the locked tokens; and back, the tokens that were locked before where the words on show still
        hold them, else the words' first. A `kind` that words do not have becomes "pattern" meanwhile.
    kind, scale, palette, strip, overlays
        As the parameters; read, set, observe and link them.
    """

    _bundle = "heatmap"
    _esm = bundle("heatmap.js")
    _css = bundle("heatmap.css")

    kind = t.Enum(tuple(NEEDS), "pattern").tag(sync=True)

    # what was on show between tokens
    _kind_of_tokens = "pattern"

    def __init__(self, source: Source | Trace, **traits: Any) -> None:
        super().__init__(source, **with_scale(traits, as_source(source).trace))

    @t.validate("kind")
    def _can_be_had(self, proposal: Any) -> str:
        kind: str = proposal["value"]
        if self.unit == "word" and kind != "pattern":
            raise t.TraitError(
                f'kind is "{kind}", which there is between tokens only: softmax and value vectors are of tokens. '
                'Set unit = "token" first'
            )
        if kind not in self.source.kinds:
            try:
                self.source.keep(kind)
            except ValueError as error:
                raise t.TraitError(str(error)) from error
        return kind

    @t.observe("kind")
    def _keep_more(self, change: Any) -> None:
        try:
            self.source.keep(change["new"])
        except Exception:
            # the model has no such thing: back to what it has
            self.kind = "pattern"
            raise

    def _mirror(self) -> None:
        super()._mirror()
        if not self.source.busy and self.kind not in self._kinds_here():
            # it could not be had after all; the reason stands under the widget
            self.kind = "pattern"

    def _switched(self) -> None:
        if self.unit == "word":
            self._kind_of_tokens = self.kind
            self.kind = "pattern"
        elif self._kind_of_tokens in self.source.trace.kinds:
            self.kind = self._kind_of_tokens

    def _describe(self, trace: Trace) -> dict[str, Any]:
        kinds = self.source.kinds if trace.unit == "token" else trace.kinds
        return super()._describe(trace) | {"kinds": list(kinds)}

    @property
    def _archived(self) -> Trace:
        """Of tokens: a page adds them up to words itself, which takes half the room of both; not of long prompts."""
        trace = self.source.trace
        return trace if block_for((trace.n_queries, trace.n_keys)) == 1 else self.trace

    def _traits_of(self, trace: Trace) -> dict[str, Any]:
        traits = super()._traits_of(trace)
        kinds = self._kinds_on_page() if trace.unit == "token" else ["pattern"]
        about = {"trace_info": traits["trace_info"] | {"kinds": kinds}}
        return traits | about | ({} if trace.unit == "token" else {"kind": "pattern"})

    def _says(self) -> str:
        return head_words(type(self).__name__, self.trace, self.layer, self.head)

    def _draw(self) -> tuple[bytes, int, int]:
        # brings Pillow
        from attn_widgets.widgets.stills.heatmap import draw

        return draw(self)

    def _figure(self) -> Figure:
        # brings matplotlib
        from attn_widgets.widgets.stills.figures import heatmap_figure

        return heatmap_figure(self)

    def _matrix(self, trace: Trace, kind: str, head: tuple[int, int]) -> Matrix:
        return matrix_of(trace, head, kind)

    def _kinds_here(self) -> tuple[str, ...]:
        return self.trace.kinds

    def _kinds_on_page(self) -> list[str]:
        return ["pattern", *([self.kind] if self.kind != "pattern" else [])]
