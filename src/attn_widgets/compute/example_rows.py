"""Examples of an atlas and their model -> the rows of their queries, with all keys; a passage at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.atlas import Atlas
from attn_widgets.atlas.example import Example
from attn_widgets.atlas.reading import ids_of
from attn_widgets.forward.capturing import capture
from attn_widgets.models import load_model
from attn_widgets.models.model import Model
from attn_widgets.names import parse_head
from attn_widgets.trace import Trace

FloatArray = NDArray[np.floating[Any]]

# of the passages read last
_MOST_BYTES = 200_000_000


class ExampleRows:
    """What the model that an atlas has measured gives every key of an example; passages read last are kept.

    Parameters
    ----------
    atlas : Atlas
    model : Model or anything `load_model` accepts
        One of those of the atlas.

    Raises
    ------
    ValueError
        If it is none of them.
    """

    def __init__(self, atlas: Atlas, model: Any) -> None:
        self._atlas = atlas
        self.model = load_model(model)
        self._read: OrderedDict[str, Trace] = OrderedDict()
        if not any(self.reads(name) for name in atlas.models):
            raise ValueError(
                f"model is {self.model.name!r}; expected one that the atlas has: {', '.join(atlas.models)}"
            )

    def reads(self, model: str) -> bool:
        """Whether it is the model of this name in the atlas."""
        return is_model(self.model, model)

    def row(self, example: Example) -> FloatArray | None:
        """`[key]`, up to the query where the model is causal; None where it was not read."""
        model, _, short = example.head.rpartition(":")
        trace = self._read.get(example.passage)
        if trace is None or not self.reads(model):
            return None
        layer, head = parse_head(short)
        row: FloatArray = trace.head((layer, head))[example.query]
        return row[: example.query + 1] if trace.causal else row

    def steps(self, examples: Sequence[Example]) -> Iterator[float]:
        """Read the passages of these examples that are missing; yields the share done.

        Raises
        ------
        ValueError
            If the model reads a passage in other tokens than the atlas has.
        """
        wanted = {one.passage: one for one in examples if self.reads(one.head.rpartition(":")[0])}
        missing = [one for passage, one in wanted.items() if passage not in self._read]
        for done, example in enumerate(missing):
            yield done / len(missing)
            self._read[example.passage] = capture(self.model, example_ids(self.model, self._atlas, example))
            self._forget(wanted)

    def _forget(self, wanted: Iterable[str]) -> None:
        """Let go of what was read first and is not on show."""
        size = sum(trace.n_layers * trace.n_heads * trace.n_queries * trace.n_keys * 4 for trace in self._read.values())
        for passage in [one for one in self._read if one not in set(wanted)]:
            if size <= _MOST_BYTES:
                return
            trace = self._read.pop(passage)
            size -= trace.n_layers * trace.n_heads * trace.n_queries * trace.n_keys * 4


def is_model(model: Model, name: str) -> bool:
    """Whether an atlas means this model; of several weights under one name the tokens cannot tell."""
    return model.name in (name, name.partition("~")[0])


def example_ids(model: Model, atlas: Atlas, example: Example) -> list[int]:
    """The token ids that the model read when the example was measured.

    Raises
    ------
    ValueError
        If it reads the passage in other tokens.
    """
    ids = ids_of(model, atlas.text(example.passage), atlas.settings.tokens)
    if tuple(model.tokenizer.token_strings(ids)) != example.tokens:
        raise ValueError(
            f"{model.name} reads passage {example.passage} in other tokens than the atlas has; open the model that "
            "the atlas was built with"
        )
    return ids
