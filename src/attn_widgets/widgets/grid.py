"""HeadGrid: all heads of a model as small pictures, in the browser."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from attn_widgets.bundles import bundle
from attn_widgets.compute.background import THUMBS, Task, begin
from attn_widgets.compute.latest import running_loop
from attn_widgets.compute.source import Source, as_source
from attn_widgets.names import head_name
from attn_widgets.tiles import thumbs_in_steps
from attn_widgets.tiles.store import STORE
from attn_widgets.trace import Trace
from attn_widgets.widgets.first_token import with_scale
from attn_widgets.widgets.stills.words import length_of, of_model
from attn_widgets.widgets.trace_widget import check_motif
from attn_widgets.widgets.unit_widget import UnitWidget
from attn_widgets.widgets.widget import sendable
from attn_widgets.widgets.wire.pattern import atlas_codes, atlas_side, encode_atlas, thumb_codes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# cells of all heads whose thumbnails are made in a moment
_AT_ONCE = 20_000_000
# how often more thumbnails are sent while they are made, in seconds
_OFTEN = 1.0
_SCALES = ("linear", "log", "exclude_first")


class HeadGrid(UnitWidget):
    """Every head's pattern as a thumbnail, layers by heads; click or use the arrow keys to select one.

    Parameters
    ----------
    source : AttentionRun, FrozenRun or Trace
        With a run the prompt can be edited, in Python (`run.prompt = ...`) or in the widget.
    layer, head : int, optional
        The head to start with; default L0H0.
    unit : {"token", "word"}, optional
        Whether attention is shown between tokens or between words; see `AttentionHeatmap`.
    scale : {"linear", "log", "exclude_first"}, optional
        As for `AttentionHeatmap`.
    palette : {"blues", "viridis", "cividis", "magma", "greys"}, optional
        As for `AttentionHeatmap`.
    cell_size : int, optional
        Size of a thumbnail in CSS pixels; 0, the default, fits the page.
    layers : {"auto", "down", "across"}, optional
        Which way the layers run; "auto", the default: where the thumbnails become larger, so that many layers of few
        heads lie side by side on a wide page.
    motif : str, optional
        `"dominant"` colours each head by the motif it is named by: of those that have at least 0.35 of its attention
        and 0.5 bits, and half the bits of the one with the most, the one with the highest lift (see
        `MotifScores.dominant`). A name of `attn_widgets.MOTIFS` writes that score into each thumbnail; `""`, the
        default, neither.
    sort_by : str, optional
        A name of `attn_widgets.MOTIFS` sorts the heads by that score, highest first; `""`, the default,
        leaves them in their layers.
    min_score : float, optional
        Dims heads (or, when sorted, leaves them out) whose score of the chosen motif is lower, in [0, 1].

    Raises
    ------
    TypeError
        If `source` is neither a run nor a trace.
    traitlets.TraitError
        If a layer, head or position is not in the trace.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> run = aw.AttentionRun("toy-induction", "The cat sat on the mat. The cat sat on the")
    >>> grid, heatmap = aw.HeadGrid(run), aw.AttentionHeatmap(run)
    >>> link = aw.link(grid, heatmap)

    Attributes
    ----------
    layer, head, query, key, prompt, busy, progress, error
        As for every widget over a trace.
    unit, scale, palette, cell_size, layers, motif, sort_by, min_score
        As the parameters; read, set, observe and link them.
    """

    _bundle = "grid"
    _esm = bundle("grid.js")
    _css = bundle("grid.css")

    scale = t.Enum(_SCALES, "linear").tag(sync=True)
    cell_size = t.Int(0).tag(sync=True)
    layers = t.Enum(("auto", "down", "across"), "auto").tag(sync=True)
    motif = t.Unicode("").tag(sync=True)
    sort_by = t.Unicode("").tag(sync=True)
    min_score = t.Float(0.0, min=0.0, max=1.0).tag(sync=True)
    scales = t.List(t.Unicode(), list(_SCALES), read_only=True).tag(sync=True)
    atlas = t.Dict(read_only=True).tag(sync=True)

    # the thumbnails that are being made, and how many of them are
    _streaming: Task | None = None
    _share = 0.0

    def __init__(self, source: Source | Trace, **traits: Any) -> None:
        super().__init__(source, **with_scale(traits, as_source(source).trace))

    @t.validate("cell_size")
    def _reasonable(self, proposal: Any) -> int:
        size = int(proposal["value"])
        if size and not 8 <= size <= 400:
            raise t.TraitError(f"cell_size is {size}; expected 8 to 400 CSS pixels, or 0 to fit")
        return size

    def page_state(self) -> dict[str, Any]:
        # without Python there is only the atlas that was written
        scales = ["exclude_first"] if self.scale == "exclude_first" else ["linear", "log"]
        return super().page_state() | {"scales": scales, "atlas": self._atlas_of(self.trace)}

    @t.validate("motif", "sort_by")
    def _known_motif(self, proposal: Any) -> str:
        name, value = proposal["trait"].name, proposal["value"]
        return check_motif(value, name, "", *(["dominant"] if name == "motif" else []))

    @t.observe("scale")
    def _send_arrays(self, change: Any = None) -> None:
        if not self.trace_info:
            return
        wanted = (self.trace_id, self._pooled)
        if (self.atlas.get("trace_id"), self.atlas.get("scale")) == wanted:
            # there, or on its way
            return
        if self._streaming is not None:
            self._streaming.stop()
        if self._atlas_soon(self.trace) or running_loop() is None:
            self.set_trait("atlas", self._atlas_of(self.trace))
        else:
            self._stream(self.trace)
        self._show_work()

    def _stream(self, trace: Trace) -> None:
        """Send thumbnails as they are made, the layers next to the current one first."""
        side, named = self._side(trace), {"trace_id": self._name_of(trace), "scale": self._pooled}
        done = np.zeros((trace.n_layers, trace.n_heads), dtype=bool)
        codes = np.zeros((*done.shape, min(side, trace.n_queries), min(side, trace.n_keys)), dtype=np.uint8)
        sent_at = monotonic()

        def send() -> None:
            nonlocal sent_at
            sent_at = monotonic()
            self.set_trait("atlas", encode_atlas(codes, causal=trace.causal, done=done) | named)

        def take(made: Any) -> None:
            for head, thumb in made:
                codes[head], done[head] = thumb_codes(thumb), True
            self._share = float(done.mean())
            self._show_work()
            # the first at once, others now and then: each time all is sent that is there
            if done.sum() == len(made) or monotonic() > sent_at + _OFTEN:
                send()

        def end(made: Any, error: Exception | None) -> None:
            if error is None:
                STORE.put(("thumbs", side, *named.values()), codes)
                send()
            else:
                self._refused = sendable(str(error) or type(error).__name__)
            self._mirror()

        self._share = 0.0
        send()
        work = thumbs_in_steps(trace, side, self._pooled, lambda: self.layer)
        self._streaming = begin(work, on_step=take, on_end=end, rank=THUMBS)

    def _working(self) -> tuple[bool, float]:
        streaming = self._streaming is not None and not self._streaming.ended
        return (True, self._share) if streaming and not self.source.busy else super()._working()

    def close(self) -> None:
        """Let go of the run, close every view, and make no more thumbnails for them."""
        if self._streaming is not None:
            self._streaming.stop()
        super().close()

    @t.observe("motif", "sort_by")
    def _motifs_are_shown(self, change: Any) -> None:
        if self.trace_info:
            self._measure()

    def _heads_on_show(self) -> list[tuple[int, int]] | None:
        """All where motifs colour or sort them, the nearest layers first."""
        if not self.motif and not self.sort_by:
            return []
        layers = sorted(range(self.trace.n_layers), key=lambda layer: abs(layer - self.layer))
        return [(layer, head) for layer in layers for head in range(self.trace.n_heads)]

    def _says(self) -> str:
        trace, of = self.trace, of_model(type(self).__name__, self.trace.model_name)
        heads = f"{trace.n_layers} layers x {trace.n_heads} heads"
        return f"{of}, {heads}, {length_of(trace)}; {head_name(self.layer, self.head)} selected"

    def _draw(self) -> tuple[bytes, int, int]:
        # brings Pillow
        from attn_widgets.widgets.stills.grid import draw

        return draw(self)

    def _figure(self) -> Figure:
        # brings matplotlib
        from attn_widgets.widgets.stills.figures import grid_figure

        return grid_figure(self)

    @property
    def _pooled(self) -> str:
        # linear and log are two colourings of one atlas
        return "exclude_first" if self.scale == "exclude_first" else "linear"

    def _side(self, trace: Trace, *, small: bool = False) -> int:
        return atlas_side(trace.n_layers * trace.n_heads, small=small)

    def _atlas_soon(self, trace: Trace) -> bool:
        """Whether all thumbnails are there, or made in a moment."""
        named = ("thumbs", self._side(trace), self._name_of(trace), self._pooled)
        return named in STORE or int(np.prod(trace.shape, dtype=np.int64)) <= _AT_ONCE

    def _atlas_of(self, trace: Trace, *, small: bool = False) -> dict[str, Any]:
        """All thumbnails, made now if they must be."""
        side, excluded = self._side(trace, small=small), self._pooled == "exclude_first"
        named = {"trace_id": self._name_of(trace), "scale": self._pooled}
        codes = STORE.get(("thumbs", side, *named.values()))
        if codes is None and int(np.prod(trace.shape, dtype=np.int64)) <= _AT_ONCE:
            codes = atlas_codes(trace, side, exclude_first=excluded)
        elif codes is None:
            codes = np.zeros((*trace.shape[:2], min(side, trace.n_queries), min(side, trace.n_keys)), dtype=np.uint8)
            for made in thumbs_in_steps(trace, side, self._pooled, lambda: 0):
                for head, thumb in made:
                    codes[head] = thumb_codes(thumb)
            STORE.put(("thumbs", side, *named.values()), codes)
        return encode_atlas(codes, causal=trace.causal) | named

    def _traits_of(self, trace: Trace) -> dict[str, Any]:
        return super()._traits_of(trace) | {"atlas": self._atlas_of(trace, small=True)}
