"""Patterns -> the profile of each: what it looks like, in seven families of numbers that do not depend on the tokens.

The first token is taken out of the patterns before anything is measured but the last two families, and rows count by
the mass that they have left: what a head does besides resting there is what tells it from others, and most heads rest
there most of the time.
Every family takes time in proportion to the cells of the pattern, and means over rows, so that long and short prompts
give similar numbers.

near
    Mean mass on the query itself and on the two positions before it.
stripe
    Mean mass at each exact offset of three or more from the query, over the rows that can see it: the stripes that
    induction and duplicate-token heads have on repeated text.
offset
    The same in bins that widen with the offset, square roots of shares (as in the Hellinger distance).
echo
    How much the row of the token that a query attends to overlaps with the query's own row, and how much the rows
    around it do. In a duplicate-token head it does, as both rows look for the same token. In an induction head the row
    of the token before does: it holds the query's token, so it looked for the same. It takes no tokens to see that.
spread
    Quantiles over rows of the entropy, as a share of the greatest possible.
sink
    Quantiles over rows of the mass on the first token.
previous
    Quantiles over rows of the mass on the position before: whether every row looks there, or some do.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.diagonals import skew
from attn_widgets.trace import Trace
from attn_widgets.traces import each_part

FloatArray = NDArray[np.floating[Any]]

N_STRIPES = 256
_NEAR = 3  # offsets below this one are a family of their own
# offsets at which a bin starts; the last has no end
EDGES = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
AHEAD = (1, 2, 4, 8, 16, 32, 64)
SPREAD = (0.1, 0.25, 0.5, 0.75, 0.9)
PREVIOUS = SINK = (0.05, 0.25, 0.5, 0.75, 0.95)

_FAMILIES = {
    "near": tuple(str(offset) for offset in range(_NEAR)),
    "stripe": tuple(str(offset) for offset in range(_NEAR, N_STRIPES)),
    "offset": (*(f"from_{edge}" for edge in EDGES), *(f"ahead_from_{edge}" for edge in AHEAD)),
    "echo": ("after", "attended", "before", "two_before"),
    "spread": tuple(f"q{100 * quantile:.0f}" for quantile in SPREAD),
    "sink": tuple(f"q{100 * quantile:.0f}" for quantile in SINK),
    "previous": tuple(f"q{100 * quantile:.0f}" for quantile in PREVIOUS),
}
PROFILE = tuple(f"{family}.{name}" for family, names in _FAMILIES.items() for name in names)
GROUPS = tuple(family for family, names in _FAMILIES.items() for _ in names)
# What counts as a difference of one in a family, however many numbers it has: its deviation over the heads of
# Qwen2.5-Coder-0.5B on prose, on repeats and on rare words said twice, over a weight. The weights were chosen on the
# same heads, by how close those of a class came together; no other model's classes had a part in it. The same on all
# prompts, so that stripes count for little on prose, which has few. The sink counts least: heads are not alike for
# resting alike.
SCALES: Mapping[str, float] = {
    "near": 0.264 / 0.5,
    "stripe": 0.210 / 1.0,
    "offset": 0.482 / 0.5,
    "echo": 0.327 / 1.0,
    "spread": 0.562 / 0.5,
    "sink": 0.594 / 0.25,
    "previous": 0.342 / 0.5,
}

# what is compared with a query's own row: the row of the token after the attended one, of that, and of the two before
_SHIFTS = (1, 0, -1, -2)
_FAR = 2  # the attended token is looked for at least so far from the query: nearer ones have their own stripes
_LEAST_MASS = 1e-3  # rows with less than this besides the first token say nothing
_CELLS = 300_000  # at a time: few enough for the memory, many enough that the calls do not cost more than the sums


def profile(trace: Trace) -> FloatArray:
    """Describe the patterns of a trace.

    Parameters
    ----------
    trace : Trace
        Of as many queries as keys.

    Returns
    -------
    numpy.ndarray
        `[layer, head, feature]`, float32, finite, in the order of `PROFILE`. All 0 but the sink where no row has mass
        besides the first token.
    """
    profiler = Profiler(trace.n_heads, trace.n_queries, causal=trace.causal)
    out = np.empty((trace.n_layers, trace.n_heads, len(PROFILE)), dtype=np.float32)
    for layer, heads, found in each_part(trace, profiler.part):
        out[layer, heads] = found
    return out


class Profiler:
    """Ready to describe the heads of a prompt, some of them at a time, in any order and in several threads.

    Parameters
    ----------
    n_heads : int
        The most that come at a time.
    n : int
        Queries of a pattern, and keys.
    causal : bool
    """

    def __init__(self, n_heads: int, n: int, *, causal: bool) -> None:
        self._causal, self._n = causal, n
        self._heads = min(n_heads, max(1, _CELLS // n**2))
        self._rooms = local()

    def part(self, patterns: FloatArray) -> FloatArray:
        """`[head, feature]` of patterns `[head, query, key]`, as `profile` has them."""
        # one for each thread
        room: _Room | None = getattr(self._rooms, "room", None)
        if room is None:
            room = self._rooms.room = _Room(self._heads, self._n)
        starts = range(0, len(patterns), room.heads)
        return np.concatenate([_profile(patterns[i : i + room.heads], self._causal, room) for i in starts])


class _Room:
    """Arrays that every few heads use again: to ask for fresh memory costs more than the arithmetic in it."""

    def __init__(self, heads: int, n: int) -> None:
        self.heads = heads
        self.weights, self.rows, self.scratch = (np.empty((heads, n, n), dtype=np.float32) for _ in range(3))
        self.skewed = np.zeros((heads, 2 * n * n), dtype=np.float32)


def _profile(patterns: FloatArray, causal: bool, room: _Room) -> FloatArray:
    heads, n = patterns.shape[:2]
    weights, scratch = room.weights[:heads], room.scratch[:heads]
    # in a causal model the first two rows have nothing to choose from besides the first token
    first = 2 if causal else 0
    np.copyto(weights, patterns)
    weights[:, :, 0] = 0
    weights[:, :first] = 0
    mass = weights.sum(axis=-1)
    mass[mass < _LEAST_MASS] = 0
    weights *= (mass > 0)[:, :, None]
    at_offset = skew(weights, room.skewed[:heads]).sum(axis=1)
    with np.errstate(divide="ignore"):
        share = np.where(mass > 0, 1 / mass, 0)
    rows = np.multiply(weights, share[:, :, None], out=room.rows[:heads])
    families = (
        _stripes(at_offset, mass),
        _offsets(at_offset, mass),
        _echoes(weights, rows, first, scratch),
        _spread(rows, mass, causal, scratch),
        _quantiles(patterns[:, first:, 0], SINK),
        _quantiles(patterns[:, range(1, n), range(n - 1)][:, max(first - 1, 0) :], PREVIOUS),
    )
    return np.concatenate(families, axis=-1)


def _quantiles(values: FloatArray, quantiles: tuple[float, ...]) -> FloatArray:
    """`[head, quantile]` of values `[head, row]`; 0 where there is no row."""
    if values.shape[1] == 0:
        return np.zeros((len(values), len(quantiles)), dtype=np.float32)
    found: FloatArray = np.quantile(values.astype(np.float32), quantiles, axis=-1).T
    return found


def _stripes(at_offset: FloatArray, mass: FloatArray) -> FloatArray:
    """`[head, offset]`: mean mass over the rows that see a key at that offset, the first token aside."""
    heads, n = mass.shape
    number = min(n, N_STRIPES)
    back = at_offset[:, n - 1 :: -1][:, :number]
    # row q sees keys 1 to q: offsets below q
    seen = np.zeros((heads, n), dtype=np.float32)
    seen[:, :-1] = mass[:, :0:-1].cumsum(axis=1)[:, ::-1]
    # the furthest offsets are seen by few rows, whose mean would be chance
    enough = np.maximum(seen[:, :number], 0.1 * mass.sum(axis=1, keepdims=True))
    stripes = np.zeros((heads, N_STRIPES), dtype=np.float32)
    np.divide(back, enough, out=stripes[:, :number], where=enough > 0)
    return stripes


def _offsets(at_offset: FloatArray, mass: FloatArray) -> FloatArray:
    """`[head, bin]`: square roots of the shares of the mass, back from the query and ahead of it."""
    n = mass.shape[1]
    total = np.maximum(mass.sum(axis=1, keepdims=True), _LEAST_MASS)
    back = _binned(at_offset[:, n - 1 :: -1], EDGES)
    ahead = _binned(at_offset[:, n - 1 :], AHEAD)
    binned: FloatArray = np.sqrt(np.concatenate([back, ahead], axis=1) / total)
    return binned


def _binned(at_offset: FloatArray, edges: tuple[int, ...]) -> FloatArray:
    starts = [edge for edge in edges if edge < at_offset.shape[1]]
    sums: FloatArray = np.zeros((len(at_offset), len(edges)), dtype=np.float32)
    if starts:
        sums[:, : len(starts)] = np.add.reduceat(at_offset, starts, axis=1)
    return sums


def _echoes(weights: FloatArray, rows: FloatArray, first: int, scratch: FloatArray) -> FloatArray:
    """`[head, 4]`: how alike to a query's own row are the row of what it attends to most and the rows around that."""
    heads, n, _ = rows.shape
    far = scratch
    np.copyto(far, weights)
    for offset in range(1 - _FAR, _FAR):
        diagonal = np.arange(max(0, offset), n + min(0, offset))
        far[:, diagonal, diagonal - offset] = 0
    attended = far.argmax(axis=-1)
    weight = np.take_along_axis(far, attended[:, :, None], axis=-1)[:, :, 0]
    alike = np.zeros((heads, len(_SHIFTS)), dtype=np.float32)
    for index, shift in enumerate(_SHIFTS):
        compared = attended + shift
        counted = weight * ((compared >= first) & (compared < n))
        np.clip(compared, 0, n - 1, out=compared)
        for head in range(heads):
            np.take(rows[head], compared[head], axis=0, out=scratch[head], mode="clip")
        overlap = np.minimum(scratch, rows, out=scratch).sum(axis=-1)
        alike[:, index] = (overlap * counted).sum(axis=-1) / np.maximum(counted.sum(axis=-1), 1e-6)
    return alike


def _spread(rows: FloatArray, mass: FloatArray, causal: bool, scratch: FloatArray) -> FloatArray:
    """`[head, quantile]` over rows, by their mass, of the entropy over that of equal weights on all visible keys."""
    n = rows.shape[-1]
    np.log(np.maximum(rows, 1e-12, out=scratch), out=scratch)
    entropy = -np.einsum("hqk,hqk->hq", rows, scratch)
    visible = np.arange(n) if causal else np.full(n, n - 1)
    entropy /= np.log(np.maximum(visible, 2), dtype=np.float32)
    order = entropy.argsort(axis=-1)
    below = np.take_along_axis(mass, order, axis=-1).cumsum(axis=-1)
    # float32 sums: the last must reach the last quantile
    places = [np.minimum((below < quantile * below[:, -1:]).sum(axis=-1), n - 1) for quantile in SPREAD]
    chosen = np.take_along_axis(order, np.stack(places, axis=-1), axis=-1)
    spread: FloatArray = np.where(below[:, -1:] > 0, np.take_along_axis(entropy, chosen, axis=-1), 0)
    return spread
