"""Scores of motifs -> a table of heads by motifs, each cell coloured and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from attn_widgets.figures.paper import color_range, paint, short, stage
from attn_widgets.motifs.naming import RULE
from attn_widgets.motifs.scores import MotifScores, strongest
from attn_widgets.names import head_name, parse_head


def motif_table(
    scores: MotifScores, top: int = 2, heads: Sequence[str] | None = None, *, ax: Axes | None = None
) -> Figure:
    """Heads by motifs: the score of each, coloured, and below it the lift and the bits.

    Parameters
    ----------
    scores : MotifScores
    top : int
        For every motif, the heads to show: those with the highest scores, among heads that really have it.
    heads : sequence of str, optional
        The heads to show instead, in this order.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure
        One row a head, grouped by dominant motif (see `MotifScores.dominant`), whose colour is beside the name. "–" is
        not measurable. Of several prompts the figures are means, the scores with their deviation.

    Raises
    ------
    ValueError
        If a head does not exist, or no head shows any motif.
    """
    rows = _strongest(scores, top) if heads is None else [parse_head(head) for head in heads]
    if not rows:
        raise ValueError("no head shows any motif; pass heads=[...] to show some anyway")
    for layer, index in rows:
        scores.of((layer, index))
    layers, indices = np.array(rows).T
    tables = (scores.score, scores.lift, scores.bits, scores.spread)
    values, lifts, bits, spreads = (table.array[:, layers, indices].T for table in tables)
    dominant = scores.dominant()
    n_rows, n_columns = values.shape
    figure, axes = stage(ax, 0.62 * n_columns + 1.6, 0.34 * n_rows + 1.5)
    image = paint(axes, values, "Blues", color_range(0, 1))
    axes.set_aspect("auto")
    for row in range(n_rows):
        for column, motif in enumerate(scores.motifs):
            value, lift = values[row, column], lifts[row, column]
            ink = "white" if value > 0.55 else "#222222"
            if np.isnan(value):
                axes.text(column, row, "–", ha="center", va="center", color="#888888", fontsize=8)
                continue
            strong = dominant[rows[row]] == motif.name
            weight = "bold" if strong else "normal"
            spread = spreads[row, column]
            score = f"{value:.2f}" if np.isnan(spread) else f"{value:.2f}±{spread:.2f}"
            size = 8 if np.isnan(spread) else 7
            axes.text(column, row - 0.14, score, ha="center", va="center", color=ink, fontsize=size, weight=weight)
            below = f"×{short(lift)}  {bits[row, column]:.1f} b"
            axes.text(column, row + 0.27, below, ha="center", va="center", color=ink, fontsize=5.5)
    for column, motif in enumerate(scores.motifs):
        axes.add_patch(Rectangle((column - 0.46, -0.72), 0.92, 0.14, color=motif.color, clip_on=False, lw=0))
    for row, head in enumerate(rows):
        if dominant[head] in scores.names:
            color = scores.motifs[scores.names.index(str(dominant[head]))].color
            axes.add_patch(Rectangle((-0.68, row - 0.42), 0.1, 0.84, color=color, clip_on=False, lw=0))
    axes.set_xticks(range(n_columns), [motif.label for motif in scores.motifs], rotation=40, ha="left", fontsize=8)
    axes.set_yticks(range(n_rows), [head_name(*head) for head in rows], fontsize=8)
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.tick_params(axis="x", pad=8)
    axes.tick_params(axis="y", pad=10)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=min(1.0, 3 / (0.34 * n_rows)), aspect=30, pad=0.02)
    bar.set_label("score (below: × chance, bits)")
    axes.set_xlabel(fill(f"Beside the name: {RULE}", 14 * n_columns), fontsize=5.5, color="#666666", labelpad=8)
    return figure


def _strongest(scores: MotifScores, top: int) -> list[tuple[int, int]]:
    """Heads that are among the `top` of a motif that they really have, grouped by their dominant motif."""
    present, dominant = scores.present(), scores.dominant()
    rows: dict[tuple[int, int], None] = {}
    for i, name in enumerate(scores.names):
        having = [parse_head(head) for head, _ in strongest(scores, name, len(scores.heads))]
        rows.update(dict.fromkeys([head for head in having if present[i][head]][:top]))
    order = [*scores.names, "none"]

    def place(head: tuple[int, int]) -> tuple[int, float]:
        motif = str(dominant[head])
        return order.index(motif), 0.0 if motif == "none" else -float(scores[motif][head])

    return sorted(rows, key=place)
