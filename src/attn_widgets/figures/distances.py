"""Distances between heads -> the matrix of them, ordered by likeness or by layer."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from attn_widgets.figures.paper import PALETTES, color_range, paint, stage
from attn_widgets.heads.clusters import HeadClusters, merges
from attn_widgets.heads.distances import HeadDistances

FloatArray = NDArray[np.floating[Any]]


def distance_matrix(
    distances: HeadDistances,
    *,
    order: Literal["clusters", "layers"] | HeadClusters = "clusters",
    palette: str = "blues",
    size: float = 4.0,
    ax: Axes | None = None,
) -> Figure:
    """How unlike every two heads are, dark where they are alike.

    Parameters
    ----------
    distances : HeadDistances
    order : {"clusters", "layers"} or HeadClusters
        `"clusters"`: heads that are alike side by side, with the tree of merges (average linkage) above, its
        height the distance at which two branches merge. `"layers"`: layer by layer, with lines between. What
        `cluster_heads` returned: cluster by cluster, each in a frame, and heads that are in none at the end.
    palette : {"blues", "viridis", "cividis", "magma", "greys"}
    size : float
        Side of the square that holds the matrix, in inches.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure
        Vector graphics; more than 96 heads are an image of one pixel a cell inside it.

    Raises
    ------
    ValueError
        If the order or the palette is unknown, or the clusters are of other heads.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> figure = aw.figures.distance_matrix(aw.head_distances(traces))
    """
    if palette not in PALETTES:
        raise ValueError(f"palette is {palette!r}; expected one of {', '.join(PALETTES)}")
    if not isinstance(order, HeadClusters) and order not in ("clusters", "layers"):
        raise ValueError(f'order is {order!r}; expected "clusters", "layers" or what cluster_heads returns')
    if isinstance(order, HeadClusters) and order.heads != distances.heads:
        raise ValueError(
            f"order is clusters of {len(order.heads)} heads, {order.heads[0]} to {order.heads[-1]}; expected those of "
            f"these distances, {len(distances.heads)} heads, {distances.heads[0]} to {distances.heads[-1]}"
        )
    tree = merges(distances.matrix)
    places = _leaves(tree)
    if order == "layers":
        places = np.arange(len(distances.heads))
    elif isinstance(order, HeadClusters):
        # the last are those in none
        last = np.where(order.labels < 0, len(order.heads), order.labels)[places]
        places = places[np.argsort(last, kind="stable")]
    values = distances.matrix[np.ix_(places, places)]
    figure, axes = stage(ax, size + 1.5, size + (2.0 if order == "clusters" else 1.0))
    # dark is near
    image = paint(axes, values, f"{PALETTES[palette]}_r", color_range(0, float(values.max())))
    bar = figure.colorbar(image, ax=axes, shrink=0.8, aspect=30, pad=0.02)
    bar.set_label("distance")
    bar.outline.set_linewidth(0.5)
    axes.spines[:].set_linewidth(0.5)
    models = ", ".join(name for name in dict.fromkeys(distances.models) if name)
    if ax is None:
        figure.suptitle(models, fontsize=10)
    else:
        # above the tree
        axes.set_title(models, fontsize=10, y=1.19 if order == "clusters" else None)
    if order == "layers":
        _mark_layers(axes, distances.heads, size)
        return figure
    _name(axes, [distances.heads[i] for i in places], np.arange(len(places), dtype=np.float64), size)
    if isinstance(order, HeadClusters):
        _frame(axes, order.labels[places])
    else:
        _draw_tree(axes, tree)
    return figure


def _leaves(tree: FloatArray) -> NDArray[np.intp]:
    from scipy.cluster.hierarchy import leaves_list

    return np.asarray(leaves_list(tree), dtype=np.intp)


def _name(axes: Axes, names: list[str], positions: FloatArray, size: float, least: float = 0.0) -> None:
    """Names on both sides, thinned so that they never touch; `positions` are even, or apart by at least `least`."""
    apart = (least or 1.0) / (axes.get_xlim()[1] - axes.get_xlim()[0]) * size * 72
    font = float(np.clip(apart * 0.75, 5, 8))
    step = max(1, int(np.ceil(font * 1.15 / apart)))
    axes.set_xticks(positions[::step], names[::step], rotation=90, fontsize=font)
    axes.set_yticks(positions[::step], names[::step], fontsize=font)
    axes.tick_params(length=2, width=0.5, pad=1)
    if step > 1:
        axes.set_xlabel(f"1 name in {step} shown", fontsize=9)


def _mark_layers(axes: Axes, heads: tuple[str, ...], size: float) -> None:
    """Lines between layers, and the name of each at its middle."""
    layers = [(name, len(list(members))) for name, members in groupby(heads, key=lambda head: head.rpartition("H")[0])]
    ends = np.cumsum([number for _, number in layers])
    lengths = np.array([number for _, number in layers])
    _name(axes, [name for name, _ in layers], ends - lengths / 2 - 0.5, size, least=float(lengths.min()))
    low, high = -0.5, len(heads) - 0.5
    inner = ends[:-1] - 0.5
    segments = [[(low, end), (high, end)] for end in inner] + [[(end, low), (end, high)] for end in inner]
    axes.add_collection(LineCollection(segments, colors="#222222", linewidths=0.4, label="layers"), autolim=False)


def _frame(axes: Axes, labels: NDArray[np.int64]) -> None:
    """A square around each cluster; `labels` are in the order drawn."""
    start = -0.5
    for label, members in groupby(labels):
        side = len(list(members))
        if label >= 0:
            frame = Rectangle((start, start), side, side, fill=False, edgecolor="#d13002", linewidth=1.2)
            frame.set_label(f"cluster {label}")
            axes.add_patch(frame)
        start += side


def _draw_tree(axes: Axes, tree: FloatArray) -> None:
    """The merges above the matrix, leaves at its columns."""
    from scipy.cluster.hierarchy import dendrogram

    drawn = dendrogram(tree, no_plot=True)
    # scipy has leaves at 5, 15, 25 ...
    across, up = np.array(drawn["icoord"]) / 10 - 0.5, np.array(drawn["dcoord"])
    above = axes.inset_axes((0.0, 1.01, 1.0, 0.16))
    above.add_collection(LineCollection(np.stack([across, up], axis=-1).tolist(), colors="#444444", linewidths=0.6))
    above.set_xlim(*axes.get_xlim())
    above.set_ylim(0, float(up.max()) * 1.05 or 1)
    above.set_xticks([])
    above.tick_params(axis="y", length=2, width=0.5, labelsize=6)
    above.spines[["top", "right", "bottom"]].set_visible(False)
    above.spines["left"].set_linewidth(0.5)
