"""An example of an atlas -> its passage in the linked widgets that show the same model, its query and key locked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attn_widgets.atlas.example import Example
from attn_widgets.compute.example_rows import example_ids, is_model
from attn_widgets.names import parse_head
from attn_widgets.widgets.links import linked_with

NOTHING_LINKED = "To see the pattern: aw.link(dossier, aw.AttentionHeatmap(run)), with a run of the same model."


def open_example(dossier: Any, example: Example, say: Callable[[str], None]) -> None:
    """Have the runs of linked widgets read the passage, token by token as the atlas did, then show the cell.

    Parameters
    ----------
    dossier : HeadDossier
    example : Example
    say : callable
        Called with what comes of it, in words; more than once where a run takes its time.
    """
    linked = [one for one in linked_with(dossier) if one.has_trait("query") and one.has_trait("key")]
    runs = [one for one in linked if _model_of(one) is not None]
    model = example.head.rpartition(":")[0]
    able = [one for one in runs if is_model(_model_of(one), model)]
    if not able:
        others = ", ".join(dict.fromkeys(_model_of(one).name for one in runs))
        if others:
            say(f"The linked widget shows {others}; this example is of {model}.")
        elif linked:
            say("The linked widget shows a fixed trace; to read this passage it needs an AttentionRun.")
        else:
            say(NOTHING_LINKED)
        return
    for widget in able:
        _Opening(widget, example, say).begin(dossier)


def _model_of(widget: Any) -> Any:
    """The model that a widget can run on another prompt; None for none."""
    run = getattr(widget, "run", None)
    if run is None or not hasattr(type(run), "prompt") or not run.editable:
        return None
    return getattr(run, "model", None)


class _Opening:
    """A passage on its way into one widget."""

    def __init__(self, widget: Any, example: Example, say: Callable[[str], None]) -> None:
        self._widget, self._example, self._say = widget, example, say

    def begin(self, dossier: Any) -> None:
        run = self._widget.run
        try:
            ids = example_ids(run.model, dossier.atlas, self._example)
            if run.prompt != ids:
                run.prompt = ids
        except Exception as error:
            self._say(str(error) or type(error).__name__)
            return
        if run.busy:
            self._say("The linked widget reads the passage\N{HORIZONTAL ELLIPSIS}")
            run.observe(self._read, "busy")
        else:
            self._show(ids)

    def _read(self, change: Any) -> None:
        run = self._widget.run
        if not change["new"]:
            run.unobserve(self._read, "busy")
            self._show(run.prompt)

    def _show(self, ids: Any) -> None:
        widget, example = self._widget, self._example
        trace = widget.run.trace
        if widget.run.error or trace is None or trace.tokens != example.tokens:
            self._say(widget.run.error or "The linked widget was given another prompt meanwhile.")
            return
        layer, head = parse_head(example.head.rpartition(":")[2])
        with widget.hold_sync():
            if widget.has_trait("unit"):
                widget.unit = "token"
            with widget.hold_trait_notifications():
                widget.layer, widget.head, widget.query, widget.key = layer, head, example.query, example.key
        self._say("Open in the linked widget.")
