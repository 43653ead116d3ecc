"""HeadScatter: heads as points, near those whose patterns look like theirs, in the browser."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from attn_widgets.bundles import bundle
from attn_widgets.compute.head_map import HeadMap
from attn_widgets.names import near_miss
from attn_widgets.widgets.course import course_of
from attn_widgets.widgets.filters import checked_filters, is_number, passing
from attn_widgets.widgets.map_widget import MapWidget
from attn_widgets.widgets.stills.words import models_named, of_model
from attn_widgets.widgets.wire.arrays import array_wire
from attn_widgets.widgets.wire.scatter import columns_wire, pictures_wire, points_wire, shown_columns, thumbs_wire

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attn_widgets.atlas.atlas import Atlas

_GALLERY, _GALLERY_SIDE, _THUMB_SIDE = 24, 64, 32
_MOST_NEIGHBOURS = 10
# the neighbours of more heads than this are not sent
_MANY_HEADS = 20_000


class HeadScatter(MapWidget):
    """One point a head (or a head and prompt); heads whose patterns look alike are close to each other.

    Click a point to make its head the current one, lasso several to compare their patterns, search by name, colour by
    any column. The nearest heads of the current one are joined to it by lines.

    Parameters
    ----------
    head_map : HeadMap or Atlas
        An atlas is shown by a `HeadMap` of it.
    color_by : str, optional
        A column of `head_map.table`: `"layer"` (the default), `"model"`, `"motif"`, `"class"`, `"cluster"`, a name of
        `attn_widgets.MOTIFS`, a column added by `Atlas.add_columns`. `"motif"` is what a head is named by (see
        `MotifScores.dominant`); scores are means over the prompts, and the tip has their standard deviation.
    size_by : str, optional
        A column with numbers; `""`, the default, makes all points alike.
    x, y : str, optional
        A column with numbers, whose values are an axis with ticks; `""`, the default, is a component of the embedding,
        which has none. Heads without a value on an axis are counted and not drawn.
    filters : dict, optional
        Which heads are shown: those that pass all of `"name"` -> a text that is in their name, a column of numbers ->
        `[low, high]`, any other column -> a list of values, `""` for none. So `{"depth": [0.5, 1], "class":
        ["induction"]}` are induction heads of the upper half.
    selection : list of str, optional
        Heads to start with.
    checkpoint : float, optional
        Where models are checkpoints of one, `name@0`, `name@1`, ...: heads are shown as they are at this one, counted
        from 0, on their way to the next; 2.5 is half way from the third to the fourth. None, the default, shows all
        of them. A slider under the map moves it, and the ways of the selected heads are drawn.
    components : (int, int), optional
        Which components of the embedding are shown across and up.
    view3d : bool, optional
        Show a map of three dimensions as such; drag to rotate.
    show_neighbours : int, optional
        How many of the current head's nearest are joined to it, 0 to 10.
    palette, model_name, layer, head : optional
        Colours for numbers; the current head.

    Raises
    ------
    TypeError
        If `head_map` is neither a HeadMap nor an Atlas.
    traitlets.TraitError
        If a head, column or axis does not exist, or a filter cannot be applied.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> scatter = aw.HeadScatter(aw.HeadMap(traces), color_by="motif")
    >>> scatter.selection = ["L1H1", "L1H2"]

    Attributes
    ----------
    selection : list of str
        Read, set and observe it; `head_map.frame(scatter.selection)` has the rows.
    hovered : str or None
        The head under the mouse: once it rests there, and while something in Python observes the trait (`observe`,
        `traitlets.link`). Else what the mouse does stays in the browser. Set it to point at a head from Python.
    shown : list of str
        The heads that pass the filters.
    color_by, size_by, x, y, filters, checkpoint, components, view3d, hidden, show_neighbours, palette
        As the parameters; `hidden` are the groups switched off in the legend.
    model_name, layer, head
        The current head.
    busy, error
        Of the map.
    """

    _bundle = "scatter"
    _esm = bundle("scatter.js")
    _css = bundle("scatter.css")

    selection = t.List(t.Unicode()).tag(sync=True)
    hovered = t.Unicode(None, allow_none=True).tag(sync=True, page=None)
    # the browser sends `hovered` to those who want it
    hover_observed = t.Bool(False, read_only=True).tag(sync=True, page=False)
    color_by = t.Unicode("layer").tag(sync=True)
    size_by = t.Unicode("").tag(sync=True)
    x = t.Unicode("").tag(sync=True)
    y = t.Unicode("").tag(sync=True)
    filters = t.Dict().tag(sync=True)
    checkpoint = t.Float(None, allow_none=True).tag(sync=True)
    components = t.Tuple(t.Int(), t.Int(), default_value=(0, 1)).tag(sync=True)
    view3d = t.Bool(False).tag(sync=True)
    hidden = t.List(t.Unicode()).tag(sync=True)
    show_neighbours = t.Int(5, min=0, max=_MOST_NEIGHBOURS).tag(sync=True)

    map_info = t.Dict(read_only=True).tag(sync=True)
    points = t.Dict(read_only=True).tag(sync=True)
    names: t.List[str] = t.List(read_only=True).tag(sync=True)
    columns: t.List[Any] = t.List(read_only=True).tag(sync=True)
    neighbours = t.Dict(read_only=True).tag(sync=True)
    neighbour_distances = t.Dict(read_only=True).tag(sync=True)
    thumbs = t.Dict(read_only=True).tag(sync=True)
    gallery = t.Dict(read_only=True).tag(sync=True)
    # the browser asks for a thumbnail that it was not sent
    asked = t.Dict().tag(sync=True, echo_update=False, page={})
    thumb = t.Dict(read_only=True).tag(sync=True, page={})

    def __init__(self, head_map: HeadMap | Atlas, **traits: Any) -> None:
        super().__init__(head_map, **traits)
        self._send_gallery()

    @property
    def shown(self) -> list[str]:
        """Names of the heads that pass the filters."""
        table = self.head_map.table
        return list(dict.fromkeys(table["name"][passing(self.filters, table)]))

    def observe(self, handler: Any, names: Any = t.All, type: Any = "change") -> None:
        """As for all traits; the browser sends `hovered` from now on if it is among them."""
        super().observe(handler, names, type)
        self._count_hover_observers()

    def unobserve(self, handler: Any, names: Any = t.All, type: Any = "change") -> None:
        """As for all traits."""
        super().unobserve(handler, names, type)
        self._count_hover_observers()

    def unobserve_all(self, name: Any = t.All) -> None:
        """As for all traits."""
        super().unobserve_all(name)
        self._count_hover_observers()

    def _count_hover_observers(self) -> None:
        notifiers = [self._trait_notifiers.get(name, {}) for name in ("hovered", t.All)]
        observed = any(by_type.get(type) for by_type in notifiers for type in ("change", t.All))
        if observed != self.hover_observed:
            self.set_trait("hover_observed", observed)

    def _says(self) -> str:
        info, n = self.map_info, len(self.names)
        of = of_model(type(self).__name__, models_named(info["models"]))
        current = self._name(self.model_name, self.layer, self.head)
        chosen = f", {len(self.selection)} in the selection" if self.selection else ""
        return f"{of}: {n} heads by {info['kind']} features, coloured by {self.color_by}; {current} selected{chosen}"

    def _draw(self) -> tuple[bytes, int, int]:
        # brings Pillow
        from attn_widgets.widgets.stills.scatter import draw

        return draw(self)

    def _figure(self) -> Figure:
        # brings matplotlib
        from attn_widgets.widgets.stills.figures import scatter_figure

        return scatter_figure(self)

    @t.validate("selection")
    def _heads_that_exist(self, proposal: Any) -> list[str]:
        heads = set(self.head_map.heads)
        return [name if name in heads else self._known(name, "selection") for name in proposal["value"]]

    @t.validate("hovered")
    def _a_head(self, proposal: Any) -> str | None:
        value: str | None = proposal["value"]
        return value if value is None else self._known(value, "hovered")

    @t.validate("color_by", "size_by", "x", "y")
    def _a_column(self, proposal: Any) -> str:
        name, value = proposal["trait"].name, proposal["value"]
        table = self.head_map.table
        columns = shown_columns(table)
        if name != "color_by":
            columns = ["", *(column for column in columns if is_number(table[column]))]
        if value not in columns:
            numbers = "" if name == "color_by" or value not in table else ", which holds no numbers"
            raise t.TraitError(f"{name} is {value!r}{numbers}; {near_miss(value, columns)}")
        return value  # type: ignore[no-any-return]

    @t.validate("filters")
    def _can_be_applied(self, proposal: Any) -> dict[str, Any]:
        try:
            return checked_filters(proposal["value"], self.head_map.table)
        except ValueError as error:
            raise t.TraitError(str(error)) from None

    @t.validate("checkpoint")
    def _on_the_course(self, proposal: Any) -> float | None:
        value: float | None = proposal["value"]
        last = len(course_of(self.head_map.compared.sizes)) - 1
        if value is not None and last < 1:
            raise t.TraitError(f"checkpoint is {value}, but no models here are checkpoints of one: name@0, name@1, ...")
        if value is not None and not 0 <= value <= last:
            raise t.TraitError(f"checkpoint is {value}; expected None, or 0 to {last}")
        return value

    @t.validate("components")
    def _axes(self, proposal: Any) -> tuple[int, int]:
        first, second = proposal["value"]
        n = self.head_map.n_components
        if first == second or not (0 <= first < n and 0 <= second < n):
            raise t.TraitError(f"components is {proposal['value']}; expected two different axes from 0 to {n - 1}")
        return first, second

    @t.observe("selection")
    def _send_gallery(self, change: Any = None) -> None:
        chosen = self.selection[:_GALLERY]
        if not chosen:
            self.set_trait("gallery", {})
            return
        pictures = pictures_wire((self._picture(name) for name in chosen), _GALLERY_SIDE)
        self.set_trait("gallery", {"names": chosen, "thumbs": pictures, "total": len(self.selection)})

    @t.observe("asked")
    def _send_thumb(self, change: Any) -> None:
        index = change["new"].get("index", -1)
        names = self.head_map.heads
        if not isinstance(index, int) or not 0 <= index < len(self.head_map.table):
            return
        prompt, head = divmod(index, len(names))
        picture = pictures_wire([self._picture(names[head], prompt)], _THUMB_SIDE)
        self.set_trait("thumb", {"index": index, "thumb": picture})

    def _show_map(self) -> None:
        head_map, compared = self.head_map, self.head_map.compared
        which, away = self._neighbours()
        with self.hold_sync():
            info = {
                "id": str(head_map.version),
                "models": list(head_map.models),
                "point": head_map.point,
                "unit": compared.unit,
                "n": len(head_map.table),
                "kind": head_map.kind,
                "method": head_map.method,
                "exclude_first": head_map.exclude_first,
                "prompts": list(compared.prompts) if compared.keeps_patterns else [],
                "course": course_of(compared.sizes),
                "pictures_of": compared.pictures_of,
                "n_layers": [layers for layers, _ in compared.sizes.values()],
                "n_heads": [heads for _, heads in compared.sizes.values()],
            }
            self.set_trait("map_info", info)
            self.set_trait("points", points_wire(head_map.points))
            self.set_trait("names", list(compared.heads))
            self.set_trait("columns", columns_wire(head_map.table))
            self.set_trait("neighbours", array_wire(which, "uint32"))
            self.set_trait("neighbour_distances", array_wire(away, "float32"))
            self.set_trait("thumbs", thumbs_wire(compared.overview(head_map.exclude_first), len(compared.heads)))
            self._forget_what_is_gone()
            self._send_gallery()

    def _neighbours(self) -> tuple[Any, Any]:
        """`[head, k]`: which heads are nearest to each, without itself, and how far they are."""
        n = len(self.head_map.heads)
        if n > _MANY_HEADS:
            return np.zeros((n, 0), np.intp), np.zeros((n, 0))
        return self.head_map.compared.neighbours(_MOST_NEIGHBOURS)

    def _forget_what_is_gone(self) -> None:
        head_map, heads = self.head_map, set(self.head_map.heads)
        self.selection = [name for name in self.selection if name in heads]
        if self.hovered not in heads:
            self.hovered = None
        if self.checkpoint is not None and self.checkpoint > len(course_of(head_map.compared.sizes)) - 1:
            self.checkpoint = None
        if head_map.n_components == 2:
            self.view3d = False
            self.components = (0, 1)
        columns = shown_columns(head_map.table)
        for name, otherwise in (("color_by", "layer"), ("size_by", ""), ("x", ""), ("y", "")):
            if getattr(self, name) not in ("", *columns):
                setattr(self, name, otherwise)
        kept: dict[str, Any] = {}
        for name, wanted in self.filters.items():
            with suppress(ValueError):
                kept |= checked_filters({name: wanted}, head_map.table)
        self.filters = kept
