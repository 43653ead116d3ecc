"""AttentionHeatmap: one head's pattern, in the browser."""

from __future__ import annotations

from typing import Any

import traitlets as t

from attn_widgets.bundles import bundle
from attn_widgets.compute.attention_run import AttentionRun
from attn_widgets.trace import Trace
from attn_widgets.widgets.pattern_widget import PatternWidget, Run, check_motif
from attn_widgets.widgets.wire.pattern import encode_matrix

_KINDS = ("pattern", "score", "value_weighted")
_PAGE_BYTES = 300_000_000
# what a run must keep so that a kind can be shown
_NEEDS = {"score": "scores", "value_weighted": "value_norms"}


class AttentionHeatmap(PatternWidget):
    """The attention pattern of any head, with its tokens, as an interactive picture.

    Parameters
    ----------
    source : AttentionRun, FrozenRun or Trace
        With a run the prompt can be edited, in Python (`run.prompt = ...`) or in the widget. A `FrozenRun` shows the
        held patterns while it is frozen, else the live ones.
    layer, head : int, optional
        The head to start with; default L0H0.
    query, key : int or None, optional
        The locked positions to start with.
    kind : {"pattern", "score", "value_weighted"}, optional
        What to show; see `Trace.head`. A run is run again when it has not kept scores or value norms.
    scale : {"linear", "log", "row_max", "exclude_first"}, optional
        How values become colours: as they are; logarithmic from 1e-4; each row by its own maximum; or
        without the first token, which is often a sink that swamps everything else.
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
    kind, scale, palette, strip, overlays
        As the parameters; read, set, observe and link them.
    """

    _esm = bundle("heatmap.js")
    _css = bundle("heatmap.css")

    kind = t.Enum(_KINDS, "pattern").tag(sync=True)
    scale = t.Enum(("linear", "log", "row_max", "exclude_first"), "linear").tag(sync=True)
    strip = t.Enum(("attends_to", "attended_by"), "attends_to").tag(sync=True)

    overlays = t.List(t.Unicode()).tag(sync=True)

    pattern = t.Dict(read_only=True).tag(sync=True)
    # the pattern that the browser drew from its own memory: it need not be sent again
    shown = t.Unicode("").tag(sync=True, echo_update=False)

    def __init__(self, source: Run | Trace, **traits: Any) -> None:
        super().__init__(source, **traits)
        if self.kind not in self._kinds_here():
            self._keep_more({"new": self.kind})

    def page_state(self) -> dict[str, Any]:
        trace = self.trace
        kinds = self._kinds_on_page()
        cells = trace.patterns.size * len(kinds) * (0.5 if trace.causal else 1)
        if cells * 2 > _PAGE_BYTES:
            raise ValueError(
                f"path would hold {cells * 2 / 1e6:.0f} MB of patterns, more than a browser opens well "
                f"({_PAGE_BYTES / 1e6:.0f} MB); export a shorter prompt, or a Trace of fewer layers"
            )
        archive = [
            self._encode(kind, layer, head)
            for kind in kinds
            for layer in range(trace.n_layers)
            for head in range(trace.n_heads)
        ]
        own = {name: getattr(self, name) for name in ("kind", "scale", "strip", "overlays")}
        state = super().page_state() | own | {"shown": "", "archive": archive}
        state["trace_info"] = self.trace_info | {"kinds": kinds}
        state["pattern"] = self._encode(self.kind, self.layer, self.head)
        return state

    @t.validate("overlays")
    def _known_motifs(self, proposal: Any) -> list[str]:
        return [check_motif(name, "overlays", "auto") for name in proposal["value"]]

    @t.validate("kind")
    def _can_be_had(self, proposal: Any) -> str:
        kind: str = proposal["value"]
        if not isinstance(self._run, AttentionRun) and kind not in self._kinds_here():
            raise t.TraitError(
                f"kind is {kind!r}, which this trace did not keep; capture it with {_NEEDS[kind]}=True, or show "
                "an AttentionRun, which runs again when asked"
            )
        return kind

    @t.observe("kind")
    def _keep_more(self, change: Any) -> None:
        run, need = self._run, _NEEDS.get(change["new"])
        if not isinstance(run, AttentionRun) or need is None or getattr(run, need):
            return
        try:
            setattr(run, need, True)
        except Exception:
            if not run.error:
                raise
            # the model has no such thing: go back to what it has, the reason stays under the widget
            run.set_trait(need, False)
            self.kind = "pattern"

    @t.observe("layer", "head", "kind", "shown")
    def _send_arrays(self, change: Any = None) -> None:
        # before the first trace is shown, or while a run fetches scores, there is nothing to send yet
        if not self.trace_info or self.kind not in self._kinds_here():
            return
        wanted = {"trace_id": self.trace_id, "kind": self.kind, "layer": self.layer, "head": self.head}
        if self.pattern.items() >= wanted.items() or self.shown == "/".join(map(str, wanted.values())):
            return
        self.set_trait("pattern", self._encode(self.kind, self.layer, self.head))

    def _describe(self, trace: Trace) -> dict[str, Any]:
        about = super()._describe(trace)
        return about | {"kinds": list(_KINDS if isinstance(self._run, AttentionRun) else self._kinds_here())}

    def _kinds_here(self) -> tuple[str, ...]:
        """What can be sent now."""
        return self.trace.kinds

    def _kinds_on_page(self) -> list[str]:
        """What an exported page holds of every head."""
        return ["pattern", *([self.kind] if self.kind != "pattern" else [])]

    def _encode(self, kind: str, layer: int, head: int) -> dict[str, Any]:
        trace = self.trace
        matrix = encode_matrix(trace.head((layer, head), kind), causal=trace.causal, masked=kind == "score")
        return matrix | {"trace_id": self.trace_id, "kind": kind, "layer": layer, "head": head}
