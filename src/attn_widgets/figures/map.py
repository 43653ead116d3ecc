"""An embedding of heads -> a scatter of them, coloured by layer, class, cluster or anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from attn_widgets.figures.names_on_map import write_names
from attn_widgets.figures.paper import PALETTES, color_range, explain, stage
from attn_widgets.figures.point_colors import Groups, groups_of
from attn_widgets.heads.clusters import HeadClusters
from attn_widgets.heads.distances import HeadDistances
from attn_widgets.names import parse_head

FloatArray = NDArray[np.floating[Any]]
ColorBy = str | HeadClusters | Mapping[str, Any] | Sequence[Any] | NDArray[Any]

_NONE = "#b4bbc4"
# areas in points squared
_AREA, _SMALL = 26, 10


def head_map(
    embedding: FloatArray,
    heads: HeadDistances | Sequence[str],
    *,
    color_by: ColorBy = "layer",
    labels: Sequence[str] | Literal["auto", "all"] | None = "auto",
    palette: str = "viridis",
    size: float = 4.0,
    ax: Axes | None = None,
) -> Figure:
    """Heads as points, those that look alike close together.

    Parameters
    ----------
    embedding : numpy.ndarray
        `[head, 2 or 3]`, from `embed_heads`.
    heads : HeadDistances or sequence of str
        The distances that were embedded, or the names of the heads.
    color_by : str, HeadClusters, dict or sequence
        `"layer"` or `"model"`; what `cluster_heads` returned; classes, such as `known_heads` or `label_heads` returned
        (class -> heads, or, for several models, model -> these: the fill is the first class that a head belongs to, the
        edge the second); or one number or
        one name a head, such as a column of `HeadMap.table`.
    labels : sequence of str, "auto", "all" or None
        The heads to name. "auto" names as many as there is room for; where there are classes, heads that belong to one.
    palette : {"blues", "viridis", "cividis", "magma", "greys"}
        For numbers.
    size : float
        Side of the map, in inches.
    ax : matplotlib.axes.Axes, optional
        Where to draw, of `projection="3d"` for points in three dimensions; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure
        Vector graphics. Axes have no ticks, because an embedding's axes mean nothing.

    Raises
    ------
    ValueError
        If shapes do not fit, or an argument names a head that is not on the map.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> distances = aw.head_distances(traces)
    >>> clusters = aw.cluster_heads(distances, n_clusters=2)
    >>> figure = aw.figures.head_map(aw.embed_heads(distances), distances, color_by=clusters)
    """
    if palette not in PALETTES:
        raise ValueError(f"palette is {palette!r}; expected one of {', '.join(PALETTES)}")
    names = tuple(heads.heads if isinstance(heads, HeadDistances) else heads)
    points = np.asarray(embedding, dtype=np.float64)
    if points.ndim != 2 or points.shape[0] != len(names) or points.shape[1] not in (2, 3):
        raise ValueError(f"embedding has shape {points.shape}; expected ({len(names)}, 2 or 3), a point for each head")
    models = heads.models if isinstance(heads, HeadDistances) else tuple(name.rpartition(":")[0] for name in names)
    numbers, title, groups = _coloring(color_by, names, models)
    if ax is not None and (ax.name == "3d") != (points.shape[1] == 3):
        raise ValueError(f"ax has projection {ax.name!r}, and points {points.shape[1]} dimensions; expected the same")
    figure, axes = stage(ax, size + 1.8, size + 0.5, projection="3d" if points.shape[1] == 3 else None)
    if groups is None:
        assert numbers is not None
        shown = axes.scatter(
            *points.T,
            c=numbers,
            cmap=PALETTES[palette],
            norm=color_range(float(np.nanmin(numbers)), float(np.nanmax(numbers))),
            s=_AREA,
            edgecolors="white",
            linewidths=0.4,
            plotnonfinite=False,
        )
        bar = figure.colorbar(shown, ax=axes, shrink=0.8, aspect=30, pad=0.02)
        bar.set_label(title)
        bar.outline.set_linewidth(0.5)
    else:
        _scatter_groups(ax, figure, axes, points, groups)
    _bare(axes)
    axes.set_title(", ".join(name for name in dict.fromkeys(models) if name), fontsize=10)
    if labels is not None:
        grouped = np.ones(len(names), dtype=bool) if groups is None else groups.first >= 0
        write_names(figure, axes, points, *_chosen(labels, names, models, grouped))
    return figure


def _coloring(
    color_by: ColorBy, names: tuple[str, ...], models: tuple[str, ...]
) -> tuple[FloatArray | None, str, Groups | None]:
    """What colours points: numbers and their name, or groups."""
    if isinstance(color_by, str):
        if color_by == "layer":
            layers = np.array([parse_head(name.rpartition(":")[2])[0] for name in names], dtype=np.float64)
            return layers, "layer", None
        if color_by == "model":
            return None, "", groups_of(models, names, models)
        raise ValueError(
            f'color_by is {color_by!r}; expected "layer", "model", clusters, classes, or one value for each head'
        )
    if not isinstance(color_by, (HeadClusters, Mapping)):
        values = np.asarray(color_by)
        if values.shape != (len(names),):
            raise ValueError(f"color_by has shape {values.shape}; expected one value for each of {len(names)} heads")
        if np.issubdtype(values.dtype, np.number):
            return values.astype(np.float64), str(getattr(color_by, "name", None) or ""), None
    return None, "", groups_of(color_by, names, models)


def _scatter_groups(ax: Axes | None, figure: Figure, axes: Any, points: FloatArray, groups: Groups) -> None:
    """One call for each group, those in none below the others."""
    edges = np.array([*groups.colors, "white"])[groups.second]
    for group in range(-1, len(groups.names)):
        where = groups.first == group
        if not where.any():
            continue
        axes.scatter(
            *points[where].T,
            color=groups.colors[group] if group >= 0 else _NONE,
            s=_AREA if group >= 0 else _SMALL,
            edgecolors=edges[where],
            linewidths=np.where(groups.second[where] >= 0, 1.4, 0.4),
        )
    number = int((groups.first < 0).sum())
    rows = [*zip(groups.names, groups.colors, groups.sizes, strict=True)] + [("none", _NONE, number)] * bool(number)
    dots = [Line2D([], [], color=color, marker="o", markersize=5, linestyle="none") for _, color, _ in rows]
    named = [f"{name} ({size})" for name, _, size in rows]
    explain(ax, figure, axes, dots, named, "outside right upper")


def _bare(axes: Axes) -> None:
    """No ticks, the same scale in every direction, and thin lines."""
    axes.set_aspect("equal", adjustable="datalim" if axes.name == "rectilinear" else "box")
    for axis in ("x", "y", "z"):
        if hasattr(axes, f"set_{axis}ticks"):
            getattr(axes, f"set_{axis}ticks")([])
    axes.spines[:].set_linewidth(0.5)
    axes.margins(0.08)


def _chosen(
    labels: Sequence[str] | str, names: tuple[str, ...], models: tuple[str, ...], grouped: NDArray[np.bool_]
) -> tuple[list[tuple[int, str]], bool]:
    """The points to name, with what is written, and whether those without room are left out."""
    short = {i: name.rpartition(":")[2] if len(set(models)) < 2 else name for i, name in enumerate(names)}
    if labels in ("auto", "all"):
        some = labels == "auto"
        return [(i, short[i]) for i in short if grouped[i] or not some], some
    if isinstance(labels, str):
        raise ValueError(f'labels is {labels!r}; expected a list of heads, "auto", "all" or None: [{labels!r}]')
    missing = [label for label in labels if label not in names]
    if missing:
        raise ValueError(f"labels has {missing[0]!r}, which is not on the map; it has {names[0]} to {names[-1]}")
    return [(names.index(label), short[names.index(label)]) for label in labels], False
