"""A widget's state -> the figure of it, for papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator

from attn_widgets import figures
from attn_widgets.figures.paper import PaperFigure
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.widgets.filters import passing

if TYPE_CHECKING:
    from attn_widgets.widgets.card import HeadCard
    from attn_widgets.widgets.freeze import FreezePanel
    from attn_widgets.widgets.grid import HeadGrid
    from attn_widgets.widgets.heatmap import AttentionHeatmap
    from attn_widgets.widgets.scatter import HeadScatter


def _motifs(overlays: list[str]) -> Any:
    """What a figure outlines for what a widget does."""
    if overlays == ["auto"]:
        return "auto"
    return [name for name in overlays if name != "auto"] or None


def heatmap_figure(widget: AttentionHeatmap) -> Figure:
    """The pattern with its tokens, scale, motifs and locks."""
    return figures.heatmap(
        widget.trace,
        (widget.layer, widget.head),
        _motifs(widget.overlays),
        kind=widget.kind,
        scale=cast(Any, "linear" if widget.kind == "score" else widget.scale),
        palette=widget.palette,
        query=widget.query,
        key=widget.key,
    )


def grid_figure(widget: HeadGrid) -> Figure:
    """All heads in their layers; those that are sorted, too."""
    return figures.head_grid(
        widget.trace,
        scale=cast(Literal["linear", "log", "exclude_first"], widget.scale),
        palette=widget.palette,
        motif=widget.motif or widget.sort_by or None,
        head=(widget.layer, widget.head),
    )


def scatter_figure(widget: HeadScatter) -> Figure:
    """The map in the colours of its column."""
    head_map = widget.head_map
    table = head_map.table
    solid = widget.view3d and not widget.x and not widget.y
    axes = (widget.x, widget.y)
    places = np.asarray(head_map.points)[:, list(widget.components)].astype(np.float64)
    for axis, name in enumerate(axes):
        if name:
            places[:, axis] = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
    shown = passing(widget.filters, table) & np.isfinite(places).all(axis=1)
    points = (np.asarray(head_map.points) if solid else places)[shown]
    names = list(table["name"][shown])
    column = table[widget.color_by][shown]
    if widget.color_by == "motif":
        column = column.map(lambda name: MOTIFS[name].label if name in MOTIFS else "none")
    current = widget._name(widget.model_name, widget.layer, widget.head)
    labels = [name for name in dict.fromkeys([current, *widget.selection]) if name in names]
    figure = figures.head_map(points, names, color_by=column, labels=labels, palette=widget.palette)
    if any(axes) and not solid:
        drawn = figure.axes[0]
        drawn.set_aspect("auto")
        for of_axis, name in zip((drawn.xaxis, drawn.yaxis), axes, strict=True):
            if name:
                of_axis.set_major_locator(AutoLocator())
                of_axis.set_label_text(name.replace("_", " "))
    return figure


def card_figure(widget: HeadCard) -> Figure:
    """The table of the card."""
    return figures.head_card(widget.head_map, widget.current, unit=widget.unit, palette=widget.palette)


def freeze_figure(widget: FreezePanel) -> Figure:
    """The pattern on show, the next tokens, the parts of the change and what the logit is made of."""
    run, head = widget.frozen_run, (widget.layer, widget.head)
    figure = PaperFigure(figsize=(11, 7.5), layout="constrained")
    places = figure.subplots(2, 2)
    trace = widget._held if widget.kind == "frozen" else widget.trace
    both = {"less": widget._held} if widget.kind == "difference" else {"scale": widget.scale}
    figures.heatmap(
        trace,
        head,
        _motifs(widget.overlays),
        palette=widget.palette,
        query=widget.query,
        key=widget.key,
        ax=places[0, 0],
        **both,
    )
    shown = []
    if run.next_tokens is not None:
        figures.next_tokens(run.next_tokens, ax=places[0, 1])
        shown.append(places[0, 1])
    if run.effects is not None:
        names = run.model.tokenizer.token_strings([run.target_id])
        effect, label = run.effects.logit(run.target_id), f"change of the logit of {names[0]!r}"
        if run.versus_id is not None:
            effect = run.effects.logit_difference(run.target_id, run.versus_id)
            label += f" less {run.model.tokenizer.token_strings([run.versus_id])[0]!r}"
        figures.effects(effect, label=label.replace("$", r"\$"), ax=places[1, 0])
        shown.append(places[1, 0])
    if run.attribution is not None:
        figures.attribution(run.attribution, ax=places[1, 1])
        shown.append(places[1, 1])
    for axes in (places[0, 1], places[1, 0], places[1, 1]):
        axes.set_visible(axes in shown)
    return figure
