"""Rows of a head, of any shards -> `Example`: a cell that shows what the head does, with its text."""

from __future__ import annotations

from dataclasses import dataclass

from attn_widgets.atlas.examples import By, merge_examples
from attn_widgets.atlas.of_model import OfModel, tokens_of
from attn_widgets.names import head_name

_ABOUT = ("passage", "kind", "tokens")


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
    layer, head = divmod(row, model.n_heads)
    rows = model.of_head(layer, head, ["model", "layer", "head", *_ABOUT, "examples"])
    found = merge_examples(rows, keep, by, k).to_pylist()
    wanted = {one["passage"] for one in found}
    read = {
        passage: (kind, tokens_of(tokens))
        for passage, kind, tokens in zip(*(rows[name].to_pylist() for name in _ABOUT), strict=True)
        if passage in wanted
    }
    return [
        Example(
            f"{model.name}:{head_name(layer, head)}",
            one["passage"],
            *read[one["passage"]],
            query=one["query"],
            key=one["key"],
            weight=float(one["weight"]),
            decile=one["decile"] + 1,
        )
        for one in found
    ]
