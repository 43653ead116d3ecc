"""What an atlas measures, and how much of it it keeps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

# of the files and of every number in them: whoever changes what a number means counts on
VERSION = 2


@dataclass(frozen=True)
class Settings:
    """What decides the numbers of an atlas.

    Parameters
    ----------
    tokens : int
        The most tokens that are read of a passage, at least 8.
    keep_examples : int
        How many of the heaviest examples are kept of each head, in a block.
    compare : int
        Of how many passages the profiles of all heads are kept, for distances between heads; at least 1.
    ablations : int
        On how many passages each head is ablated. It decides no other number: atlases that differ in it alone go
        together.

    Raises
    ------
    ValueError
        If one of them is too small or no whole number.
    """

    tokens: int = 128
    keep_examples: int = 64
    compare: int = 128
    ablations: int = 0

    def __post_init__(self) -> None:
        for name, value, least in (
            ("tokens", self.tokens, 8),
            ("keep_examples", self.keep_examples, 1),
            ("compare", self.compare, 1),
            ("ablations", self.ablations, 0),
        ):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}; expected a whole number of at least {least}")

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps them, with the version of the numbers."""
        return {"version": VERSION, **asdict(self)}

    def compared(self, passages: Iterable[str]) -> frozenset[str]:
        """Of which passages profiles are kept: those whose ids are the smallest, as good as drawn by chance."""
        return frozenset(sorted(passages)[: self.compare])

    def ablated(self, passages: Iterable[str]) -> frozenset[str]:
        """On which passages heads are ablated: those with the smallest ids, too."""
        return frozenset(sorted(passages)[: self.ablations])


def name_of(*what: str | Collection[Any]) -> str:
    """24 hex digits that stand for some plain values, on every machine."""
    told = json.dumps(what, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()[:24]
