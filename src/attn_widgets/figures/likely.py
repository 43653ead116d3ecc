"""Next tokens of several runs -> a group of bars for each token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from attn_widgets.figures.bars import plain
from attn_widgets.figures.paper import stage
from attn_widgets.stills.tokens import readable

if TYPE_CHECKING:
    from attn_widgets.compute.next_tokens import NextTokens

_COLORS = ("#9aa3ad", "#3d87c4", "#efb118", "#6cc5b0", "#a463f2")


def next_tokens(
    found: NextTokens, *, runs: Sequence[str] | None = None, top: int = 8, size: float = 4.0, ax: Axes | None = None
) -> Figure:
    """How likely each run makes the tokens that may come next.

    Parameters
    ----------
    found : NextTokens
        Such as `FrozenRun.next_tokens`.
    runs : sequence of str, optional
        Those to show; default all.
    top : int
        How many tokens.
    size : float
        Width of the bars, in inches.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such run, or no token.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> frozen_run = aw.FrozenRun(aw.AttentionRun("toy-induction", "The cat sat on the mat. The cat sat on the"))
    >>> figure = aw.figures.next_tokens(frozen_run.next_tokens, runs=["live", "frozen"])
    """
    rows: list[Any] = list(getattr(found, "rows", ()))[:top]
    if not rows:
        raise ValueError(f"found is {found!r}; expected NextTokens with at least one token, and top of at least 1")
    known = list(rows[0].probabilities)
    chosen = known if runs is None else list(runs)
    missing = [run for run in chosen if run not in known]
    if missing or not chosen:
        raise ValueError(f"runs is {runs!r}; expected some of {', '.join(known)}")
    figure, axes = stage(ax, size + 1.6, 0.16 * len(rows) * len(chosen) + 0.9)
    height = 0.8 / len(chosen)
    for number, run in enumerate(chosen):
        places = np.arange(len(rows)) + (number - (len(chosen) - 1) / 2) * height
        values = [row.probabilities[run] for row in rows]
        axes.barh(places, values, 0.86 * height, color=_COLORS[number % len(_COLORS)], label=run)
        for place, value in zip(places, values, strict=True):
            axes.text(value + 0.01, place, f"{value:.3f}", va="center", fontsize=6.5)
    texts = [readable(row.text).replace("$", r"\$") for row in rows]
    axes.set_yticks(range(len(rows)), texts, fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, min(1.15, 1.2 * max(max(row.probabilities[run] for run in chosen) for row in rows) + 0.02))
    axes.set_xlabel(f"probability after query {found.position}", fontsize=9)
    plain(axes)
    if len(chosen) > 1:
        axes.legend(fontsize=7, frameon=False, loc="lower right")
    return figure
