"""A head of a map and others like it, on every prompt -> a table of small patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from attn_widgets.figures.mosaic import mosaic, seen
from attn_widgets.figures.paper import PALETTES, color_range, stage
from attn_widgets.patterns import max_pool
from attn_widgets.trace import Unit

if TYPE_CHECKING:
    from attn_widgets.compute.head_map import HeadMap

_SIDE = 64
_LETTERS = 16


def head_card(
    head_map: HeadMap,
    head: str,
    *,
    unit: Unit | None = None,
    palette: str = "viridis",
    size: float = 0.7,
    ax: Axes | None = None,
) -> Figure:
    """A head, its nearest heads, heads of the same class and a far one, one a row, on every prompt, one a column.

    Parameters
    ----------
    head_map : HeadMap
    head : str
        Such as "L5H1", or "gpt2:L5H1" where there are several models.
    unit : {"token", "word"}, optional
        Whether patterns are between tokens or words; default what heads are compared on.
    palette : {"blues", "viridis", "cividis", "magma", "greys"}
    size : float
        Side of a pattern, in inches.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure
        Beside each head stand its distance and the motif it is named by.

    Raises
    ------
    ValueError
        If there is no such head or palette.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> figure = aw.figures.head_card(aw.HeadMap(traces), "L1H1")
    """
    from attn_widgets.compute.relatives import relatives

    if palette not in PALETTES:
        raise ValueError(f"palette is {palette!r}; expected one of {', '.join(PALETTES)}")
    if head not in head_map.heads:
        raise ValueError(f"head is {head!r}; expected one of {head_map.heads[0]} to {head_map.heads[-1]}")
    rows, prompts = relatives(head_map, head), head_map.prompts
    pictures = {}
    for row, one in enumerate(rows):
        for column in range(len(prompts)):
            causal = head_map.trace_of(one.name, column, unit).causal
            pictures[row, column] = seen(max_pool(head_map.picture(one.name, column, unit), _SIDE), causal)
    figure, axes = stage(ax, size * len(prompts) + 2.2, size * len(rows) + 0.8)
    mosaic(axes, pictures, (len(rows), len(prompts)), PALETTES[palette], color_range(0, 1))
    short = [text if len(text) <= _LETTERS else text[: _LETTERS - 1] + "…" for text in prompts]
    axes.set_xticks(range(len(prompts)), [text.replace("$", r"\$") for text in short], rotation=30, ha="left")
    names = []
    for one in rows:
        motif = "" if one.motif == "none" else f"\n{one.motif.replace('_', ' ')} {one.score:.2f}"
        away = "" if one.relation == "self" else f", {one.relation} {one.distance:.2f}"
        names.append(f"{one.name}{away}{motif}")
    axes.set_yticks(range(len(rows)), names, fontsize=6.5)
    return figure
