"""Small pictures in rows and columns -> one axes with all of them, each at whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

# of a picture's side, between two
GAP = 0.1
_BLANK = "#f2f3f5"


def mosaic(
    axes: Axes, pictures: dict[tuple[int, int], FloatArray], shape: tuple[int, int], palette: str, norm: Normalize
) -> Any:
    """Draw pictures, (row, column) -> `[query, key]`, NaN where there is nothing; the last image, for a colour bar."""
    image = None
    colors = colormaps[palette].with_extremes(bad=_BLANK)
    half = (1 - GAP) / 2
    for (row, column), picture in pictures.items():
        extent = (column - half, column + half, row + half, row - half)
        values = np.ma.masked_invalid(np.maximum(picture, norm.vmin or 0) if isinstance(norm, LogNorm) else picture)
        image = axes.imshow(values, cmap=colors, norm=norm, interpolation="nearest", extent=extent, aspect="equal")
    axes.set(xlim=(-0.5, shape[1] - 0.5), ylim=(shape[0] - 0.5, -0.5))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False, labelsize=7, pad=1)
    return image


def seen(picture: FloatArray, causal: bool) -> FloatArray:
    """A picture with nothing above the diagonal of a causal one."""
    values = picture.astype(np.float32)
    if causal:
        values[np.triu_indices(len(values), 1)] = np.nan
    return values
