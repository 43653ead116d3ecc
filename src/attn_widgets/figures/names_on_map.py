"""Points and names -> names beside points, where they cover neither points nor each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

_FONT = 6.5
_GAP = 3.5
# where a name may be, seen from its point: (horizontal, vertical) in {-1, 0, 1}
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_ANCHORS = {-1: "right", 0: "center", 1: "left"}
_LEVELS = {-1: "top", 0: "center_baseline", 1: "bottom"}


def write_names(
    figure: Figure, axes: Any, points: FloatArray, chosen: list[tuple[int, str]], only_with_room: bool
) -> None:
    """Write names, the first first.

    Parameters
    ----------
    figure, axes
        With the points drawn and the limits set.
    points : numpy.ndarray
        `[point, 2 or 3]`.
    chosen : list of (int, str)
        Which points to name, and how.
    only_with_room : bool
        Leave out the names for which every side is taken.
    """
    figure.draw_without_rendering()
    flat = _on_paper(axes, points)
    pixels = axes.transData.transform(flat)
    to_pixels = figure.dpi / 72
    frame = axes.get_window_extent()
    taken = np.empty((0, 4))
    for point, name in chosen:
        text = axes.annotate(
            name, flat[point], xytext=(0, 0), textcoords="offset points", fontsize=_FONT, color="#333333", zorder=5
        )
        extent = text.get_window_extent()
        best = None
        for side in _SIDES:
            box = _box(pixels[point], side, extent.width, extent.height, _GAP * to_pixels)
            inside = frame.x0 <= box[0] and box[2] <= frame.x1 and frame.y0 <= box[1] and box[3] <= frame.y1
            covers = ((pixels > box[:2] - 1) & (pixels < box[2:] + 1)).all(axis=1).any()
            touches = ((taken[:, :2] < box[2:]) & (taken[:, 2:] > box[:2])).all(axis=1).any()
            if inside and not covers and not touches:
                best = side, box
                break
        if best is None and only_with_room:
            text.remove()
            continue
        side, box = best or (_SIDES[0], _box(pixels[point], _SIDES[0], extent.width, extent.height, _GAP * to_pixels))
        taken = np.vstack([taken, box])
        # a corner is nearer than the two sides that make it
        reach = _GAP * (0.7 if all(side) else 1)
        text.set_position((side[0] * reach, side[1] * reach))
        text.set_horizontalalignment(_ANCHORS[side[0]])
        text.set_verticalalignment(_LEVELS[side[1]])


def _on_paper(axes: Any, points: FloatArray) -> FloatArray:
    """Where points are in the plane of the figure, in the units of its axes."""
    if points.shape[1] == 2:
        return points
    across, up, _, depth = axes.get_proj() @ np.vstack([points.T, np.ones(len(points))])
    return np.stack([across / depth, up / depth], axis=1)


def _box(point: FloatArray, side: tuple[int, int], width: float, height: float, gap: float) -> FloatArray:
    """The rectangle of a name at one side of its point: left, bottom, right, top in pixels."""
    reach = gap * (0.7 if all(side) else 1)
    left = point[0] + side[0] * reach + (side[0] - 1) / 2 * width
    bottom = point[1] + side[1] * reach + (side[1] - 1) / 2 * height
    return np.array([left, bottom, left + width, bottom + height])
