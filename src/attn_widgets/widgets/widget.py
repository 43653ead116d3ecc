"""Widget: what all widgets share: taking what the browser sends or saying why not, the page, the current head."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets as t

from attn_widgets.compute.latest import between_messages
from attn_widgets.compute.observers import Observed
from attn_widgets.export import write_page
from attn_widgets.names import refuse_unknown
from attn_widgets.widgets.kept import Kept

_OF_JUPYTER = frozenset(anywidget.AnyWidget.class_trait_names(sync=True))


class Widget(Kept, Observed, anywidget.AnyWidget):
    """Base of the widgets.

    Traits that the browser may not change are read-only. A trait tagged with `page=` has that value on an exported
    page, where there is no Python.

    Attributes
    ----------
    layer, head : int
        The current head; read, set, observe and link them.
    busy, progress, error
        Those of what is shown. An error shows under the widget, which keeps its last good picture.
    """

    # the name of the built JavaScript and CSS, on an exported page too
    _bundle: ClassVar[str]

    layer = t.Int(0).tag(sync=True)
    head = t.Int(0).tag(sync=True)
    palette = t.Enum(("blues", "viridis", "cividis", "magma", "greys"), "blues").tag(sync=True)
    # the groups that tie this widget to others in the browser; see `link`
    links = t.List(t.Unicode()).tag(sync=True, page=[])

    busy = t.Bool(False, read_only=True).tag(sync=True, page=False)
    progress = t.Float(0.0, read_only=True).tag(sync=True, page=0.0)
    error = t.Unicode("", read_only=True).tag(sync=True, page="")
    editable = t.Bool(False, read_only=True).tag(sync=True, page=False)

    # why the browser's last change was not taken
    _refused = ""

    def __init__(self, **traits: Any) -> None:
        own = [name for name in self.class_trait_names(sync=True) if name[0] != "_"]
        free = [name for name in own if not self.class_traits()[name].read_only]
        refuse_unknown(traits, free, type(self).__name__)
        super().__init__(**traits)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sent; what it sets off goes on while the kernel is free.

        What cannot be taken is answered: `error` says why, and the browser gets back what holds.
        """
        refused, self._refused = self._refused, ""
        with between_messages(), self._quietly():
            try:
                self._check_sent(sync_data)
                super().set_state(sync_data)
            except Exception as error:
                self._refused = sendable(str(error) or type(error).__name__)
                self.send_state([name for name in sync_data if name in self.keys])
            if self._refused or refused:
                self._show_error()
        self._print_failures()

    @property
    def page_title(self) -> str:
        """What an exported page is called where it is given no title."""
        raise NotImplementedError

    def page_state(self) -> dict[str, Any]:
        """The traits that an exported page needs, complete without a kernel."""
        names = [name for name in self.traits(sync=True) if name[0] != "_" and name not in _OF_JUPYTER]
        of_page = self.traits(page=lambda value: value is not None)
        return {name: of_page[name].metadata["page"] if name in of_page else getattr(self, name) for name in names}

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

    def _check_sent(self, sync_data: dict[str, Any]) -> None:
        traits = self.traits()
        for name, value in sync_data.items():
            if name in traits and (traits[name].read_only or (name[0] == "_" and name not in _OF_JUPYTER)):
                raise ValueError(f"{name} cannot be set")
            if sendable(value) != value:
                raise ValueError(f"{name} has half a character (a lone surrogate), cut off by something; expected text")

    def _heard(self, change: Any) -> None:
        """What was refused is past once what is shown begins something new."""
        if change["name"] == "busy" and change["new"]:
            self._refused = ""

    def _show_error(self) -> None:
        """Show why a change was refused: by this widget, or by what it shows."""
        self.set_trait("error", self._refused or sendable(self._source_error()))

    def _source_error(self) -> str:
        """What is wrong with what the widget shows."""
        raise NotImplementedError


def sendable(value: Any) -> Any:
    """Text in any depth without halves of characters, which no message can carry."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, (list, tuple)):
        return type(value)(map(sendable, value))
    if isinstance(value, dict):
        return {sendable(key): sendable(one) for key, one in value.items()}
    return value
