"""Terms that are added up -> bars to the right and to the left of 0, with their numbers; shared by figures of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

MORE, LESS = "#3d87c4", "#d6604d"


def signed_bars(ax: Axes, names: Sequence[str], values: Sequence[float], *, bold: Sequence[str] = ()) -> None:
    """One bar a name, the first on top."""
    for row, (name, value) in enumerate(zip(names, values, strict=True)):
        bar = ax.barh(row, value, height=0.62, color=MORE if value >= 0 else LESS)
        bar[0].set_label(name)
        number = f"{value:+.3g}".replace("-", "−")
        weight = "bold" if name in bold else "normal"
        place = ("axes fraction", "data")
        ax.annotate(number, (1.02, row), xycoords=place, va="center", fontsize=8, weight=weight)
    ax.axvline(0, color="#888888", lw=0.7, zorder=0)
    low, high = min(0.0, *values), max(0.0, *values)
    margin = 0.04 * ((high - low) or 1)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_yticks(np.arange(len(names)), names, fontsize=8)
    plain(ax)


def plain(ax: Axes) -> None:
    """Thin lines, and a frame below only."""
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", length=2, width=0.5, labelsize=7)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.spines["bottom"].set_linewidth(0.5)
