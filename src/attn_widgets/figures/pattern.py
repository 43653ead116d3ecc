"""A trace and a head -> its pattern with tokens and outlined motifs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from attn_widgets.figures.paper import PALETTES, color_range, explain, paint, short, stage
from attn_widgets.motifs.motif import Motif, Prompt
from attn_widgets.motifs.outline import outline
from attn_widgets.motifs.overlay import overlays
from attn_widgets.motifs.scoring import motif_scores
from attn_widgets.motifs.shapes import contains
from attn_widgets.names import head_name, parse_head
from attn_widgets.patterns import first_excluded
from attn_widgets.stills.tokens import readable
from attn_widgets.trace import Trace

FloatArray = NDArray[np.floating[Any]]
Scale = Literal["linear", "log", "row_max", "exclude_first"]

_NAMES = {"pattern": "attention", "score": "attention score", "value_weighted": "attention × value norm"}
_SCALES = ("linear", "log", "row_max", "exclude_first")
_LOG_DECADES = 4


def heatmap(
    trace: Trace,
    head: str | tuple[int, int],
    motifs: Sequence[str] | Literal["auto"] | None = "auto",
    *,
    kind: str = "pattern",
    scale: Scale = "linear",
    palette: str = "blues",
    less: Trace | None = None,
    query: int | None = None,
    key: int | None = None,
    size: float = 4.0,
    ax: Axes | None = None,
) -> Figure:
    """One head's pattern, with its tokens and motifs.

    Parameters
    ----------
    trace : Trace
    head : str or (int, int)
        `"L1H3"` or `(1, 3)`.
    motifs : sequence of str, "auto" or None
        The motifs to outline; "auto" takes those that the head really has (`MotifScores.present`), None
        takes none. The legend has their scores, lifts and bits.
    kind : {"pattern", "score", "value_weighted"}
        As for `Trace.head`.
    scale : {"linear", "log", "row_max", "exclude_first"}
        How values become colours, as in the heatmap widget: as they are; logarithmic over four decades; each row by its
        own maximum; without the first token. Scores of motifs are those of the whole pattern in any case.
    palette : {"blues", "viridis", "cividis", "magma", "greys"}
    less : Trace, optional
        A trace of as many tokens, whose pattern of the head is taken away: colours are on both sides of 0.
    query, key : int, optional
        A row and a column to mark.
    size : float
        Side of the square that holds the pattern, in inches.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure
        Vector graphics; patterns of more than 96 tokens are an image of one pixel a cell inside it, those of more than
        1,500 one of the largest cell of each block.

    Raises
    ------
    ValueError
        If there is no such head, motif, scale or palette, or the trace did not keep what `kind` needs.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> trace = aw.capture(aw.load_model("toy-induction", device="cpu"), "The cat sat. The cat sat.")
    >>> figure = aw.figures.heatmap(trace, "L1H1", motifs=["induction"])
    """
    for name, value, known in (("scale", scale, _SCALES), ("palette", palette, tuple(PALETTES))):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; expected one of {', '.join(known)}")
    if less is not None and (kind != "pattern" or scale != "linear"):
        raise ValueError(f"less is given, with kind {kind!r} and scale {scale!r}; a difference is of patterns, linear")
    if kind == "score" and scale != "linear":
        raise ValueError(f'scale is {scale!r}; attention scores have no zero, so only "linear" means anything')
    if less is None:
        values, norm = _shown(trace.head(head, kind), scale, kind)
    else:
        values = _difference(trace, less, head)
        most = float(np.abs(values).max(initial=0)) or 1.0
        norm = color_range(-most, most)
    if trace.causal:
        values = np.where(np.tri(len(values), dtype=bool), values, np.nan)
    layer, index = parse_head(head)
    rows, columns = values.shape
    longest = max(rows, columns)
    figure, axes = stage(ax, size * columns / longest + 1.6, size * rows / longest + 1.3)
    image = paint(axes, values, PALETTES[palette] if less is None else "RdBu", norm)
    _mark(axes, query, key, (rows, columns))
    _label_tokens(axes, trace, size / longest)
    title = head_name(layer, index)
    axes.set_title(f"{trace.model_name} {title}" if trace.model_name else title, fontsize=10)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, aspect=30, pad=0.02)
    bar.set_label(
        ("difference of " if less is not None else "")
        + _NAMES[kind]
        + {"row_max": " / row maximum", "exclude_first": f", first {trace.unit} left out"}.get(scale, "")
    )
    bar.outline.set_linewidth(0.5)
    if motifs is not None:
        _outline_motifs(ax, axes, trace, (layer, index), motifs, size / longest)
    return figure


def _difference(trace: Trace, less: Trace, head: str | tuple[int, int]) -> FloatArray:
    one, other = trace.head(head), less.head(head)
    if one.shape != other.shape:
        raise ValueError(f"less has patterns {other.shape}, the trace {one.shape}; expected as many tokens")
    return one.astype(np.float32) - other.astype(np.float32)


def _mark(axes: Axes, query: int | None, key: int | None, shape: tuple[int, int]) -> None:
    """Frames around a row and a column."""
    rows, columns = shape
    for name, position, n in (("query", query, rows), ("key", key, columns)):
        if position is None:
            continue
        if not 0 <= position < n:
            raise ValueError(f"{name} is {position}; expected a position from 0 to {n - 1}")
        corner, wide, high = (
            ((-0.5, position - 0.5), columns, 1) if name == "query" else ((position - 0.5, -0.5), 1, rows)
        )
        frame = Rectangle(corner, wide, high, fill=False, edgecolor="#222222", linewidth=0.7)
        frame.set_label(name)
        axes.add_patch(frame)


def _shown(values: FloatArray, scale: str, kind: str) -> tuple[FloatArray, Normalize]:
    """What a matrix is drawn as under a scale, and the norm that colours it."""
    values = values.astype(np.float32)
    values[~np.isfinite(values)] = np.nan
    high = 1.0 if kind == "pattern" else float(np.nanmax(values))
    if scale == "row_max":
        most = np.nanmax(values, axis=1, keepdims=True)
        return values / np.where(most > 0, most, np.nan), color_range(0, 1)
    if scale == "exclude_first":
        rest = first_excluded(values)
        rest[:, 0] = np.nan
        return rest, color_range(0, 1)
    if scale == "log":
        low = high * 10.0**-_LOG_DECADES
        return np.maximum(values, low), LogNorm(low, high)
    return values, color_range(float(np.nanmin(values)) if kind == "score" else 0, high)


def _label_tokens(axes: Axes, trace: Trace, inches: float) -> None:
    """Token labels, thinned so that they never touch; `inches` is the side of a cell."""
    points = inches * 72
    font = float(np.clip(points * 0.75, 5, 8))
    step = max(1, int(np.ceil(font * 1.15 / points)))
    keys, queries = range(0, trace.n_keys, step), range(0, trace.n_queries, step)
    axes.set_xticks(keys, [_readable(trace.tokens[k]) for k in keys], rotation=90, fontsize=font)
    axes.set_yticks(queries, [_readable(trace.query_tokens[q]) for q in queries], fontsize=font)
    axes.tick_params(length=2 if step == 1 else 3, width=0.5, pad=1)
    every = "" if step == 1 else f" (1 in {step} shown)"
    word = " word" if trace.unit == "word" else ""
    axes.set_xlabel(f"key{word}{every}", fontsize=9)
    axes.set_ylabel(f"query{word}{every}", fontsize=9)
    axes.spines[:].set_linewidth(0.5)


def _readable(token: str) -> str:
    """A token as labels have it, never read as mathematics."""
    return readable(token).replace("$", r"\$")


def _outline_motifs(
    ax: Axes | None,
    axes: Axes,
    trace: Trace,
    head: tuple[int, int],
    motifs: Sequence[str] | Literal["auto"],
    inches: float,
) -> None:
    if isinstance(motifs, str) and motifs != "auto":
        raise ValueError(f'motifs is {motifs!r}; expected a list of names, "auto" or None: [{motifs!r}]')
    scores = motif_scores(trace, motifs=None if motifs == "auto" else motifs, heads=[head])
    chosen: list[Motif] = list(scores.motifs)
    if motifs == "auto":
        present = scores.present()
        chosen = [motif for i, motif in enumerate(scores.motifs) if present[i][head]]
    if not chosen:
        return
    layer, index = head
    geometry, prompt = overlays(trace, scores), Prompt.of(trace, scores.band)
    thin = float(np.clip(inches * 72 * 0.14, 0.7, 1.6))
    handles, labels = [], []
    for place, motif in enumerate(chosen):
        found = geometry["found"].get(motif.name)
        shape = geometry["shapes"].get(motif.name) if found is None else found[layer][index]
        # wider below, narrower above: where outlines coincide, both are seen
        width = thin * (1 + 0.45 * min(3, len(chosen) - 1 - place))
        lines = LineCollection(outline(contains(shape, prompt)), colors=motif.color, linewidths=width)
        lines.set_capstyle("projecting")
        lines.set_label(motif.name)
        axes.add_collection(lines, autolim=False)
        handles.append(axes.plot([], [], color=motif.color, linewidth=2)[0])
        score, lift, bits = (table[motif.name][layer, index] for table in (scores.score, scores.lift, scores.bits))
        numbers = f"{score:.2f}  (×{short(lift)}, {bits:.1f} bits)"
        labels.append(f"{motif.label}  {'–' if np.isnan(score) else numbers}")
    figure = axes.get_figure(root=True)
    assert figure is not None
    columns = min(2, len(labels))
    explain(ax, figure, axes, handles, labels, "outside lower center", columns)
    if ax is None:
        figure.set_figheight(figure.get_figheight() + 0.17 * (len(labels) // columns))
