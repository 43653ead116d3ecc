"""Computed: inputs are traits, outputs are traits; a changed input recomputes what depends on it, or is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import traitlets as t

from attn_widgets.compute.latest import Latest, is_patient
from attn_widgets.compute.memo import Memo
from attn_widgets.compute.observers import Observed
from attn_widgets.names import refuse_unknown

T = TypeVar("T")


class Computed(Observed):
    """Base of what keeps its outputs in step with its inputs.

    A subclass tags the traits that are inputs with `input=True`, checks them in `_check`, and computes in `_steps`,
    where each output is made by `_once` from what it depends on. Then:

    - Inputs and outputs always belong together. An input that is refused, or with which the work fails, goes back to
      what it was, `error` says why, and the outputs are those of before.
    - Assigning an input raises what is wrong with it here. What other objects make of it is theirs: it stands in their
      `error`, and is never raised here.
    - All observers are called; what one of a user's raises is raised again when all is done, and is not an `error`.
    - Within `between_messages` work goes on while the event loop is free, and newer work takes the place of older.

    Attributes
    ----------
    busy : bool
        Whether work is going on.
    progress : float
        Share of the work done, 0 to 1.
    error : str
        Why the last change was refused; "" when it was not.
    """

    busy = t.Bool(False, read_only=True)
    progress = t.Float(0.0, read_only=True)
    error = t.Unicode("", read_only=True)

    def __init__(self, **inputs: Any) -> None:
        refuse_unknown([name for name in inputs if name[0] != "_"], self.inputs(), type(self).__name__)
        self._memo = Memo()
        self._latest = Latest(self._advance, self._end)
        # inputs, and the outputs that belong to them
        self._accepted: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        # what was wrong with the last change here; and with what other objects brought, as long as it is not followed
        self._refused = self._upstream_error = ""
        # whether the work that is going on takes something that another object brought
        self._following = False
        # changes of inputs that belong to another change are no changes of their own
        self._settling = True
        super().__init__(**inputs)
        self._check()
        self._begin()
        self._settling = False

    @classmethod
    def inputs(cls) -> tuple[str, ...]:
        """Names of the traits that can be passed and assigned."""
        return tuple(name for name in cls.class_trait_names(input=True) if not name.startswith("_"))

    def notify_change(self, change: Any) -> None:
        """Take a changed input, or refuse it; then tell the observers."""
        with self._quietly():
            refused = None
            if not self._settling and change["type"] == "change" and self.trait_metadata(change["name"], "input"):
                refused = self._take({change["name"]: change["old"]})
            if refused is None:
                super().notify_change(change)
        if refused is not None:
            self._print_failures()
            raise refused
        self._raise_failures()

    def _follow(self, **inputs: Any) -> None:
        """Take inputs that another object brings, or none; what is wrong is said here, and not raised there."""
        before = {name: getattr(self, name) for name in inputs}
        with self._quietly():
            self._put(inputs)
            self._take(before, following=bool(inputs))
        self._raise_failures()

    def _take(self, before: Mapping[str, Any], following: bool = False) -> Exception | None:
        """Compute with changed inputs, which were `before`; what is wrong with them, if that is known already."""
        now = self._tagged("input")
        try:
            with self._settled():
                self._fit(before)
                self._check()
        except Exception as error:
            # work that is going on is not touched by what is refused before it begins
            self._put({**now, **before})
            self._blame(error, following)
            return error
        self._refused = ""
        self._following = self._following or following
        try:
            self._begin()
        except Exception as error:
            return error
        return None

    def _begin(self) -> None:
        """Start the work; it is finished here unless it waits for the event loop."""
        with self.hold_trait_notifications():
            self.set_trait("progress", 0.0)
            self.set_trait("busy", True)
        self._latest.start(self._work())

    def _work(self) -> Iterator[float]:
        """The steps; what observers raise meanwhile is kept."""
        steps = self._steps()
        while True:
            with self._quietly():
                try:
                    share = next(steps)
                except StopIteration:
                    return
            yield share

    def _advance(self, share: float) -> None:
        with self._quietly():
            self.set_trait("progress", share)

    def _end(self, error: Exception | None) -> None:
        following, self._following = self._following, False
        with self._quietly():
            if error is None:
                self._accepted = self._tagged("input"), self._tagged("output")
            else:
                # also what work that was replaced has set before
                inputs, outputs = self._accepted
                self._put(inputs)
                self._output(**outputs)
            with self.hold_trait_notifications():
                self._blame(error, following)
                self.set_trait("progress", 1.0)
                self.set_trait("busy", False)
        if is_patient():
            self._print_failures()

    def _blame(self, error: Exception | None, following: bool) -> None:
        """Say what is wrong: with this change, with an earlier one, or with what cannot be followed."""
        text = "" if error is None else str(error) or type(error).__name__
        if following:
            self._upstream_error = text
        elif error is not None:
            self._refused = text
        self.set_trait("error", text or self._refused or self._upstream_error)

    def _tagged(self, kind: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.trait_names(**{kind: True})}

    def _put(self, inputs: Mapping[str, Any]) -> None:
        """Set inputs without taking them; their observers hear of it, as they may show what was refused."""
        with self._settled(), self.hold_trait_notifications():
            for name, value in inputs.items():
                self.set_trait(name, value)

    @contextmanager
    def _settled(self) -> Iterator[None]:
        before, self._settling = self._settling, True
        try:
            yield
        finally:
            self._settling = before

    def _once(self, name: str, depends_on: Any, make: Callable[[], T]) -> T:
        """What was made of this before, or what `make` makes now; values are compared, traces by identity."""
        return self._memo.once(name, depends_on, make)

    def _output(self, **outputs: Any) -> None:
        """Set outputs together."""
        with self.hold_trait_notifications():
            for name, value in outputs.items():
                self.set_trait(name, value)

    def _fit(self, before: Mapping[str, Any]) -> None:
        """Change inputs that make no sense any more beside the ones that changed, which were `before`."""

    def _check(self) -> None:
        """Raise what is wrong with the inputs, as far as that can be known without the work."""

    def _steps(self) -> Iterator[float]:
        """All the work, in steps that each yield the share done; what is known is not done again."""
        raise NotImplementedError
