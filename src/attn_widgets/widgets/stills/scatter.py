"""HeadScatter -> its picture, of what was sent to the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.stills.points import CATEGORIES, NONE, Points, draw_points, number_colors

if TYPE_CHECKING:
    from attn_widgets.widgets.scatter import HeadScatter

# names of more heads would lie on each other
_MOST_NAMED = 30


def draw(widget: HeadScatter) -> tuple[bytes, int, int]:
    """The PNG of what is on show, with its width and height in CSS pixels."""
    points = np.frombuffer(widget.points["data"], "<f4").reshape(widget.points["shape"])
    column = next(one for one in widget.columns if one["name"] == widget.color_by)
    colors, legend, bar = _colors(column, widget.palette, widget.hidden)
    shown = np.array([color != "" for color in colors], dtype=bool)
    names = widget.names
    current = widget._name(widget.model_name, widget.layer, widget.head)
    named = {}
    for name in [current, *widget.selection[:_MOST_NAMED]]:
        if name in names and shown[names.index(name)]:
            named[int(shown[: names.index(name)].sum())] = name
    info = widget.map_info
    many = len(info["prompts"])
    title = f"{', '.join(info['models'])}: {len(names)} heads, {info['method']} of {info['kind']} features, "
    title += f"{many} prompt{'s' * (many != 1)}"
    axes = list(widget.components)
    places = points[shown][:, axes]
    kept = [color for color in colors if color]
    return draw_points(Points(title, places, kept, legend, bar, column["label"], named))


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
