"""What all figures share: how one shows itself in a notebook, and how a matrix is drawn."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from attn_widgets.patterns import largest_of_blocks

FloatArray = NDArray[np.floating[Any]]

PALETTES = {"blues": "Blues", "viridis": "viridis", "cividis": "cividis", "magma": "magma", "greys": "Greys"}
# above this many cells a side a quad for each makes files of megabytes: an image of one pixel a cell instead
_MOST_QUADS = 96
# more than a page shows
_MOST_PIXELS = 1500


class PaperFigure(Figure):
    """A figure that a notebook shows by itself, although pyplot does not know it."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        picture = io.BytesIO()
        # twice the pixels at the same size, for sharp screens
        self.savefig(picture, format="png", dpi=2 * self.dpi)
        width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
        return picture.getvalue(), {"width": width, "height": height}


def stage(ax: Axes | None, width: float, height: float, *, projection: str | None = None) -> tuple[Figure, Any]:
    """The axes to draw on and their figure: those that were given, or a new figure of so many inches."""
    if ax is not None:
        figure = ax.get_figure(root=True)
        assert figure is not None
        return figure, ax
    figure = PaperFigure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot(projection=projection)


def explain(ax: Axes | None, figure: Figure, axes: Axes, handles: Any, labels: Any, loc: Any, columns: int = 1) -> None:
    """A legend: outside of the axes in a figure of our own, else inside of them, so that nothing else is moved."""
    if ax is None:
        figure.legend(handles, labels, loc=loc, ncols=columns, fontsize=8, frameon=False)
    else:
        axes.legend(handles, labels, loc="best", fontsize=6, frameon=False)


def color_range(low: float, high: float) -> Normalize:
    """From the first colour to the last; a range of nothing is widened."""
    return Normalize(low, high if high > low else low + 1)


def paint(axes: Axes, values: FloatArray, palette: str, norm: Normalize) -> Any:
    """Draw a matrix, first row on top, cell centres at whole numbers; of a large one the largest cell of each block."""
    rows, columns = values.shape
    block = -(-max(rows, columns) // _MOST_PIXELS)
    values = largest_of_blocks(values, block)
    masked = np.ma.masked_invalid(values)
    axes.set_aspect("equal")
    if max(rows, columns) > _MOST_QUADS:
        # the last blocks may reach over the edge
        extent = (-0.5, values.shape[1] * block - 0.5, values.shape[0] * block - 0.5, -0.5)
        image = axes.imshow(masked, cmap=palette, norm=norm, interpolation="none", extent=extent)
        axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
        return image
    x, y = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    # a hairline in each cell's own colour hides the seams that viewers show between quads
    mesh = axes.pcolormesh(x, y, masked, cmap=palette, norm=norm, edgecolors="face", linewidth=0.05)
    axes.invert_yaxis()
    return mesh


def short(lift: float) -> str:
    """A lift in few digits."""
    return f"{lift:.0f}" if lift >= 9.95 else f"{lift:.1f}"
