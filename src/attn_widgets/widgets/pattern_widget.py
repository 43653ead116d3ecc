"""PatternWidget: what the widgets share that show one head's matrix: which one is sent, how it is drawn, overlays."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets as t

from attn_widgets.tiles import SHOWN_AS, Matrix, block_for
from attn_widgets.trace import Trace
from attn_widgets.widgets.pictures import Pictures, picture_wire
from attn_widgets.widgets.trace_widget import TraceWidget, check_motif
from attn_widgets.widgets.widget import sendable
from attn_widgets.widgets.wire.tiles import Of

_PAGE_BYTES = 300_000_000


class PatternWidget(TraceWidget):
    """Base of `AttentionHeatmap` and `FreezePanel`.

    Attributes
    ----------
    kind : str
        Which of the head's matrices is on show.
    scale, strip, overlays
        As for `AttentionHeatmap`.
    """

    kind: t.TraitType[Any, Any] = t.Unicode("").tag(sync=True)
    scale = t.Enum(("linear", "log", "row_max", "exclude_first"), "linear").tag(sync=True)
    strip = t.Enum(("attends_to", "attended_by"), "attends_to").tag(sync=True)
    overlays = t.List(t.Unicode()).tag(sync=True)

    pattern = t.Dict(read_only=True).tag(sync=True)

    # the pattern that the browser drew from its own memory: it need not be sent again
    shown = t.Unicode("").tag(sync=True, echo_update=False, page="")

    # share done of the overview that is being made
    _share = 0.0

    def __init__(self, source: Any, **traits: Any) -> None:
        self._pictures = Pictures(self._named, lambda message: self.send(*message))
        super().__init__(source, **traits)
        self.on_msg(self._asked)

    def page_state(self) -> dict[str, Any]:
        trace, kinds = self._archived, self._kinds_on_page()
        cells = int(np.prod(trace.shape, dtype=np.int64)) * len(kinds) * (0.5 if trace.causal else 1)
        if cells * 2 > _PAGE_BYTES:
            raise ValueError(
                f"path would hold {cells * 2 / 1e6:.0f} MB of patterns, more than a browser opens well "
                f"({_PAGE_BYTES / 1e6:.0f} MB); export a shorter prompt, or a Trace of fewer layers"
            )
        archive = [
            self._encode(trace, Of(self._name_of(trace), kind, layer, head))
            for kind in kinds
            for layer in range(trace.n_layers)
            for head in range(trace.n_heads)
        ]
        about = self.trace_info | {"kinds": kinds}
        pattern = self._encode(self.trace, self._on_show())
        return super().page_state() | {"trace_info": about, "pattern": pattern, "archive": archive}

    def close(self) -> None:
        """Let go of the run, close every view, and end what is being made for them."""
        if self._source is not None:
            self._pictures.close()
        super().close()

    @property
    def _archived(self) -> Trace:
        """The trace whose patterns an exported page holds."""
        return self.trace

    def _matrix(self, trace: Trace, kind: str, head: tuple[int, int]) -> Matrix:
        """One of a head's matrices."""
        raise NotImplementedError

    def _kinds_here(self) -> tuple[str, ...]:
        """What can be sent now."""
        raise NotImplementedError

    def _kinds_on_page(self) -> list[str]:
        """What an exported page holds of every head."""
        raise NotImplementedError

    @t.validate("overlays")
    def _known_motifs(self, proposal: Any) -> list[str]:
        return [check_motif(name, "overlays", "auto") for name in proposal["value"]]

    @t.observe("layer", "head", "kind", "scale", "shown")
    def _send_arrays(self, change: Any = None) -> None:
        # before the first trace is shown, or while a run fetches scores, there is nothing to send yet
        if not self.trace_info or self.kind not in self._kinds_here():
            return
        of = self._on_show()
        if self.pattern.items() >= of._asdict().items() or self.shown == of.name:
            self._pictures.give_up()
        elif self._pictures.ready(of):
            self._pictures.give_up()
            self.set_trait("pattern", self._encode(self.trace, of))
        else:
            self._pictures.make(of, self._advance, self._made)
        self._show_work()
        if change is not None and change["name"] in ("layer", "head") and not self._waiting():
            self._measure()

    def _on_show(self) -> Of:
        """The matrix that the browser should have now."""
        trace = self.trace
        matrix = self._matrix(trace, self.kind, (self.layer, self.head))
        pooled = block_for(matrix.shape) > 1 and matrix.attention and self.scale in SHOWN_AS
        return Of(self._name_of(trace), self.kind, self.layer, self.head, self.scale if pooled else "linear")

    def _encode(self, trace: Trace, of: Of) -> dict[str, Any]:
        """A matrix as the browser needs it: every cell, or where there are too many its overview."""
        return picture_wire(of, self._matrix(trace, of.kind, (of.layer, of.head)))

    def _advance(self, share: float) -> None:
        """So much of an overview is made."""
        self._share = share
        self._show_work()

    def _made(self, made: Any, error: Exception | None) -> None:
        """An overview is made, or could not be."""
        self._pictures.give_up()
        if error is not None:
            self._refused = sendable(str(error) or type(error).__name__)
        else:
            self._send_arrays()
        self._mirror()
        self._measure()

    def _waiting(self) -> bool:
        return self._pictures.making is not None

    def _heads_on_show(self) -> list[tuple[int, int]]:
        return [(self.layer, self.head)]

    def _heads_on_page(self) -> list[tuple[int, int]] | None:
        return None

    def _working(self) -> tuple[bool, float]:
        making = self._pictures.making is not None
        return (making, self._share) if making and not self.source.busy else super()._working()

    def _asked(self, widget: Any, content: Any, buffers: Any) -> None:
        """Answer what the browser asks for."""
        self._pictures.answer(content)

    def _named(self, of: Of) -> Matrix:
        """The matrix that the browser means."""
        trace = self.trace
        if of.trace_id != self._name_of(trace):
            raise ValueError(f"trace_id is {of.trace_id!r}, which is no longer on show")
        if of.kind not in self._kinds_here() or not (0 <= of.layer < trace.n_layers and 0 <= of.head < trace.n_heads):
            raise ValueError(f"there is no {of.kind} of L{of.layer}H{of.head}")
        matrix = self._matrix(trace, of.kind, (of.layer, of.head))
        if of.shown_as != "linear" and not matrix.attention:
            raise ValueError(f"a {of.kind} is not shown as {of.shown_as}")
        return matrix
