"""What was measured of a block of passages -> the Arrow table of it, one row a passage, layer and head."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.candidates import Candidates
from attn_widgets.atlas.first_words import MeanPatterns
from attn_widgets.atlas.numbers import Numbers
from attn_widgets.models import Model
from attn_widgets.motifs.registry import MOTIFS

if TYPE_CHECKING:
    import pyarrow as pa

# of each head and passage, not of a motif
SCORES = ("entropy", "distance", "on_first", "prefix_matching")
# a motif's score, and what its names end in
OF_MOTIFS = ("", "_lift", "_bits")


@dataclass(frozen=True, eq=False)
class Read:
    """A passage that was read, and what was measured."""

    passage: str
    kind: str
    tokens: tuple[str, ...]
    numbers: Numbers


def table_of(
    model: Model,
    read: Sequence[Read],
    kept: tuple[Candidates, NDArray[np.bool_], NDArray[np.bool_]],
    means: MeanPatterns,
    left_out: Mapping[str, str],
) -> pa.Table:
    """Put the table together.

    Parameters
    ----------
    model : Model
    read : sequence of Read
    kept : Candidates, numpy.ndarray, numpy.ndarray
        Examples, whose passages are positions in `read` and whose heads go layer by layer; which are of the heaviest,
        and which of the sample.
    means : MeanPatterns
        Of the passages that were read.
    left_out : dict
        Id of a passage that was not read -> why.
    """
    import pyarrow as pa

    heads = model.n_layers * model.n_heads
    n = len(read) * heads
    layer, head = (axis.reshape(-1) for axis in np.indices((model.n_layers, model.n_heads)))
    columns: dict[str, Any] = {
        "model": _repeated([model.name] * len(read), heads),
        "layer": np.tile(layer.astype(np.int16), len(read)),
        "head": np.tile(head.astype(np.int16), len(read)),
        "passage": _repeated([one.passage for one in read], heads),
        "kind": _repeated([one.kind for one in read], heads),
        "n_tokens": np.repeat(np.array([len(one.tokens) for one in read], dtype=np.int32), heads),
        "tokens": _repeated([json.dumps(one.tokens, ensure_ascii=False) for one in read], heads),
    }
    for name in [*(f"{motif}{of}" for motif in MOTIFS for of in OF_MOTIFS), *SCORES]:
        values = np.concatenate([np.zeros(0, np.float32), *(one.numbers.scores[name].reshape(-1) for one in read)])
        columns[name] = pa.array(values, mask=np.isnan(values))
    columns["profile"] = lists([one.numbers.profile for one in read], heads)
    columns["profile_words"] = lists([one.numbers.profile_words for one in read], heads)
    columns["examples"] = examples_column(*kept, kept[0].passage.astype(np.int64) * heads + kept[0].head, n)
    strengths = [one.numbers.strengths for one in read]
    columns["strengths"] = lists(strengths, heads, np.uint32)
    cells, passages = means.packed()
    # of the block, so that one passage has them for all
    columns["mean_pattern"] = lists([cells, *[None] * (len(read) - 1)][: len(read)], heads, np.uint16)
    of_each = np.broadcast_to(passages, (*cells.shape[:2], len(passages)))
    columns["mean_pattern_passages"] = lists([of_each, *[None] * (len(read) - 1)][: len(read)], heads, np.uint32)
    about = {"left_out": list(left_out), "why_left_out": dict(left_out)}
    return pa.table(columns).replace_schema_metadata({key: json.dumps(value) for key, value in about.items()})


def examples_column(
    kept: Candidates,
    top: NDArray[np.bool_],
    sampled: NDArray[np.bool_],
    row: NDArray[np.integer[Any]],
    n_rows: int,
) -> pa.ListArray:
    """Candidates as lists, one a row of a table.

    Parameters
    ----------
    kept : Candidates
    top, sampled : numpy.ndarray
        bool, one a candidate.
    row : numpy.ndarray
        int, one a candidate: which row it is of, in order.
    n_rows : int
    """
    import pyarrow as pa

    fields = {
        "query": kept.query,
        "key": kept.key,
        "weight": kept.weight,
        "order": kept.order,
        "top": top,
        "sampled": sampled,
    }
    cells = pa.StructArray.from_arrays([pa.array(values) for values in fields.values()], names=list(fields))
    return pa.ListArray.from_arrays(np.searchsorted(row, np.arange(n_rows + 1)).astype(np.int32), cells)


def _repeated(values: Sequence[str], times: int) -> pa.DictionaryArray:
    """Each value so many times, spelled out once."""
    import pyarrow as pa

    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    indices = np.repeat(np.array([numbers[value] for value in values], dtype=np.int32), times)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(numbers), type=pa.string()))


def lists(values: Sequence[NDArray[Any] | None], heads: int, dtype: Any = np.float32) -> pa.ListArray:
    """One list a row of values `[layer, head, number]`; null where there are none."""
    import pyarrow as pa

    given = [value.reshape(-1, value.shape[-1]) for value in values if value is not None]
    lengths = np.repeat([0 if value is None else value.shape[-1] for value in values], heads)
    absent = np.repeat([value is None for value in values], heads).astype(bool)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    flat = np.concatenate([np.zeros(0, dtype), *(rows.reshape(-1) for rows in given)])
    return pa.ListArray.from_arrays(offsets, pa.array(flat), mask=pa.array(absent))
