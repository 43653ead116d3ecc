"""HeadScatter -> its picture, of what was sent to the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.stills.points import CATEGORIES, NONE, Points, draw_points, number_colors
from attn_widgets.widgets.filters import passing
from attn_widgets.widgets.stills.words import models_named

if TYPE_CHECKING:
    from attn_widgets.widgets.scatter import HeadScatter

# names of more heads would lie on each other
_MOST_NAMED = 30


def draw(widget: HeadScatter) -> tuple[bytes, int, int]:
    """The PNG of what is on show, with its width and height in CSS pixels."""
    column = next(one for one in widget.columns if one["name"] == widget.color_by)
    colors, legend, bar = _colors(column, widget.palette, widget.hidden)
    every, axes = _places(widget)
    shown = np.array([color != "" for color in colors], dtype=bool)
    shown &= np.isfinite(every).all(axis=1) & passing(widget.filters, widget.head_map.table)
    names = widget.names
    current = widget._name(widget.model_name, widget.layer, widget.head)
    named = {}
    for name in [current, *widget.selection[:_MOST_NAMED]]:
        if name in names and shown[names.index(name)]:
            named[int(shown[: names.index(name)].sum())] = name
    info = widget.map_info
    many = len(info["prompts"])
    count = f"{int(shown.sum())} of {len(shown)}" if not shown.all() else f"{len(names)}"
    title = f"{models_named(info['models'])}: {count} heads, {axes}"
    title += f", {many} prompt{'s' * (many != 1)}" if many else ""
    kept = [color for color, here in zip(colors, shown, strict=True) if here]
    return draw_points(Points(title, every[shown], kept, legend, bar, column["label"], named))


def _places(widget: HeadScatter) -> tuple[Any, str]:
    """`[point, 2]`, NaN where a column has no value; and what the axes are."""
    points = np.frombuffer(widget.points["data"], "<f4").reshape(widget.points["shape"])
    info = widget.map_info
    chosen = [next((one for one in widget.columns if one["name"] == name), None) for name in (widget.x, widget.y)]
    places = points[:, list(widget.components)].astype(np.float64)
    for axis, column in enumerate(chosen):
        if column:
            values = np.frombuffer(column["data"]["data"], "<f4").astype(np.float64)
            some = values[np.isfinite(values)]
            low, high = (some.min(), some.max()) if len(some) else (0.0, 1.0)
            places[:, axis] = (values - low) / ((high - low) or 1) * 2 - 1
    if not any(chosen):
        return places, f"{info['method']} of {info['kind']} features"
    x, y = (column["label"] if column else info["method"] for column in chosen)
    return places, f"{y} against {x}"


def _colors(column: dict[str, Any], palette: str, hidden: list[str]) -> tuple[list[str], list[Any], Any]:
    """A colour for each point, "" where it is switched off; the groups, or the colour bar."""
    if column["type"] == "number":
        values = np.frombuffer(column["data"]["data"], "<f4").astype(np.float64)
        colors, low, high = number_colors(values, palette)
        return colors, [], (column["label"], low, high, palette)
    codes = np.frombuffer(column["codes"]["data"], "<u2").astype(int)
    values, none = column["values"], len(column["values"])
    codes = np.where(codes >= none, none, codes)
    own = column["colors"] or [CATEGORIES[i % len(CATEGORIES)] for i in range(none)]
    every = [*own, NONE]
    labels = [*values, "None"]
    off = {code for code, value in enumerate([*values, ""]) if value in hidden}
    counts = np.bincount(codes, minlength=none + 1)
    legend = [(labels[i], every[i] if i not in off else "#e5e8ec", int(n)) for i, n in enumerate(counts) if n]
    return ["" if code in off else every[code] for code in codes], legend, None
