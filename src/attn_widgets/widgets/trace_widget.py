"""TraceWidget: what every widget over a trace shares: its source, the selection, the prompt, the motifs."""

from __future__ import annotations

from typing import Any

import traitlets as t

from attn_widgets.compute.source import FixedTrace, Source, as_source
from attn_widgets.motifs.registry import MOTIFS, unknown
from attn_widgets.trace import Trace
from attn_widgets.widgets.widget import Widget, sendable
from attn_widgets.widgets.wire.motifs import motif_wire
from attn_widgets.widgets.wire.names import trace_name

_OBSERVED = ("busy", "progress", "error", "prompt", "trace")


class TraceWidget(Widget):
    """Base of the widgets over one `AttentionRun`, `FrozenRun` or `Trace`.

    Attributes
    ----------
    layer, head : int
        The selected head; read, set, observe and link them.
    query, key : int or None
        The locked query and key position; None when nothing is locked.
    prompt : str
        The prompt of the run; assigning it, here or in the browser, runs the model.
    busy, progress, error
        Those of the run. An error shows under the widget, which keeps its last good picture.
    """

    # there before a source is refused, so that closing works
    _source: Source | None = None

    query = t.Int(None, allow_none=True).tag(sync=True)
    key = t.Int(None, allow_none=True).tag(sync=True)
    prompt = t.Unicode("").tag(sync=True)

    trace_info = t.Dict(read_only=True).tag(sync=True)
    motifs = t.Dict(read_only=True).tag(sync=True)

    def __init__(self, source: Source | Trace, **traits: Any) -> None:
        self._source = as_source(source)
        super().__init__(**traits)
        self.set_trait("editable", self.source.editable)
        self._mirror()
        self.source.observe(self._on_source, self._observed())
        MOTIFS.observe(self._on_motifs)
        self._show_trace()

    @property
    def source(self) -> Source:
        """What is shown: a run, or a fixed trace."""
        assert self._source is not None
        return self._source

    @property
    def run(self) -> Source | None:
        """The run on show; None for a widget over a fixed trace."""
        return None if isinstance(self._source, FixedTrace) else self._source

    @property
    def trace(self) -> Trace:
        """The trace on show."""
        return self.source.trace

    @property
    def trace_id(self) -> str:
        """Names the trace on the wire, so that neither side mixes up arrays of two traces."""
        return self._name_of(self.trace)

    def close(self) -> None:
        """Let go of the run and close every view."""
        if self._source is not None and self.comm is not None:
            self._source.unobserve(self._on_source, self._observed())
            MOTIFS.unobserve(self._on_motifs)
        super().close()

    @t.validate("layer", "head")
    def _exists(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, int(proposal["value"])
        n = self.trace.n_layers if name == "layer" else self.trace.n_heads
        if not 0 <= value < n:
            raise t.TraitError(f"{name} is {value}; this trace has {name}s 0 to {n - 1}")
        return value

    @t.validate("query", "key")
    def _position(self, proposal: Any) -> int | None:
        name, value = proposal["trait"].name, proposal["value"]
        n = self.trace.n_queries if name == "query" else self.trace.n_keys
        if value is not None and not 0 <= value < n:
            raise t.TraitError(f"{name} is {value}; expected a position from 0 to {n - 1}, or None")
        return value  # type: ignore[no-any-return]

    @t.observe("prompt")
    def _on_prompt(self, change: Any) -> None:
        if change["new"] != self.source.text:
            self._pass_on(lambda: self.source.edit(change["new"]))

    def _pass_on(self, assign: Any) -> None:
        """Assign to the source; what it refuses is refused here, too."""
        try:
            assign()
        except Exception:
            self._mirror()
            raise

    def _observed(self) -> tuple[str, ...]:
        """The traits of the source that are followed."""
        return _OBSERVED

    def _on_source(self, change: Any) -> None:
        self._heard(change)
        if change["name"] == "trace":
            self._show_trace()
        else:
            self._mirror()

    def _on_motifs(self, *_: Any) -> None:
        self.set_trait("motifs", self._motifs())

    def _mirror(self) -> None:
        """Show the source's state."""
        source = self.source
        with self.hold_sync():
            self._show_work()
            self._show_error()
            self.prompt = source.text

    def _show_work(self) -> None:
        busy, progress = self._working()
        self.set_trait("busy", busy)
        self.set_trait("progress", progress)

    def _working(self) -> tuple[bool, float]:
        """Whether something is on its way, and how much of it is done."""
        return self.source.busy, self.source.progress

    def _source_error(self) -> str:
        return self.source.error

    def _show_trace(self) -> None:
        """Send what is new about the trace, all at once."""
        trace = self.trace
        with self.hold_sync():
            # a new trace may be smaller than what was selected in the last one
            self.layer = min(self.layer, trace.n_layers - 1)
            self.head = min(self.head, trace.n_heads - 1)
            self.query = self.query if self.query is not None and self.query < trace.n_queries else None
            self.key = self.key if self.key is not None and self.key < trace.n_keys else None
            self.set_trait("trace_info", self._describe(trace))
            self.set_trait("motifs", self._motifs())
            self._send_arrays()

    def _motifs(self) -> dict[str, Any]:
        return self._motifs_of(self.trace)

    def _motifs_of(self, trace: Trace) -> dict[str, Any]:
        return motif_wire(trace) | {"trace_id": self._name_of(trace)}

    def _name_of(self, trace: Trace) -> str:
        """What the arrays of a trace on show are called on the wire."""
        return trace_name(trace)

    def _describe(self, trace: Trace) -> dict[str, Any]:
        same = trace.query_tokens == trace.tokens
        about = {
            "id": self._name_of(trace),
            "model_name": trace.model_name,
            "n_layers": trace.n_layers,
            "n_heads": trace.n_heads,
            "tokens": list(trace.tokens),
            "query_tokens": None if same else list(trace.query_tokens),
            "causal": trace.causal,
            "bos": 0 in trace.special,
            "kinds": list(trace.kinds),
            "unit": trace.unit,
            "units": [trace.unit],
            "generated_from": trace.generated_from,
        }
        # tokens of one's own may hold anything
        return dict(sendable(about))

    def _send_arrays(self, change: Any = None) -> None:
        """Put the arrays that the view needs now on the wire."""
        raise NotImplementedError


def check_motif(name: str, trait: str, *others: str) -> str:
    """Return the name of a motif or one of the other words a trait takes, or raise a TraitError with near misses."""
    if name in MOTIFS or name in others:
        return name
    raise t.TraitError(f"{trait}: {unknown(name, [*filter(None, others), *MOTIFS])}")
