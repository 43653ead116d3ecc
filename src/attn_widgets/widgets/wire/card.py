"""Heads on prompts -> the two windows of a card, as plain values and bytes; js/src/card/wire.ts reads them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attn_widgets.tiles import matrix_of
from attn_widgets.trace import Trace
from attn_widgets.widgets.pictures import picture_wire
from attn_widgets.widgets.wire.names import trace_name
from attn_widgets.widgets.wire.tiles import Of


@dataclass(frozen=True, eq=False)
class Shown:
    """A head on one prompt.

    Attributes
    ----------
    name : str
        The head, with its model where there are several.
    column : int
        Which prompt of the card.
    layer, head : int
    trace : Trace
        In the unit on show.
    """

    name: str
    column: int
    layer: int
    head: int
    trace: Trace


def windows_wire(shown: Sequence[Shown]) -> dict[str, Any]:
    """Patterns with their labels, and what is the same place in two of them.

    Parameters
    ----------
    shown : sequence of Shown

    Returns
    -------
    dict
        `pictures`: one for each, as `picture_wire` writes it, with `name`, `column`, `layer`, `head`, `kind` and
        `text`, a position in `texts`. `texts`: `tokens`, `query_tokens` (None where they are the same), and `places`
        and `query_places`, one str a position: the same place of the prompt has the same in every model.
    """
    texts: list[dict[str, Any]] = []
    known: dict[int, int] = {}
    pictures = []
    for one in shown:
        trace = one.trace
        if id(trace) not in known:
            known[id(trace)] = len(texts)
            texts.append(_text(trace))
        about = {"name": one.name, "column": one.column, "layer": one.layer, "head": one.head, "kind": "pattern"}
        matrix = matrix_of(trace, (one.layer, one.head))
        wire = picture_wire(Of(trace_name(trace), "pattern", one.layer, one.head), matrix)
        pictures.append(wire | about | {"trace_id": f"{one.name}@{one.column}", "text": known[id(trace)]})
    return {"pictures": pictures, "texts": texts}


def _text(trace: Trace) -> dict[str, Any]:
    same = trace.query_tokens == trace.tokens
    return {
        "tokens": list(trace.tokens),
        "query_tokens": None if same else list(trace.query_tokens),
        "places": _places(trace),
        "query_places": None if same else [str(position) for position in range(trace.n_queries)],
    }


def _places(trace: Trace) -> list[str]:
    """Where each position stands in the prompt; special tokens, which not all models have, are counted apart."""
    special = {position: number for number, position in enumerate(sorted(trace.special))}
    seen: Counter[str] = Counter()
    places = []
    for position in range(trace.n_keys):
        if position in special:
            place = f"special {special[position]}"
        elif trace.spans is None:
            place = str(position)
        else:
            start, stop = trace.spans[position].tolist()
            place = f"{start}-{stop}"
        seen[place] += 1
        # pieces of one character stand at the same place
        places.append(place if seen[place] == 1 else f"{place} {seen[place]}")
    return places
