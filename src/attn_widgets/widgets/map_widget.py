"""MapWidget: what the widgets over a HeadMap share: the map, the current head and its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from attn_widgets.compute.compared_atlas import is_atlas
from attn_widgets.compute.head_map import HeadMap
from attn_widgets.names import parse_head
from attn_widgets.trace import Unit
from attn_widgets.widgets.widget import Widget
from attn_widgets.widgets.wire.pattern import FloatArray

if TYPE_CHECKING:
    from attn_widgets.atlas.atlas import Atlas

_OBSERVED = ("version", "busy", "progress", "error")


class MapWidget(Widget):
    """Base of the widgets over one `HeadMap`.

    Attributes
    ----------
    model_name : str
    layer, head : int
        The current head, and its model where there are several; read, set, observe and link them.
    busy, progress, error
        Those of the map.
    """

    # there before a map is refused, so that closing works
    _map: HeadMap | None = None
    # made here, of an atlas
    _own_map: HeadMap | None = None

    model_name = t.Unicode("").tag(sync=True)
    palette = t.Enum(("blues", "viridis", "cividis", "magma", "greys"), "viridis").tag(sync=True)

    def __init__(self, head_map: HeadMap | Atlas, **traits: Any) -> None:
        if is_atlas(head_map):
            head_map = self._own_map = HeadMap(head_map)
        if not isinstance(head_map, HeadMap):
            raise TypeError(f"head_map is a {type(head_map).__name__}; expected a HeadMap([run, ...]) or an Atlas")
        self._map = head_map
        super().__init__(**{"model_name": head_map.models[0], **traits})
        self.set_trait("editable", True)
        self._show_map()
        self._mirror()
        head_map.observe(self._on_map, _OBSERVED)

    @property
    def head_map(self) -> HeadMap:
        """The map on show."""
        assert self._map is not None
        return self._map

    @property
    def page_title(self) -> str:
        """The model's name, or how many there are."""
        models = self.head_map.models
        return models[0] if len(models) == 1 else f"Heads of {len(models)} models"

    def close(self) -> None:
        """Let go of the map and close every view."""
        if self._map is not None and self.comm is not None:
            self._map.unobserve(self._on_map, _OBSERVED)
        if self._own_map is not None:
            self._own_map.close()
        super().close()

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

    def _picture(self, name: str, prompt: int = 0, unit: Unit | None = None) -> tuple[FloatArray, bool]:
        return self.head_map.compared.picture(name, prompt, unit, self.head_map.exclude_first)

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
        n = max(size[name == "head"] for size in self.head_map.compared.sizes.values())
        if not 0 <= value < n:
            raise t.TraitError(f"{name} is {value}; expected 0 to {n - 1}")
        return value

    def _on_map(self, change: Any) -> None:
        self._heard(change)
        if change["name"] == "version":
            self._show_map()
        else:
            self._mirror()

    def _mirror(self) -> None:
        with self.hold_sync():
            self.set_trait("busy", self.head_map.busy)
            self.set_trait("progress", self.head_map.progress)
            self._show_error()

    def _source_error(self) -> str:
        return self.head_map.error

    def _show_map(self) -> None:
        """Send what is new about the map, all at once."""
        raise NotImplementedError
