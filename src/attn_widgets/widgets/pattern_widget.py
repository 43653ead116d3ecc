"""PatternWidget: what every widget over a trace shares: its source, the selection, the prompt, busy and error."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import anywidget
import traitlets as t

from attn_widgets.compute.attention_run import AttentionRun
from attn_widgets.compute.frozen_run import FrozenRun
from attn_widgets.export import write_page
from attn_widgets.motifs.registry import MOTIFS, unknown
from attn_widgets.trace import Trace
from attn_widgets.widgets.wire.motifs import motif_wire

Run = AttentionRun | FrozenRun

_numbers = count(1)
_trace_ids: WeakKeyDictionary[Trace, str] = WeakKeyDictionary()


class PatternWidget(anywidget.AnyWidget):
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
    _run: Run | None = None

    layer = t.Int(0).tag(sync=True)
    head = t.Int(0).tag(sync=True)
    query = t.Int(None, allow_none=True).tag(sync=True)
    key = t.Int(None, allow_none=True).tag(sync=True)
    palette = t.Enum(("blues", "viridis", "cividis", "magma", "greys"), "blues").tag(sync=True)
    prompt = t.Unicode("").tag(sync=True)
    # the groups that tie this widget to others in the browser; see `link`
    links = t.List(t.Unicode()).tag(sync=True)

    trace_info = t.Dict(read_only=True).tag(sync=True)
    motifs = t.Dict(read_only=True).tag(sync=True)
    editable = t.Bool(False, read_only=True).tag(sync=True)
    busy = t.Bool(False, read_only=True).tag(sync=True)
    progress = t.Float(0.0, read_only=True).tag(sync=True)
    error = t.Unicode("", read_only=True).tag(sync=True)

    def __init__(self, source: Run | Trace, **traits: Any) -> None:
        if isinstance(source, (AttentionRun, FrozenRun)):
            self._run = source
        elif isinstance(source, Trace):
            self._run = None
            self._trace: Trace = source
        else:
            raise TypeError(f"source is a {type(source).__name__}; expected an AttentionRun, a FrozenRun or a Trace")
        super().__init__(**traits)
        if self._run is not None:
            self.set_trait("editable", True)
            self._mirror()
            self._run.observe(self._on_run, ["busy", "progress", "error", "prompt", "trace"])
        self._show_trace()

    @property
    def trace(self) -> Trace:
        """The trace on show."""
        if self._run is None:
            return self._trace
        assert self._run.trace is not None
        return self._run.trace

    @property
    def run(self) -> Run | None:
        """The run on show; None for a widget over a fixed trace."""
        return self._run

    @property
    def trace_id(self) -> str:
        """Names the trace on the wire, so that neither side mixes up arrays of two traces."""
        return trace_name(self.trace)

    def close(self) -> None:
        """Let go of the run and close every view."""
        if self._run is not None and self.comm is not None:
            self._run.unobserve(self._on_run, ["busy", "progress", "error", "prompt", "trace"])
        super().close()

    def page_state(self) -> dict[str, Any]:
        """The traits that an exported page needs, complete without a kernel."""
        shared = ("layer", "head", "query", "key", "palette", "prompt", "trace_info", "motifs")
        alone = {"busy": False, "progress": 0.0, "error": "", "editable": False}
        return {name: getattr(self, name) for name in shared} | alone

    def to_html(self, path: str | Path, *, title: str | None = None) -> Path:
        """Write the widget as one offline HTML file: no kernel, no network; hover and selection stay alive.

        To put several linked widgets on one page use `attn_widgets.export.write_page`.

        Parameters
        ----------
        path : str or Path
            Written over if it exists.
        title : str, optional
            Default: the model's name.

        Returns
        -------
        Path
        """
        return write_page([self], path, title=title)

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
        run = self._run
        if run is None or change["new"] == _text(run):
            return
        try:
            run.prompt = change["new"]
        except Exception:
            # an error of the run is in `error`, under the widget; anything else is not ours to hide
            if not run.error:
                raise

    def _on_run(self, change: Any) -> None:
        if change["name"] == "trace":
            self._show_trace()
        else:
            self._mirror()

    def _mirror(self) -> None:
        run = self._run
        assert run is not None
        with self.hold_sync():
            self.set_trait("busy", run.busy)
            self.set_trait("progress", run.progress)
            self.set_trait("error", run.error)
            self.prompt = _text(run)

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
            self.set_trait("motifs", self._motifs(trace))
            self._send_arrays()

    def _motifs(self, trace: Trace) -> dict[str, Any]:
        return motif_wire(trace) | {"trace_id": self.trace_id}

    def _describe(self, trace: Trace) -> dict[str, Any]:
        same = trace.query_tokens == trace.tokens
        return {
            "id": self.trace_id,
            "model_name": trace.model_name,
            "n_layers": trace.n_layers,
            "n_heads": trace.n_heads,
            "tokens": list(trace.tokens),
            "query_tokens": None if same else list(trace.query_tokens),
            "causal": trace.causal,
            "bos": 0 in trace.special,
            "kinds": list(trace.kinds),
        }

    def _send_arrays(self) -> None:
        """Put the arrays that the view needs now on the wire."""
        raise NotImplementedError


def trace_name(trace: Trace) -> str:
    """What a trace is called on the wire, the same for every widget."""
    return _trace_ids.setdefault(trace, str(next(_numbers)))


def check_motif(name: str, trait: str, *others: str) -> str:
    """Return the name of a motif or one of the other words a trait takes, or raise a TraitError with near misses."""
    if name in MOTIFS or name in others:
        return name
    raise t.TraitError(f"{trait}: {unknown(name, [*filter(None, others), *MOTIFS])}")


def _text(run: Run) -> str:
    if isinstance(run, FrozenRun):
        return run.text
    return run.prompt if isinstance(run.prompt, str) else ""
