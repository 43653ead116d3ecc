"""Lengths of prompts -> which are run together: few enough, and of like length."""

from __future__ import annotations

from collections.abc import Sequence

# Measured on SmolLM2, on one thread and on two: what a pass of a few tokens costs is mostly reading the weights, which
# a batch shares; from about 64 tokens on batches gain nothing.
MOST_TOKENS = 512
MOST_LENGTH = 64
# of a batch's tokens, how many may be padding
_PADDING = 0.15


def batches(lengths: Sequence[int], *, padded: bool) -> list[list[int]]:
    """Which prompts are run in one batch.

    Parameters
    ----------
    lengths : sequence of int
        Tokens of each prompt.
    padded : bool
        Whether a shorter prompt may be padded; else all of a batch are as long as each other.

    Returns
    -------
    list of list of int
        Positions in `lengths`; every one once, shorter prompts first. None longer than `MOST_LENGTH` has company.
    """
    groups: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = lengths[position]
        group = [*(groups[-1] if groups else ()), position]
        read = sum(lengths[one] for one in group)
        fits = length * len(group) <= MOST_TOKENS and length * len(group) - read <= (_PADDING * read if padded else 0)
        if groups and fits and length <= MOST_LENGTH:
            groups[-1] = group
        else:
            groups.append([position])
    return groups
