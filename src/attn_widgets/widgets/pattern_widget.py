"""PatternWidget: what the widgets share that show one head's matrix: which one is sent, how it is drawn, overlays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import traitlets as t

from attn_widgets.bundles import bundle
from attn_widgets.export import write_page
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.names import head_name
from attn_widgets.tiles import SHOWN_AS, Matrix, block_for
from attn_widgets.trace import Trace
from attn_widgets.widgets.page import Chosen, archive, archive_size
from attn_widgets.widgets.pictures import Pictures, picture_wire
from attn_widgets.widgets.trace_widget import TraceWidget, check_motif
from attn_widgets.widgets.widget import sendable
from attn_widgets.widgets.wire.tiles import Of

_PAGE_BYTES = 400_000_000
_SCALES = ("linear", "log", "row_max", "exclude_first")


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
    scale = t.Enum(_SCALES, "linear").tag(sync=True)
    strip = t.Enum(("attends_to", "attended_by"), "attends_to").tag(sync=True)
    overlays = t.List(t.Unicode()).tag(sync=True)

    pattern = t.Dict(read_only=True).tag(sync=True)

    # the pattern that the browser drew from its own memory: it need not be sent again
    shown = t.Unicode("").tag(sync=True, echo_update=False, page="")

    # what the page that is being written holds
    _page = Chosen()

    # share done of the overview that is being made
    _share = 0.0

    def __init__(self, source: Any, **traits: Any) -> None:
        self._pictures = Pictures(self._named, lambda message: self.send(*message))
        super().__init__(source, **traits)
        self.on_msg(self._asked)

    def to_html(
        self,
        path: str | Path,
        *,
        title: str | None = None,
        heads: Sequence[str | tuple[int, int]] | None = None,
        detail: str | int = "overview",
        rows: Sequence[int] | None = None,
    ) -> Path:
        """Write the widget as one offline HTML file: no kernel, no network; hover and selection stay alive.

        `page_size` says beforehand how large it will be. To put several linked widgets on one page use
        `attn_widgets.export.write_page`.

        Parameters
        ----------
        path : str or Path
            Written over if it exists.
        title : str, optional
            Default: the model's name.
        heads : list of str or (int, int), optional
            The heads that the page holds; default all.
        detail : {"overview", "exact"} or int
            What it holds of prompts that are too long to be shown whole: an overview of at most 1,024 cells a side,
            each the largest of a block; or all down to every cell; or down to blocks of so many cells a side, a power
            of two. Of short prompts every cell is there.
        rows : list of int, optional
            Queries whose rows are there exactly, whatever the detail; default the one that is locked.

        Returns
        -------
        Path

        Raises
        ------
        ValueError
            If there is no such head, row or detail, or the page would be larger than a browser opens well.
        """
        return write_page([self], path, title=title, heads=heads, detail=detail, rows=rows)

    def page_size(
        self,
        heads: Sequence[str | tuple[int, int]] | None = None,
        detail: str | int = "overview",
        rows: Sequence[int] | None = None,
    ) -> int:
        """About how many bytes the file has that `to_html` writes with the same choices.

        Parameters
        ----------
        heads, detail, rows
            As for `to_html`.

        Returns
        -------
        int
        """
        trace = self._archived
        chosen = Chosen.of(trace, heads, detail, rows)
        files = [f"{name}.{kind}" for name in (self._bundle, "standalone") for kind in ("js", "css")]
        code = sum(len(bundle(name)) for name in files if name != "standalone.css")
        # a trait for each motif, head and unit, some words, and the tokens, which motifs refer to
        of_heads = trace.n_layers * trace.n_heads * len(MOTIFS) * 2 * 22
        of_tokens = sum(len(token) + 16 for token in trace.tokens) + 20 * len(MOTIFS) * 30
        return code + of_heads + of_tokens + archive_size(self._on_page(chosen), chosen, self.query)

    def page_state(self) -> dict[str, Any]:
        trace, chosen = self._archived, self._page
        shown = self._on_page(chosen)
        size = archive_size(shown, chosen, self.query)
        if size > _PAGE_BYTES:
            raise ValueError(
                f"path would hold {size / 1e6:.0f} MB of patterns, more than a browser opens well "
                f"({_PAGE_BYTES / 1e6:.0f} MB); choose fewer heads, heads=[{head_name(self.layer, self.head)!r}]"
                + ("" if chosen.detail == "overview" else ', or detail="overview"')
                + "; page_size() says how large a page will be"
            )
        heads = chosen.heads_of(trace)
        layer, head = (self.layer, self.head) if (self.layer, self.head) in heads else heads[0]
        about = self.trace_info | {"kinds": self._kinds_on_page()}
        on_show = self._on_show()._replace(layer=layer, head=head)
        state = super().page_state() | archive(shown, chosen, self.query)
        if chosen.heads is not None:
            about["heads"] = [list(one) for one in heads]
        if self._long:
            about["scales"] = [scale for scale in _SCALES if scale in ("linear", "log", self.scale)]
        return state | {
            "layer": layer,
            "head": head,
            "trace_info": about,
            "pattern": self._encode(self.trace, on_show),
        }

    @contextmanager
    def chosen_for_page(self, heads: Any, detail: Any, rows: Any) -> Iterator[None]:
        """Within, `page_state` is of these heads, with so much detail and these rows; see `to_html`."""
        before, self._page = self._page, Chosen.of(self._archived, heads, detail, rows)
        try:
            yield
        finally:
            self._page = before

    def _on_page(self, chosen: Chosen) -> list[tuple[Of, Matrix]]:
        """The matrices that a page holds."""
        trace, found = self._archived, []
        name = self._name_of(trace)
        for kind in self._kinds_on_page():
            for layer, head in chosen.heads_of(trace):
                matrix = self._matrix(trace, kind, (layer, head))
                scales = [scale for scale in SHOWN_AS if scale in ("linear", self._shown_as(matrix))]
                found += [(Of(name, kind, layer, head, scale), matrix) for scale in scales]
        return found

    @property
    def _long(self) -> bool:
        """Whether a page has overviews of what is on show."""
        return block_for((self.trace.n_queries, self.trace.n_keys)) > 1

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
        return Of(self._name_of(trace), self.kind, self.layer, self.head, self._shown_as(matrix))

    def _shown_as(self, matrix: Matrix) -> str:
        """What is done to a matrix before it is sent: the browser does it itself where it has every cell."""
        pooled = block_for(matrix.shape) > 1 and matrix.attention and self.scale in SHOWN_AS
        return self.scale if pooled else "linear"

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

    def _heads_on_page(self) -> list[tuple[int, int]]:
        return self._page.heads_of(self._archived)

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
