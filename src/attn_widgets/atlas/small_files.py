"""All shards of a model -> one small one: fewer examples, numbers rounded, the mean of mean patterns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attn_widgets.atlas.examples import thinned
from attn_widgets.atlas.first_words import packed_together
from attn_widgets.atlas.settings import name_of
from attn_widgets.atlas.shards import Shard, shard_path, write_shard

# of the 23 bits after a float32's first one: a relative error of 0.4% at most
BITS = 7
_DROPPED = np.uint32(23 - BITS)


def write_small(shards: Sequence[Shard], folder: Path, keep_examples: int) -> Path:
    """Write what some shards of one kind and model have as one shard of another atlas.

    Parameters
    ----------
    shards : sequence of Shard
    folder : Path
        Of the other atlas.
    keep_examples : int
        Of each head, the heaviest, and ten times as many drawn by chance; at most as many as there are of a block.
    """
    first = shards[0].about
    table = pa.concat_tables([shard.read() for shard in shards]).unify_dictionaries().combine_chunks()
    if "examples" in table.column_names:
        table = _one_mean(thinned(table, keep_examples), int(first["n_layers"]) * int(first["n_heads"]))
    table = pa.table({name: rounded(table[name].combine_chunks()) for name in table.column_names})
    why = {passage: told for shard in shards for passage, told in shard.about.get("why_left_out", {}).items()}
    about = {
        **first,
        "passages": [passage for shard in shards for passage in shard.about["passages"]],
        "left_out": list(why),
        "why_left_out": why,
    }
    told = {key: json.dumps(about.pop(key)) for key in ("left_out", "why_left_out")}
    name = name_of([shard.path.stem for shard in shards])
    path = shard_path(folder, str(first["kind"]), str(first["model"]), name)
    return write_shard(path, table.replace_schema_metadata(told), about, small=True)


def rounded(values: pa.Array) -> pa.Array:
    """Float32, by itself, in lists or in their fields, with few bits, the nearest; everything else as it is."""
    kind = values.type
    if pa.types.is_float32(kind):
        bits = pc.fill_null(values, 0).to_numpy(zero_copy_only=False).view(np.uint32)
        half = np.uint32(1) << (_DROPPED - np.uint32(1))
        kept = ((bits + half) >> _DROPPED) << _DROPPED
        return pa.array(kept.view(np.float32), mask=_nulls(values))
    if pa.types.is_struct(kind):
        fields = [rounded(values.field(i)) for i in range(kind.num_fields)]
        return pa.StructArray.from_arrays(fields, names=[kind.field(i).name for i in range(kind.num_fields)])
    if pa.types.is_list(kind):
        return _lists(rounded(values.flatten()), values)
    return values


def _one_mean(table: pa.Table, heads: int) -> pa.Table:
    """The mean patterns of several blocks as that of one, which its first passage has."""
    there = table.filter(table["mean_pattern"].is_valid())
    cells, passages = (
        there[name].combine_chunks().flatten().to_numpy().reshape(len(there) // heads, heads, -1)
        for name in ("mean_pattern", "mean_pattern_passages")
    )
    mean, counted = packed_together(cells, passages[:, 0])
    return _with_first(
        _with_first(table, "mean_pattern", mean),
        "mean_pattern_passages",
        np.broadcast_to(counted, (heads, len(counted))),
    )


def _with_first(table: pa.Table, name: str, values: NDArray[Any]) -> pa.Table:
    """A column of lists that only the first rows have, `[row, number]`, and the others none."""
    row = np.arange(len(table))
    offsets = np.concatenate([[0], np.minimum(row + 1, len(values)) * values.shape[1]]).astype(np.int32)
    lists = pa.ListArray.from_arrays(offsets, pa.array(values.reshape(-1)), mask=pa.array(row >= len(values)))
    return table.set_column(table.schema.get_field_index(name), name, lists)


def _lists(values: pa.Array, like: pa.Array) -> pa.ListArray:
    """Values in lists as long as those of another array."""
    lengths = pc.fill_null(pc.list_value_length(like), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, values, mask=pa.array(_nulls(like)))


def _nulls(values: pa.Array) -> NDArray[Any]:
    found: NDArray[Any] = values.is_null().to_numpy(zero_copy_only=False)
    return found
