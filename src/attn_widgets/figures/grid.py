"""A trace -> all its heads as small pictures, layers by heads."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from attn_widgets.figures.mosaic import GAP, mosaic, seen
from attn_widgets.figures.paper import PALETTES, color_range, explain, stage
from attn_widgets.motifs.registry import MOTIFS, unknown
from attn_widgets.motifs.scores import MotifScores
from attn_widgets.motifs.scoring import motif_scores
from attn_widgets.names import check_head
from attn_widgets.patterns import first_excluded, max_pool
from attn_widgets.trace import Trace

_SCALES = ("linear", "log", "exclude_first")
_SIDE = 64


def head_grid(
    trace: Trace,
    *,
    scale: Literal["linear", "log", "exclude_first"] = "linear",
    palette: str = "blues",
    motif: str | None = None,
    scores: MotifScores | None = None,
    head: str | tuple[int, int] | None = None,
    size: float = 0.5,
    ax: Axes | None = None,
) -> Figure:
    """Every head's pattern as a small picture, the largest value of each block of cells, layers by heads.

    Parameters
    ----------
    trace : Trace
    scale : {"linear", "log", "exclude_first"}
        As for `heatmap`.
    palette : {"blues", "viridis", "cividis", "magma", "greys"}
    motif : str, optional
        "dominant" frames each head in the colour of the motif it is named by; a name of `attn_widgets.MOTIFS` in that
        motif's colour, as strong as its score.
    scores : MotifScores, optional
        Of this trace; default measured here.
    head : str or (int, int), optional
        A head to mark.
    size : float
        Side of a picture, in inches.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such scale, palette or head.
    KeyError
        If there is no such motif.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> trace = aw.capture(aw.load_model("toy-induction", device="cpu"), "The cat sat. The cat sat.")
    >>> figure = aw.figures.head_grid(trace, motif="dominant")
    """
    for name, value, known in (("scale", scale, _SCALES), ("palette", palette, tuple(PALETTES))):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; expected one of {', '.join(known)}")
    if motif is not None and motif != "dominant" and motif not in MOTIFS:
        raise KeyError(unknown(motif, ["dominant", *MOTIFS]))
    n_layers, n_heads = trace.n_layers, trace.n_heads
    marked = None if head is None else check_head(head, n_layers, n_heads)
    pictures = {}
    for layer, heads, patterns in trace.parts():
        shown = np.nan_to_num(first_excluded(patterns)) if scale == "exclude_first" else patterns
        for index, small in zip(range(n_heads)[heads], max_pool(shown, _SIDE), strict=True):
            pictures[layer, index] = seen(small, trace.causal)
    figure, axes = stage(ax, size * n_heads + 1.4, size * n_layers + (1.2 if motif else 0.9))
    norm = LogNorm(1e-4, 1) if scale == "log" else color_range(0, 1)
    image = mosaic(axes, pictures, (n_layers, n_heads), PALETTES[palette], norm)
    bar = figure.colorbar(image, ax=axes, shrink=min(1.0, 2.5 / (size * n_layers)), aspect=25, pad=0.02)
    bar.set_label("attention" + (f", first {trace.unit} left out" if scale == "exclude_first" else ""), fontsize=8)
    bar.outline.set_linewidth(0.5)
    bar.ax.tick_params(labelsize=7, length=2, width=0.5)
    step = max(1, int(np.ceil(0.14 / size)))
    axes.set_xticks(range(0, n_heads, step))
    axes.set_yticks(range(0, n_layers, step))
    axes.set_xlabel("head", fontsize=8)
    axes.xaxis.set_label_position("top")
    axes.set_ylabel("layer", fontsize=8)
    if motif is not None:
        measured = scores or motif_scores(trace, motifs=None if motif == "dominant" else [motif])
        _frame_motifs(ax, figure, axes, measured, motif)
    if marked is not None:
        _frame(axes, marked, "#d9480f", 1.6, 1.0, "head")
    axes.set_title(trace.model_name, fontsize=10)
    return figure


def _frame_motifs(ax: Axes | None, figure: Figure, axes: Axes, scores: MotifScores, motif: str) -> None:
    shown: dict[str, int] = {}
    dominant = scores.dominant() if motif == "dominant" else None
    for layer, index in np.ndindex(scores.n_layers, scores.n_heads):
        name = motif if dominant is None else str(dominant[layer, index])
        strength = 1.0 if dominant is not None else float(np.nan_to_num(scores[motif][layer, index]))
        if name in MOTIFS and strength > 0:
            _frame(axes, (layer, index), MOTIFS[name].color, 1.2, 0.15 + 0.85 * strength, name)
            shown[name] = shown.get(name, 0) + 1
    names = [name for name in MOTIFS if name in shown]
    lines = [Line2D([], [], color=MOTIFS[name].color, linewidth=2) for name in names]
    counts = [MOTIFS[name].label + (f" ({shown[name]})" if dominant is not None else "") for name in names]
    columns = max(1, min(len(names), int(figure.get_figwidth() // 1.6)))
    if names:
        explain(ax, figure, axes, lines, counts, "outside lower center", columns)
        if ax is None:
            figure.set_figheight(figure.get_figheight() + 0.17 * -(-len(names) // columns))


def _frame(axes: Axes, head: tuple[int, int], color: str, line: float, alpha: float, label: str) -> None:
    layer, index = head
    side = 1 - GAP
    corner = (index - side / 2, layer - side / 2)
    frame = Rectangle(corner, side, side, fill=False, edgecolor=color, linewidth=line, alpha=alpha)
    frame.set_label(label)
    axes.add_patch(frame)
