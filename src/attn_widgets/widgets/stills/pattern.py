"""A matrix and how it is on show -> a `Pattern` to draw; of long prompts a part of the rows, so that none waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.compute.scored import scored
from attn_widgets.motifs.motif import Prompt
from attn_widgets.motifs.outline import outline
from attn_widgets.motifs.overlay import overlays
from attn_widgets.motifs.shapes import contains
from attn_widgets.names import head_name
from attn_widgets.stills.colors import Coloring, coloring
from attn_widgets.stills.pattern import Outlined, Pattern
from attn_widgets.tiles import Matrix, block_for
from attn_widgets.trace import Trace
from attn_widgets.widgets.stills.words import measured_motifs

FloatArray = NDArray[np.floating[Any]]

# cells a side; of a causal matrix half of them are blank. More make a file of more than 150 kB
_SIDE, _SIDE_FULL = 320, 230
# outlines of more positions take too long, and are not told apart
_MOST_OUTLINED = 400
_SCALES = {
    "log": ", logarithmic",
    "row_max": ", each row by its maximum",
    "exclude_first": ", without the first {unit}",
}
_BARS = {"score": "score", "value_weighted": "weight ×\nvalue norm", "difference": "live − held"}


def pattern_of(
    matrix: Matrix,
    trace: Trace,
    head: tuple[int, int],
    *,
    kind: str = "pattern",
    scale: str = "linear",
    palette: str = "blues",
    query: int | None = None,
    key: int | None = None,
    motifs: Sequence[str] = (),
) -> Pattern:
    """What is drawn of a matrix.

    Parameters
    ----------
    matrix : Matrix
    trace : Trace
        Whose tokens and motifs these are.
    head : (int, int)
    kind, scale, palette, query, key : optional
        As on show.
    motifs : sequence of str
        To outline; "auto" for those that the head really has.
    """
    colored, block = _colored(matrix, kind, scale, palette)
    outlined = []
    if motifs and max(matrix.shape) <= _MOST_OUTLINED:
        outlined = _outlined(trace, head, motifs, scale == "exclude_first")
    bar = _BARS.get(kind, "weight")
    return Pattern(colored, block, trace.query_tokens, trace.tokens, bar, query, key, outlined)


def about_pattern(trace: Trace, kind: str, scale: str, matrix: Matrix) -> str:
    """What the picture is of, in a few words."""
    block = block_of(matrix)
    words = {"value_weighted": "pattern × value norm", "score": "attention scores"}.get(kind, kind)
    pooled = "" if block == 1 else f"; the largest of {block} x {block} cells"
    if block > 1 and block_for(matrix.shape) > 1:
        pooled = f"; one query in {block}, the largest of {block} keys"
    shown = _SCALES.get(scale, "").format(unit=trace.unit) if matrix.attention else ""
    text = f": {trace.text}" if trace.text else ""
    return f"{words} between {trace.unit}s{shown}{pooled}{text}".replace("\n", " ")


def block_of(matrix: Matrix) -> int:
    """Rows and columns of the matrix in one of the picture."""
    return -(-max(matrix.shape) // (_SIDE if matrix.causal else _SIDE_FULL))


def _colored(matrix: Matrix, kind: str, scale: str, palette: str) -> tuple[Coloring, int]:
    block = block_of(matrix)
    if block_for(matrix.shape) > 1:
        values = _some_rows(matrix, block)
        step = block
    else:
        values = np.array(matrix.block(*(slice(0, n) for n in matrix.shape)), dtype=np.float32)
        if matrix.causal:
            values[np.triu_indices(len(values), 1)] = np.nan
        step = 1
    unit = kind not in ("score", "value_weighted", "difference")
    colored = coloring(values, scale, palette, attention=matrix.attention, signed=matrix.signed, unit=unit)
    if block > 1:
        colored = Coloring(
            _pooled(colored.positions, block, 1 if step > 1 else block, signed=matrix.signed),
            colored.low,
            colored.high,
            colored.log,
            colored.palette,
        )
    return colored, block


def _some_rows(matrix: Matrix, every: int) -> FloatArray:
    """One row in so many, whole: all of a long matrix would take seconds."""
    n_queries, n_keys = matrix.shape
    rows = np.full((-(-n_queries // every), n_keys), -np.inf if matrix.masked else 0.0, dtype=np.float32)
    for place in range(len(rows)):
        query = min(n_queries - 1, (place + 1) * every - 1)
        first, cells = matrix.rows(slice(query, query + 1))
        rows[place, first : first + cells.shape[1]] = cells[0]
        if matrix.causal:
            rows[place, query + 1 :] = np.nan
    return rows


def _pooled(positions: FloatArray, block: int, rows: int, *, signed: bool) -> FloatArray:
    """The largest of blocks; of signed values the one farthest from the middle."""
    for axis, size in ((1, block), (0, rows)):
        starts = np.arange(0, positions.shape[axis], size)
        most = np.fmax.reduceat(positions, starts, axis=axis)
        if signed:
            least = np.fmin.reduceat(positions, starts, axis=axis)
            most = np.where(0.5 - least > most - 0.5, least, most)
        positions = most
    return positions


def _outlined(trace: Trace, head: tuple[int, int], motifs: Sequence[str], exclude_first: bool) -> list[Outlined]:
    found = measured_motifs(trace, head, exclude_first=exclude_first)
    if found is None:
        return []
    scores = scored(trace).scores(exclude_first=exclude_first)
    present = dict(zip(scores.names, scores.present()[:, head[0], head[1]], strict=True))
    chosen = [m for m in scores.motifs if m.name in motifs or ("auto" in motifs and present[m.name])]
    only = np.zeros((trace.n_layers, trace.n_heads), dtype=bool)
    only[head] = True
    geometry, prompt = overlays(trace, scores, only), Prompt.of(trace, scores.band)
    lines = []
    for motif in chosen:
        shapes = geometry["found"].get(motif.name)
        shape = geometry["shapes"].get(motif.name) if shapes is None else shapes[head[0]][head[1]]
        one = found.get(motif.name)
        numbers = "–" if one is None else f"{one.score:.2f}   {one.lift:.1f}x   {one.bits:.1f} bits"
        lines.append(Outlined(motif.label, motif.color, outline(contains(shape, prompt)), numbers))
    return lines


def title_of(trace: Trace, layer: int, head: int) -> str:
    """`smollm2-135m L18H6`."""
    return f"{trace.model_name} {head_name(layer, head)}".strip()
