"""MapWidget: what the widgets over a HeadMap share: the map, the current head, busy and error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from attn_widgets.compute.head_map import HeadMap
from attn_widgets.export import write_page
from attn_widgets.names import parse_head
from attn_widgets.trace import Trace


class MapWidget(anywidget.AnyWidget):
    """Base of the widgets over one `HeadMap`.

    Attributes
    ----------
    model_name : str
    layer, head : int
        The current head, and its model where there are several; read, set, observe and link them.
    busy, error
        Those of the map.
    """

    # there before a map is refused, so that closing works
    _map: HeadMap | None = None

    model_name = t.Unicode("").tag(sync=True)
    layer = t.Int(0).tag(sync=True)
    head = t.Int(0).tag(sync=True)
    palette = t.Enum(("blues", "viridis", "cividis", "magma", "greys"), "viridis").tag(sync=True)
    # the groups that tie this widget to others in the browser; see `link`
    links = t.List(t.Unicode()).tag(sync=True)

    busy = t.Bool(False, read_only=True).tag(sync=True)
    progress = t.Float(0.0, read_only=True).tag(sync=True)
    error = t.Unicode("", read_only=True).tag(sync=True)
    editable = t.Bool(True, read_only=True).tag(sync=True)

    def __init__(self, head_map: HeadMap, **traits: Any) -> None:
        if not isinstance(head_map, HeadMap):
            raise TypeError(f"head_map is a {type(head_map).__name__}; expected a HeadMap([run, ...])")
        self._map = head_map
        super().__init__(**{"model_name": head_map.models[0], **traits})
        self._show_map()
        head_map.observe(self._on_map, ["version", "busy", "error"])

    @property
    def head_map(self) -> HeadMap:
        """The map on show."""
        assert self._map is not None
        return self._map

    @property
    def trace(self) -> Trace:
        """The first trace of the map."""
        return self.head_map.traces[0]

    @property
    def current(self) -> str:
        """The name of the current head."""
        return self._name(self.model_name, self.layer, self.head)

    def close(self) -> None:
        """Let go of the map and close every view."""
        if self._map is not None and self.comm is not None:
            self._map.unobserve(self._on_map, ["version", "busy", "error"])
        super().close()

    def page_state(self) -> dict[str, Any]:
        """The traits that an exported page needs, complete without a kernel."""
        shared = ("model_name", "layer", "head", "palette")
        return {name: getattr(self, name) for name in shared} | {
            "links": [],
            "busy": False,
            "progress": 0.0,
            "error": "",
            "editable": False,
        }

    def to_html(self, path: str | Path, *, title: str | None = None) -> Path:
        """Write the widget as one offline HTML file; see `AttentionHeatmap.to_html`."""
        return write_page([self], path, title=title)

    def _go_to(self, name: str) -> None:
        """Make a head the current one."""
        model, _, short = name.rpartition(":")
        layer, head = parse_head(short)
        with self.hold_sync():
            self.model_name = model or self.head_map.models[0]
            self.layer, self.head = layer, head

    def _name(self, model: str, layer: int, head: int) -> str:
        short = f"L{layer}H{head}"
        return f"{model}:{short}" if len(self.head_map.models) > 1 else short

    def _known(self, name: str, argument: str) -> str:
        heads = self.head_map.heads
        if name not in heads:
            raise t.TraitError(f"{argument} is {name!r}; expected one of {heads[0]} to {heads[-1]}")
        return name

    @t.validate("model_name")
    def _a_model(self, proposal: Any) -> str:
        name: str = proposal["value"]
        models = self.head_map.models
        if name not in models:
            raise t.TraitError(f"model_name is {name!r}; expected one of {', '.join(models)}")
        return name

    @t.validate("layer", "head")
    def _exists(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, int(proposal["value"])
        sizes = [(one.n_layers, one.n_heads) for one in self.head_map.features]
        n = max(size[name == "head"] for size in sizes)
        if not 0 <= value < n:
            raise t.TraitError(f"{name} is {value}; expected 0 to {n - 1}")
        return value

    def _on_map(self, change: Any) -> None:
        if change["name"] == "version":
            self._show_map()
        else:
            self.set_trait(change["name"], change["new"])

    def _show_map(self) -> None:
        """Send what is new about the map, all at once."""
        raise NotImplementedError
