"""TraceWidget: what every widget over a trace shares: its source, the selection, the prompt, the motifs."""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import Any

import traitlets as t

from attn_widgets.compute.background import MOTIFS as RANK
from attn_widgets.compute.background import Task, begin
from attn_widgets.compute.latest import running_loop
from attn_widgets.compute.scored import Scored, scored
from attn_widgets.compute.source import FixedTrace, Source, as_source
from attn_widgets.motifs.registry import MOTIFS, unknown
from attn_widgets.trace import Trace
from attn_widgets.widgets.first_token import first_share
from attn_widgets.widgets.widget import Widget, sendable
from attn_widgets.widgets.wire.motifs import motif_wire
from attn_widgets.widgets.wire.names import trace_name

_OBSERVED = ("busy", "progress", "error", "prompt", "trace")


# how often more motifs are sent while they are measured, in seconds
_OFTEN = 1.0


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

    # the heads that are being measured, and when what is known was sent last
    _measuring: Task | None = None
    _sent_at = 0.0

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
    def page_title(self) -> str:
        """The model's name."""
        return self.trace.model_name

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
            if self._measuring is not None:
                self._measuring.stop()
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
        self._show_motifs()

    def _show_motifs(self) -> None:
        """Send what is known of the motifs, and measure what is missing of the heads on show."""
        known = scored(self._measured())
        if known.quick:
            known.measure()
        self._send_motifs()
        if not self._waiting():
            self._measure()

    def _measure(self) -> None:
        """Measure the heads on show, if they are not; in a kernel beside everything else."""
        known = scored(self._measured())
        wanted = known.missing(self._heads_on_show())
        in_kernel = running_loop() is not None
        others = known.soon and in_kernel
        if self._measuring is not None:
            self._measuring.stop()
        if wanted or (others and known.missing()):
            self._measuring = begin(
                _measuring(known, wanted, others), on_step=self._some_measured, on_end=self._measured_all, rank=RANK
            )

    def _some_measured(self, on_show: bool) -> None:
        # what was waited for at once, others now and then: each time all is sent that is known
        if on_show or monotonic() > self._sent_at + _OFTEN:
            self._send_motifs()

    def _measured_all(self, made: Any, error: Exception | None) -> None:
        if error is not None:
            self._refused = sendable(str(error) or type(error).__name__)
            self._show_error()
        self._send_motifs()

    def _send_motifs(self) -> None:
        self._sent_at = monotonic()
        trace = self._measured()
        self.set_trait("motifs", motif_wire(scored(trace)) | {"trace_id": self._name_of(trace)})

    def _measured(self) -> Trace:
        """The trace whose motifs are shown."""
        return self.trace

    def _heads_on_show(self) -> list[tuple[int, int]] | None:
        """The heads whose motifs are shown, the most urgent first; None for all."""
        raise NotImplementedError

    def _waiting(self) -> bool:
        """Whether something more urgent is on its way."""
        return False

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
            self._send_arrays()
            self._show_motifs()

    def _motifs_on_page(self, trace: Trace) -> dict[str, Any]:
        """What an exported page says of a trace's motifs: of all heads, or where that takes long of those it shows."""
        known = scored(trace)
        known.measure(None if known.soon else self._heads_on_page())
        return motif_wire(known) | {"trace_id": self._name_of(trace)}

    def _heads_on_page(self) -> list[tuple[int, int]] | None:
        """The heads whose motifs an exported page shows; None for all."""
        return self._heads_on_show()

    def page_state(self) -> dict[str, Any]:
        """The traits that a page needs, with the motifs of what it shows."""
        return super().page_state() | {"motifs": self._motifs_on_page(self._measured())}

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
            "first_share": first_share(self.source.trace),
        }
        # tokens of one's own may hold anything
        return dict(sendable(about))

    def _send_arrays(self, change: Any = None) -> None:
        """Put the arrays that the view needs now on the wire."""
        raise NotImplementedError


def _measuring(known: Scored, wanted: list[tuple[int, int]], others: bool) -> Generator[bool, None, None]:
    """Measure heads; yields whether what is on show is known now."""
    for share in known.measure_in_steps(wanted):
        yield share == 1
    if others:
        for _ in known.measure_in_steps():
            yield False


def check_motif(name: str, trait: str, *others: str) -> str:
    """Return the name of a motif or one of the other words a trait takes, or raise a TraitError with near misses."""
    if name in MOTIFS or name in others:
        return name
    raise t.TraitError(f"{trait}: {unknown(name, [*filter(None, others), *MOTIFS])}")
