"""Patterns of many passages -> the mean pattern of each head between the first words, in two bytes a cell.

Words are those of `Trace.words`, the same for every tokenizer; a special first token is a word by itself. Where a model
sees no later words the rows of a pattern that is cut so sum to 1; else what went to later words is missing from them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.trace import Trace
from attn_widgets.words import Words, read_words

FloatArray = NDArray[np.floating[Any]]

N_WORDS = 32
# a weight of 1; what is read differs from what was kept by half a step at most, 7.6e-6
_ONE = 65535


class FirstWords:
    """The first words of a prompt, ready to take the patterns between them.

    Parameters
    ----------
    trace : Trace
        Between tokens, of self-attention.
    words : Words
        Its words.
    """

    def __init__(self, trace: Trace, words: Words) -> None:
        self.n = min(len(words), N_WORDS)
        edges = [*words.starts.tolist(), words.n_tokens]
        self._words = Words(words.starts[: self.n], words.spans[: self.n], (), int(edges[self.n]))

    def part(self, patterns: FloatArray) -> FloatArray:
        """`[head, word, word]` of patterns between tokens."""
        return self._words.between(patterns)


class MeanPatterns:
    """Sums over passages, each counted where it has words.

    Parameters
    ----------
    n_layers, n_heads : int
    causal : bool
    """

    def __init__(self, n_layers: int, n_heads: int, *, causal: bool) -> None:
        self._causal = causal
        self._total = np.zeros((n_layers, n_heads, N_WORDS, N_WORDS), dtype=np.float64)
        self._passages = np.zeros(N_WORDS, dtype=np.uint32)

    def add(self, patterns: FloatArray) -> None:
        """Add a passage, `[layer, head, word, word]`."""
        n = patterns.shape[-1]
        self._total[:, :, :n, :n] += patterns
        self._passages[:n] += 1

    def packed(self) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
        """`[layer, head, cell]`, cells of means as `unpacked` reads them; `[word]`, how many passages have so many."""
        means = self._total / np.maximum(_counts(self._passages), 1)
        cells = means.reshape(*means.shape[:2], -1)[:, :, _cells(self._causal)]
        return _steps(cells), self._passages


def packed_together(
    cells: NDArray[np.uint16], passages: NDArray[np.uint32]
) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
    """The mean over several blocks, packed as that of one.

    Parameters
    ----------
    cells, passages : numpy.ndarray
        As for `together`.
    """
    mean = together(cells, passages)
    n = mean.shape[-1]
    whole = np.zeros((len(mean), N_WORDS, N_WORDS), dtype=np.float64)
    whole[:, :n, :n] = mean
    kept = whole.reshape(len(mean), -1)[:, _cells(cells.shape[-1] < N_WORDS**2)]
    return _steps(kept), passages.sum(axis=0, dtype=np.uint32)


def together(cells: NDArray[np.uint16], passages: NDArray[np.uint32]) -> NDArray[np.float32]:
    """The mean over several blocks.

    Parameters
    ----------
    cells : numpy.ndarray
        `[block, head, cell]`, as packed.
    passages : numpy.ndarray
        `[block, word]`.

    Returns
    -------
    numpy.ndarray
        `[head, word, word]`, cut to the words that any passage has, at most 32.
    """
    total = np.zeros((cells.shape[1], N_WORDS, N_WORDS), dtype=np.float64)
    for block, own in zip(cells, passages, strict=True):
        total += _unpacked(block) * _counts(own)
    counted = passages.sum(axis=0, dtype=np.int64)
    n = int(np.count_nonzero(counted))
    mean = total / np.maximum(_counts(counted), 1)
    return mean[:, :n, :n].astype(np.float32)


def _steps(cells: FloatArray) -> NDArray[np.uint16]:
    found: NDArray[np.uint16] = np.round(np.minimum(cells, 1) * _ONE).astype(np.uint16)
    return found


def _unpacked(cells: NDArray[np.uint16]) -> FloatArray:
    means = np.zeros((len(cells), N_WORDS**2), dtype=np.float64)
    means[:, _cells(cells.shape[-1] < N_WORDS**2)] = cells / _ONE
    return means.reshape(-1, N_WORDS, N_WORDS)


def _cells(causal: bool) -> NDArray[np.intp]:
    """Which cells of a flat pattern are kept."""
    seen = np.tri(N_WORDS, dtype=bool) if causal else np.ones((N_WORDS, N_WORDS), dtype=bool)
    return np.flatnonzero(seen)


def _counts(passages: NDArray[Any]) -> FloatArray:
    """`[word, word]`: how many passages have both."""
    both = np.maximum(*np.indices((N_WORDS, N_WORDS)))
    found: FloatArray = passages[both].astype(np.float64)
    return found


def words_of(trace: Trace) -> Words:
    """The words that the tokens of a trace make."""
    return read_words(trace.tokens, trace.special, trace.text, trace.spans)[1]
