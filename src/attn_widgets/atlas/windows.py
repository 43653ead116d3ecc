"""A passage and its tokens -> numbers by which its examples are drawn by chance, and known when they come again.

All are hashes: the same on any machine, in any order of the passages, and in whichever process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

# two examples are one if these many tokens before the query, and as many after it, are the same
AROUND = 4


def orders(passage: str, queries: int) -> Hashes:
    """`[query]`: a number by chance for each query of a passage; the smallest of all passages are a fair sample.

    Parameters
    ----------
    passage : str
        What the passage is known by.
    queries : int
    """
    start = blake2b(passage.encode(), digest_size=8)
    found = np.empty(queries, dtype=np.uint64)
    for query in range(queries):
        one = start.copy()
        one.update(b":%d" % query)
        found[query] = int.from_bytes(one.digest(), "big")
    return found


@lru_cache(maxsize=1 << 17)
def of_token(token: str) -> int:
    """A number that stands for a token."""
    return int.from_bytes(blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


class Windows:
    """The tokens of a passage, ready to tell which examples in it read the same.

    Parameters
    ----------
    tokens : sequence of str
        As a person reads them.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = np.array([of_token(token) for token in tokens], dtype=np.uint64)
        n = len(tokens)
        padded = np.zeros(n + 2 * AROUND, dtype=np.uint64)
        padded[AROUND : AROUND + n] = self._tokens
        # a place's factor is odd, so that no number is lost; sums and products wrap around
        self._around = np.zeros(n, dtype=np.uint64)
        for place in range(2 * AROUND + 1):
            self._around += padded[place : place + n] * _factor(place)

    def same(self, queries: NDArray[np.integer[Any]], keys: NDArray[np.integer[Any]]) -> Hashes:
        """A number for each example, equal where the tokens attended to, attending and around are the same."""
        found: Hashes = self._around[queries] + self._tokens[keys] * _factor(2 * AROUND + 1)
        return found


@lru_cache
def _factor(place: int) -> np.uint64:
    return np.uint64(of_token(f"place {place}") | 1)
