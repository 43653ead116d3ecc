"""A trace -> what the atlas keeps of it: scores of every head, its profile, and the cells that carry most weight.

Some heads at a time, each looked at once while it is near; patterns that are made of queries and keys are made once.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.first_words import FirstWords, words_of
from attn_widgets.heads.profile import PROFILE, Profiler
from attn_widgets.motifs.catalog import BUILT_IN
from attn_widgets.motifs.measure import Measurement, Measurer, Part, together
from attn_widgets.motifs.motif import Motif
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.patterns import LEAST_MASS
from attn_widgets.trace import Trace
from attn_widgets.traces import each_part

FloatArray = NDArray[np.floating[Any]]

N_BINS = 64
_CELLS = 300_000
_FIRST, _INDUCTION = (next(motif for motif in BUILT_IN if motif.name == name) for name in ("first_token", "induction"))


@dataclass(frozen=True, eq=False)
class Numbers:
    """What was measured of one prompt.

    Attributes
    ----------
    scores : dict
        Name of a column -> float32 `[layer, head]`, NaN where it cannot be measured.
    profile, profile_words : numpy.ndarray or None
        `[layer, head, feature]`, as `head_features` has them of tokens and of words; None where not asked for.
    strengths : numpy.ndarray
        uint32 `[layer, head, bin]`: how many of the strongest cells have a weight in each of 64 bins of [0, 1].
    """

    scores: dict[str, NDArray[np.float32]]
    profile: NDArray[np.float32] | None
    profile_words: NDArray[np.float32] | None
    strengths: NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Cells:
    """The strongest cell of every row of every head.

    Attributes
    ----------
    keys : numpy.ndarray
        int16 `[layer, head, query]`, of the queries from 1 on: the key with most of the weight, the first aside.
    weights : numpy.ndarray
        float32 of that shape, the weight there.
    """

    keys: NDArray[np.int16]
    weights: NDArray[np.float32]


Measured = tuple[Numbers, Cells, NDArray[np.float32]]


def numbers_of(trace: Trace, *, profiles: bool) -> Measured:
    """Measure every head; the array is of its patterns between the first words, `[layer, head, word, word]`.

    Parameters
    ----------
    trace : Trace
        Between tokens, of self-attention.
    profiles : bool
        Whether to describe the patterns too, of tokens and of words.
    """
    motifs = tuple(MOTIFS.values())
    without, with_first = Measurer(trace, motifs, exclude_first=True), Measurer(trace, (_FIRST, _INDUCTION))
    rows = _Rows(trace.n_queries, trace.n_heads)
    tokens = Profiler(trace.n_heads, trace.n_queries, causal=trace.causal) if profiles else None
    words = words_of(trace)
    first_words = FirstWords(trace, words)
    between = Profiler(trace.n_heads, len(words), causal=trace.causal) if profiles else None

    def of(patterns: FloatArray) -> _Part:
        patterns = np.ascontiguousarray(patterns, dtype=np.float32)
        return _Part(
            without.part(patterns),
            with_first.part(patterns),
            *rows.of(patterns),
            None if tokens is None else tokens.part(patterns),
            None if between is None else between.part(words.between(patterns)),
            first_words.part(patterns),
        )

    shape = (trace.n_layers, trace.n_heads)
    parts = list(each_part(trace, of))
    entropy, distance = (np.empty(shape, dtype=np.float32) for _ in range(2))
    keys = np.empty((*shape, trace.n_queries - 1), dtype=np.int16)
    weights = np.empty(keys.shape, dtype=np.float32)
    of_words = np.empty((*shape, first_words.n, first_words.n), dtype=np.float32)
    profile, profile_words = (np.empty((*shape, len(PROFILE)), np.float32) if profiles else None for _ in range(2))
    for layer, heads, part in parts:
        entropy[layer, heads], distance[layer, heads] = part.entropy, part.distance
        keys[layer, heads], weights[layer, heads] = part.keys, part.weights
        of_words[layer, heads] = part.of_words
        if profile is not None and profile_words is not None:
            profile[layer, heads], profile_words[layer, heads] = part.profile, part.profile_words
    measured = together(motifs, trace, [(layer, heads, part.without) for layer, heads, part in parts])
    on_first = together(with_first.motifs, trace, [(layer, heads, part.with_first) for layer, heads, part in parts])
    scores = {
        **_columns(motifs, measured, on_first),
        "entropy": entropy,
        "distance": distance,
        "on_first": measured.on_first,
        "prefix_matching": on_first.scores[1],
    }
    scores = {name: np.asarray(values, dtype=np.float32) for name, values in scores.items()}
    return Numbers(scores, profile, profile_words, _strengths(weights)), Cells(keys, weights), of_words


@dataclass(frozen=True, eq=False)
class _Part:
    """Of some heads of a layer."""

    without: Part
    with_first: Part
    entropy: FloatArray  # [head]
    distance: FloatArray
    keys: NDArray[np.int16]  # [head, query]
    weights: FloatArray
    profile: FloatArray | None  # [head, feature]
    profile_words: FloatArray | None
    of_words: FloatArray  # [head, word, word]


def _columns(motifs: tuple[Motif, ...], without: Measurement, with_first: Measurement) -> dict[str, FloatArray]:
    """Scores, lifts and bits of motifs without the first token; of the sink, which is nothing without it, with it."""
    columns: dict[str, FloatArray] = {}
    for i, motif in enumerate(motifs):
        sink = motif.name == _FIRST.name
        of, at = (with_first, 0) if sink else (without, i)
        columns[motif.name], columns[f"{motif.name}_lift"] = of.scores[at], of.lifts[at]
        columns[f"{motif.name}_bits"] = of.bits[at]
    return columns


class _Rows:
    """What rows say by themselves, measured some heads at a time in arrays that are used again."""

    def __init__(self, n: int, heads: int) -> None:
        self._heads = min(heads, max(1, _CELLS // n**2))
        self._away = np.abs(np.arange(n)[:, None] - np.arange(n)).astype(np.float32)
        self._rooms = local()

    def of(self, patterns: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.int16], FloatArray]:
        """Entropy and distance `[head]`; strongest keys and their weights, `[head, query]`."""
        room: FloatArray | None = getattr(self._rooms, "room", None)
        if room is None:
            room = self._rooms.room = np.empty((self._heads, *patterns.shape[1:]), dtype=np.float32)
        starts = range(0, len(patterns), self._heads)
        found = [self._some(patterns[i : i + self._heads], room) for i in starts]
        entropy, distance, keys, weights = (np.concatenate(one) for one in zip(*found, strict=True))
        return entropy, distance, keys, weights

    def _some(
        self, patterns: FloatArray, room: FloatArray
    ) -> tuple[FloatArray, FloatArray, NDArray[np.int16], FloatArray]:
        room = room[: len(patterns)]
        np.log(np.maximum(patterns, np.float32(1e-30), out=room), out=room)
        entropy = -np.einsum("hqk,hqk->hq", patterns, room)[:, 1:].mean(axis=1) / np.float32(np.log(2))
        np.copyto(room, patterns)
        room[:, :, 0] = 0
        away = np.einsum("hqk,qk->hq", room, self._away)[:, 1:]
        mass = room.sum(axis=2)[:, 1:]
        defined = mass >= LEAST_MASS
        away = np.divide(away, mass, out=np.zeros_like(away), where=defined)
        with np.errstate(invalid="ignore"):
            distance = away.sum(axis=1) / defined.sum(axis=1).astype(np.float32)
        # below any weight, so that rows with nothing besides the first key have another all the same
        room[:, :, 0] = -1
        keys = room.argmax(axis=2)[:, 1:]
        weights = np.take_along_axis(room[:, 1:], keys[:, :, None], axis=2)[:, :, 0]
        return np.maximum(entropy, 0), distance, keys.astype(np.int16), weights


def _strengths(weights: NDArray[np.float32]) -> NDArray[np.uint32]:
    bins = np.minimum((weights * N_BINS).astype(np.int64), N_BINS - 1).reshape(-1, weights.shape[-1])
    bins += np.arange(len(bins))[:, None] * N_BINS
    counted = np.bincount(bins.reshape(-1), minlength=len(bins) * N_BINS)
    return counted.reshape(*weights.shape[:-1], N_BINS).astype(np.uint32)
