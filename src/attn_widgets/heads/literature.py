"""Which heads of which models papers have named, and where: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Source(NamedTuple):
    """Who says that a head belongs to a class."""

    title: str
    url: str = ""
    note: str = ""


class Known(NamedTuple):
    """A model that papers have named heads of."""

    n_layers: int
    n_heads: int
    # source -> class -> heads
    classes: Mapping[Source, Mapping[str, tuple[str, ...]]]


_AS_LISTED = "classes as listed by the attention-motifs project"

_IOI = Source(
    "Interpretability in the Wild: a Circuit for Indirect Object Identification in GPT-2 small (Wang et al. 2022)",
    "https://arxiv.org/abs/2211.00593",
)
_GREATER_THAN = Source(
    "How does GPT-2 compute greater-than? (Hanna et al. 2023)", "https://arxiv.org/abs/2305.00586", _AS_LISTED
)
_SURVEY = Source(
    "We Inspected Every Head In GPT-2 Small using SAEs So You Don't Have To (Krzyzanowski et al. 2024)",
    "https://www.alignmentforum.org/posts/xmegeW5mqiBsvoaim",
    _AS_LISTED,
)

LITERATURE: Mapping[str, Known] = {
    "gpt2": Known(
        n_layers=12,
        n_heads=12,
        classes={
            _IOI: {
                "previous token": ("L2H2", "L4H11"),
                "duplicate token": ("L0H1", "L3H0", "L0H10"),
                "induction": ("L5H5", "L6H9", "L5H8", "L5H9"),
                "S-inhibition": ("L7H3", "L7H9", "L8H6", "L8H10"),
                "name mover": ("L9H9", "L9H6", "L10H0"),
                "negative name mover": ("L10H7", "L11H10"),
                "backup name mover": ("L9H0", "L9H7", "L10H1", "L10H2", "L10H6", "L10H10", "L11H2", "L11H9"),
            },
            _GREATER_THAN: {
                "YY identifier": ("L5H1", "L5H5", "L8H8", "L6H9", "L7H10", "L8H11", "L9H1"),
                "static-year retriever": ("L0H1", "L0H3", "L0H5"),
            },
            _SURVEY: {
                "induction": ("L5H1", "L5H5", "L6H9", "L7H2", "L7H10"),
                "previous token": ("L4H11",),
                "copy suppression": ("L10H7",),
                "duplicate token": ("L3H0", "L0H5"),
                "successor": ("L9H1",),
                "long-range context": ("L9H1",),
            },
        },
    ),
}

# other names of the same models
ALIASES: Mapping[str, str] = dict.fromkeys(("gpt2-small", "gpt-2", "gpt-2 small", "openai-community/gpt2"), "gpt2")
