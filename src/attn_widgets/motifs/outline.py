"""A set of cells -> its outline, as few straight segments."""

from __future__ import annotations

import numpy as np

from attn_widgets.motifs.motif import BoolArray

Segment = list[tuple[float, float]]


def outline(cells: BoolArray) -> list[Segment]:
    """The border between a set of cells and everything else.

    Parameters
    ----------
    cells : numpy.ndarray
        bool `[query, key]`.

    Returns
    -------
    list
        Segments `[(key, query), (key, query)]`, horizontal or vertical, as long as they go; the centres of cells
        are at whole numbers, so their borders are at halves.
    """
    segments: list[Segment] = []
    for turned, grid in ((False, cells), (True, cells.T)):
        edge = np.diff(np.pad(grid, ((1, 1), (0, 0))).astype(np.int8), axis=0)
        # a side and its opposite apart: where two cells touch at a corner their sides do not make one segment
        for side in (1, -1):
            runs = np.diff(np.pad((edge == side).astype(np.int8), ((0, 0), (1, 1))), axis=1)
            for (line, start), (_, end) in zip(np.argwhere(runs == 1), np.argwhere(runs == -1), strict=True):
                ends = [(start - 0.5, line - 0.5), (end - 0.5, line - 0.5)]
                segments.append([(y, x) for x, y in ends] if turned else ends)
    return segments
