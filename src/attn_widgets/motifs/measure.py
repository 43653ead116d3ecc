"""A trace -> score, lift and bits of every motif in every head, some heads at a time; numpy, no loop over heads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.motifs.bits import bits_of
from attn_widgets.motifs.layer import FloatArray, Layer
from attn_widgets.motifs.motif import BAND, Motif, Prompt
from attn_widgets.patterns import first_excluded
from attn_widgets.trace import Trace
from attn_widgets.traces import each_part


@dataclass(frozen=True, eq=False)
class Measurement:
    """Numbers `[motif, layer, head]`, NaN of heads not measured; motif -> where it was found, `[layer, head, ...]`."""

    scores: FloatArray
    lifts: FloatArray
    bits: FloatArray
    on_first: FloatArray  # [layer, head], mean mass on key 0 over the rows that see others
    found: dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Part:
    """What was measured in some heads of a layer: numbers `[motif, head]`; motif -> where, `[head, ...]`."""

    scores: FloatArray
    uniform: FloatArray
    costs: FloatArray
    on_first: FloatArray
    where: dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class _Masks:
    """All masks of a prompt."""

    cells: list[NDArray[np.int64]]  # of each mask, places in the flat pattern
    rows: FloatArray  # [query, mask]
    uniform: FloatArray  # [query, mask], what a uniform pattern has on each row of each mask

    def measure(self, layer: Layer) -> tuple[FloatArray, FloatArray]:
        """Score and the score of a uniform pattern, `[mask, head]`."""
        flat = layer.patterns.reshape(len(layer.patterns), -1)
        mass = np.stack([flat[:, cells].sum(axis=1) for cells in self.cells] or [np.zeros((0, len(flat)))])
        number = (layer.defined @ self.rows).T
        with np.errstate(invalid="ignore", divide="ignore"):
            return mass.reshape(number.shape) / number, (layer.defined @ self.uniform).T / number


class Measurer:
    """Motifs and a prompt, ready to measure the heads of a trace, in any order.

    Parameters
    ----------
    trace : Trace
    motifs : sequence of Motif
    exclude_first : bool
        Take key 0 out of the patterns and the masks, and renormalise the rows. Rows without a choice are left out:
        those that have all or none of what they still see in the mask.
    band : int
        How many positions count as recent.
    """

    def __init__(self, trace: Trace, motifs: Sequence[Motif], *, exclude_first: bool = False, band: int = BAND) -> None:
        self.trace, self.motifs, self._excluded = trace, tuple(motifs), exclude_first
        self._prompt = Prompt.of(trace, band)
        self._visible = self._prompt.visible
        if exclude_first:
            self._visible = self._visible.copy()
            self._visible[:, 0] = False
        self._masked = [i for i, motif in enumerate(motifs) if motif.detector is None]
        cells = (motifs[i].cells(self._prompt) for i in self._masked)
        self._masks = _masks(cells, len(self._masked), self._visible, with_choice=exclude_first)

    def part(self, patterns: NDArray[Any]) -> Part:
        """Measure some heads of a layer, `[head, query, key]`."""
        heads = len(patterns)
        scores: FloatArray = np.full((len(self.motifs), heads), np.nan, dtype=np.float32)
        uniform, costs = np.full_like(scores, np.nan), np.zeros_like(scores)
        on_first: FloatArray = np.zeros(heads, dtype=np.float32)
        if patterns.shape[1] > 1:
            on_first = patterns[:, 1:, 0].mean(axis=1, dtype=np.float32)
        where: dict[str, NDArray[Any]] = {}
        layer = layer_of(patterns, self._prompt, self._visible, self._excluded)
        scores[self._masked], uniform[self._masked] = self._masks.measure(layer)
        for i, motif in enumerate(self.motifs):
            if motif.detector is not None:
                measured = motif.measure(layer)
                scores[i], uniform[i] = measured.score, measured.uniform
                if measured.cost is not None:
                    costs[i] = measured.cost
                if measured.where is not None:
                    where[motif.name] = measured.where
        return Part(scores, uniform, costs, on_first, where)


def together(motifs: Sequence[Motif], trace: Trace, parts: Sequence[tuple[int, slice, Part]]) -> Measurement:
    """Put the parts of a trace together; heads that are in none are NaN."""
    scores: FloatArray = np.full((len(motifs), trace.n_layers, trace.n_heads), np.nan, dtype=np.float32)
    uniform, costs = np.full_like(scores, np.nan), np.zeros_like(scores)
    on_first: FloatArray = np.zeros((trace.n_layers, trace.n_heads), dtype=np.float32)
    found: dict[str, NDArray[Any]] = {}
    for layer, heads, part in parts:
        scores[:, layer, heads], uniform[:, layer, heads] = part.scores, part.uniform
        costs[:, layer, heads], on_first[layer, heads] = part.costs, part.on_first
        for name, where in part.where.items():
            if name not in found:
                found[name] = np.zeros((trace.n_layers, trace.n_heads, *where.shape[1:]), dtype=where.dtype)
            found[name][layer, heads] = where
    # float32 sums, and 16-bit patterns whose rows miss 1 a little, end up a hair outside
    np.clip(scores, 0, 1, out=scores)
    lifts = np.where(np.isnan(scores), np.nan, 0).astype(np.float32)
    np.divide(scores, uniform, out=lifts, where=uniform > 0)
    return Measurement(scores, lifts, bits_of(scores, uniform, costs), on_first, found)


def measure(
    trace: Trace,
    motifs: Sequence[Motif],
    *,
    exclude_first: bool = False,
    band: int = BAND,
    only: Sequence[tuple[int, int]] | None = None,
) -> Measurement:
    """Measure every motif in every head, or in some (layer, head), a few at a time; the rest as for `Measurer`."""
    measurer = Measurer(trace, motifs, exclude_first=exclude_first, band=band)
    return together(measurer.motifs, trace, list(each_part(trace, measurer.part, only)))


def layer_of(patterns: NDArray[Any], prompt: Prompt, visible: NDArray[np.bool_], exclude_first: bool = False) -> Layer:
    """Patterns `[head, query, key]` of a prompt, ready to be measured."""
    heads, queries = patterns.shape[:2]
    defined = np.ones((heads, queries), dtype=np.float32)
    if exclude_first:
        patterns = first_excluded(patterns)
        undefined = np.isnan(patterns[:, :, 0]) | (visible.sum(axis=1) < 2)
        patterns[undefined] = 0
        defined[undefined] = 0
    return Layer(
        patterns=np.ascontiguousarray(patterns, dtype=np.float32),
        defined=defined,
        visible=visible,
        prompt=prompt,
        first_key=int(exclude_first),
    )


def _masks(
    cells: Iterable[tuple[NDArray[np.bool_], NDArray[np.bool_]]],
    n: int,
    visible: NDArray[np.bool_],
    with_choice: bool,
) -> _Masks:
    number = np.maximum(visible.sum(axis=1), 1)
    places = []
    rows = np.zeros((len(visible), n), dtype=np.float32)
    uniform = np.zeros_like(rows)
    # one at a time: of a long prompt each takes a lot of room
    for i, (mask, wanted) in enumerate(cells):
        mask = mask & visible
        counted = wanted & mask.any(axis=1)
        if with_choice:
            counted &= (mask != visible).any(axis=1)
        places.append(np.flatnonzero(mask & counted[:, None]))
        rows[:, i] = counted
        uniform[:, i] = np.where(counted, mask.sum(axis=1) / number, 0)
    return _Masks(places, rows, uniform)
