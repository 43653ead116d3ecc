"""UnitWidget: a widget over a trace that is shown between tokens or between words, with a switch for it."""

from __future__ import annotations

from typing import Any

import traitlets as t

from attn_widgets.compute.in_words import in_words
from attn_widgets.compute.source import as_source
from attn_widgets.compute.word_places import word_places
from attn_widgets.tiles import block_for
from attn_widgets.trace import Trace, Unit
from attn_widgets.widgets.trace_widget import TraceWidget
from attn_widgets.widgets.wire.names import trace_name

_UNITS: tuple[Unit, Unit] = ("token", "word")
_AXES = ("query", "key")


class UnitWidget(TraceWidget):
    """Base of `AttentionHeatmap` and `HeadGrid`.

    Attributes
    ----------
    unit : {"token", "word"}
        What the pattern is between; see `Trace.words`. `query` and `key` are positions in it: when it is switched they
        become the words that hold them; and back, the tokens that were locked before where these words still hold
        them, else the words' first.
    """

    unit: t.TraitType[Any, Any] = t.Enum(_UNITS, "token").tag(sync=True)

    def __init__(self, source: Any, **traits: Any) -> None:
        # in which unit a position was chosen: one that comes together with another unit is not to be carried over
        self._chosen: dict[str, tuple[Unit, int | None]] = {}
        # what was locked between tokens, of which trace
        self._tokens_locked: tuple[str, dict[str, int | None]] = ("", {})
        if as_source(source).trace.unit == "word":
            traits = {"unit": "word", **traits}
        super().__init__(source, **traits)

    @property
    def trace(self) -> Trace:
        """The trace on show, in the unit on show."""
        return self._in(self.unit)

    def _in(self, unit: Unit) -> Trace:
        trace = self.source.trace
        return trace if unit == trace.unit else in_words(trace)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sent: positions that come with a unit are counted in it."""
        if sync_data.get("unit") in self._units():
            for axis in _AXES:
                if axis in sync_data:
                    self._chosen[axis] = (sync_data["unit"], sync_data[axis])
        super().set_state(sync_data)

    def notify_change(self, change: Any) -> None:
        """Tell the observers; what another unit brings goes to the browser with it, in one message."""
        if change["name"] != "unit":
            super().notify_change(change)
            return
        with self.hold_sync():
            super().notify_change(change)

    def page_state(self) -> dict[str, Any]:
        """The traits that a page needs; it switches to the other unit without Python."""
        state = super().page_state() | {"other_unit": self._other_unit()}
        if not state["other_unit"]:
            state["trace_info"] = state["trace_info"] | {"units": [self.unit]}
        return state

    @t.validate("unit")
    def _can_be_shown(self, proposal: Any) -> Unit:
        unit: Unit = proposal["value"]
        if unit not in self._units():
            raise t.TraitError(
                f'unit is "{unit}", but this trace is between words; to see tokens, show the trace it was made of'
            )
        return unit

    @t.validate("query", "key")
    def _position(self, proposal: Any) -> int | None:
        position: int | None = super()._position(proposal)
        self._chosen[proposal["trait"].name] = (self.unit, position)
        return position

    @t.observe("unit")
    def _on_unit(self, change: Any) -> None:
        # before the first trace is shown there is nothing to carry over
        if not self.trace_info or self.trace_info["unit"] == self.unit:
            return
        locked = {axis: getattr(self, axis) for axis in _AXES}
        name = trace_name(self.source.trace)
        if self.unit == "word":
            self._tokens_locked = (name, locked)
        before = self._tokens_locked[1] if self._tokens_locked[0] == name else {}
        with self.hold_sync(), self.hold_trait_notifications():
            for axis, position in locked.items():
                if position is not None and self._chosen.get(axis) != (self.unit, position):
                    setattr(self, axis, self._carried(axis, position, before.get(axis)))
            self._switched()
            self._show_trace()

    def _carried(self, axis: Any, position: int, before: int | None) -> int:
        found = word_places(self.source.trace)
        return found.word(axis, position) if self.unit == "word" else found.token(axis, position, before)

    def _switched(self) -> None:
        """Give up what the new unit does not have."""

    def _units(self) -> list[Unit]:
        """What the trace can be shown in."""
        return ["word"] if self.source.trace.unit == "word" else list(_UNITS)

    def _show_trace(self) -> None:
        if self.unit not in self._units():
            self.unit = self._units()[0]
        super()._show_trace()

    def _describe(self, trace: Trace) -> dict[str, Any]:
        return super()._describe(trace) | {"units": self._units()}

    def _other_unit(self) -> dict[str, Any]:
        """What a page needs for the unit that is not on show; empty where there is none."""
        others = [unit for unit in self._units() if unit != self.unit]
        trace = self.source.trace
        # of a long prompt a page has no cells that words could be made of
        if not others or block_for((trace.n_queries, trace.n_keys)) > 1:
            return {}
        starts = word_places(self.source.trace).starts
        return {"unit": others[0], "starts": starts, "traits": self._traits_of(self._in(others[0]))}

    def _traits_of(self, trace: Trace) -> dict[str, Any]:
        """The traits that depend on the unit, for a trace in it."""
        return {"trace_info": self._describe(trace), "motifs": self._motifs_on_page(trace)}
