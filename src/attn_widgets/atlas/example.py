"""Rows of an atlas -> examples of what heads do, each with the tokens around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attn_widgets.atlas.examples import By, merge_examples
from attn_widgets.atlas.of_model import OfModel, tokens_of
from attn_widgets.names import head_name

if TYPE_CHECKING:
    import pyarrow as pa

# the columns that examples are read from
COLUMNS = ["model", "layer", "head", "passage", "kind", "tokens", "examples"]

# how much is read before the query and after it, and to either side of a key
_BEFORE, _AFTER, _BESIDE = 16, 5, 3
# as many tokens left out take as much room as the sign for them
_WORTH_LEAVING_OUT = 3

# a run of tokens: where it begins, and the tokens
Part = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Example:
    """A cell that shows what a head does.

    Attributes
    ----------
    head : str
    passage : str
        Its id; `atlas.text(passage)` is the text.
    kind : str
        Of the passage.
    tokens : tuple of str
        All that the model read of it.
    query, key : int
        Which token attends, and the one it attends to most, the first aside.
    weight : float
        In [0, 1].
    decile : int
        1 to 10: which tenth of the head's cells the weight is in, 10 the strongest.
    """

    head: str
    passage: str
    kind: str
    tokens: tuple[str, ...]
    query: int
    key: int
    weight: float
    decile: int

    def __repr__(self) -> str:
        before = "".join(self.tokens[max(0, self.query - 8) : self.query])
        return (
            f"<Example of {self.head}: {before!r} [{self.tokens[self.query]!r}] to {self.tokens[self.key]!r}, "
            f"{self.query - self.key} before: {self.weight:.2f}>"
        )

    def parts(self, keys: Iterable[int] = ()) -> list[Part]:
        """The tokens around the query, around the key and around other keys; what is far from all is left out."""
        kept: set[int] = set(range(self.query - _BEFORE, self.query + _AFTER + 1))
        for key in (self.key, *keys):
            kept |= set(range(key - _BESIDE, key + _BESIDE + 1))
        return parts_of(self.tokens, kept)


def parts_of(tokens: Sequence[str], kept: Iterable[int]) -> list[Part]:
    """Runs of tokens at these places; where only a few are left out between two of them, they are not."""
    runs: list[list[int]] = []
    for place in sorted(place for place in set(kept) if 0 <= place < len(tokens)):
        if runs and place - runs[-1][1] <= _WORTH_LEAVING_OUT:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    if runs and runs[0][0] < _WORTH_LEAVING_OUT:
        runs[0][0] = 0
    return [(first, tuple(tokens[first : last + 1])) for first, last in runs]


def read_examples(rows: pa.Table, model: str, keep: int, by: By, k: int) -> list[Example]:
    """The examples of all heads whose rows these are, one head after the other.

    Parameters
    ----------
    rows : pyarrow.Table
        With `COLUMNS`, of one model.
    model : str
        What the model is called here.
    keep, by, k
        As for `merge_examples`.
    """
    found = merge_examples(rows, keep, by, k).to_pylist()
    wanted = {example["passage"] for example in found}
    read = {
        passage: (kind, tokens_of(tokens))
        for passage, kind, tokens in dict.fromkeys(zip(*(rows[name].to_pylist() for name in COLUMNS[3:6]), strict=True))
        if passage in wanted
    }
    return [
        Example(
            f"{model}:{head_name(one['layer'], one['head'])}",
            one["passage"],
            *read[one["passage"]],
            query=one["query"],
            key=one["key"],
            weight=float(one["weight"]),
            decile=one["decile"] + 1,
        )
        for one in found
    ]


def examples_of(model: OfModel, row: int, keep: int, k: int, by: By) -> list[Example]:
    """Examples of one head.

    Parameters
    ----------
    model : OfModel
    row : int
        Which of its heads, layer by layer.
    keep : int
        What `keep_examples` was when they were measured.
    k, by
        As `merge_examples` has them.
    """
    return read_examples(model.of_head(*divmod(row, model.n_heads), COLUMNS), model.name, keep, by, k)
