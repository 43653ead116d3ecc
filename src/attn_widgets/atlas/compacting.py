"""Many small shards of a model -> few large ones with the same rows; whatever ends it, nothing is lost, nor told twice.

A large one is written whole before those it takes the place of are removed, and names them. Readers leave out what
another holds, and a builder takes what is held for done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.atlas.as_table import lists
from attn_widgets.atlas.durable import sync_folder
from attn_widgets.atlas.examples import thinned
from attn_widgets.atlas.kinds import KINDS, PATTERNS
from attn_widgets.atlas.of_model import each_once, packed_patterns
from attn_widgets.atlas.settings import name_of
from attn_widgets.atlas.shards import COMPACT, Shard, current, model_folders, open_shard, set_aside, write_shard

if TYPE_CHECKING:
    import pyarrow as pa

# the kinds of which a model has many shards
_MANY = ("block", "ablated")
# of a large shard, all in memory while it is made
_ROWS = 200_000


def compact(folder: Path, keep: int, progress: bool = True) -> None:
    """Put the shards of every model together.

    Parameters
    ----------
    folder : Path
        Of the atlas.
    keep : int
        What `keep_examples` was when they were measured.
    progress : bool
        Draw a bar of the models that are done.

    Raises
    ------
    ValueError
        If a shard is damaged.
    OSError
        If the folder cannot be written to or is full. What was there is kept.
    """
    from tqdm.auto import tqdm

    kinds = [kind for kind, of in KINDS.items() if of.per in _MANY]
    models = [of_model for kind in kinds for of_model in model_folders(folder, kind)]
    for of_model in tqdm(models, unit="model", desc="compacting", disable=not progress):
        count, gone = current(of_model)
        _remove(gone)
        for fingerprint in dict.fromkeys(str(shard.about["fingerprint"]) for shard in count):
            _compact([shard for shard in count if shard.about["fingerprint"] == fingerprint], keep)


def held(folders: Collection[Path], folder: Path) -> set[Path]:
    """Where the shards would be that large ones hold; of these, what is damaged is moved aside.

    Parameters
    ----------
    folders : collection of Path
        Of models.
    folder : Path
        Of the atlas.
    """
    found: set[Path] = set()
    for of_model in folders:
        for path in sorted(of_model.glob(f"{COMPACT}*.parquet")):
            shard = open_shard(path)
            if shard is None:
                set_aside(folder, path)
            else:
                found |= {of_model / f"{name}.parquet" for name in shard.holds}
    return found


def _compact(shards: list[Shard], keep: int) -> None:
    """Those of one model."""
    import pyarrow as pa

    groups = list(_groups(shards))
    if len(groups) == len(shards):
        return
    # each is read once, before anything of its group is removed; a passage stays where it came first
    read = each_once(shards)
    for group in groups:
        tables = [table for _, table in islice(read, len(group))]
        if len(group) < 2:
            continue
        names = sorted(set().union(*(shard.holds for shard in group)))
        rows = pa.concat_tables(tables).unify_dictionaries().replace_schema_metadata(None)
        # all of these passages are in larger ones already
        if not len(rows):
            continue
        if group[0].about["kind"] == PATTERNS:
            rows = _with_patterns(thinned(rows, keep), group)
        path = group[0].path.with_name(f"{COMPACT}{name_of(names)}.parquet")
        write_shard(path, rows, _about(group, names))
        _remove(group)


def _with_patterns(rows: pa.Table, group: list[Shard]) -> pa.Table:
    """The mean patterns of all blocks, one after the other, on the rows of the first passage."""
    shape = tuple(int(group[0].about[name]) for name in ("n_layers", "n_heads"))
    size = shape[0] * shape[1]
    cells, passages = packed_patterns(group, size)
    counts = np.broadcast_to(passages.reshape(-1), (size, passages.size))
    for name, values in (("mean_pattern", cells.transpose(1, 0, 2)), ("mean_pattern_passages", counts)):
        none = [None] * (len(rows) // size - 1)
        column = lists([values.reshape(*shape, -1), *none], size, values.dtype)
        rows = rows.set_column(rows.schema.get_field_index(name), name, column)
    return rows


def _groups(shards: list[Shard]) -> Iterator[list[Shard]]:
    """Shards that follow each other and have the same columns, as many as one may hold."""
    group: list[Shard] = []
    for shard in shards:
        fits = sum(one.n_rows for one in group) + shard.n_rows <= _ROWS
        if group and not (fits and shard.columns == group[0].columns):
            yield group
            group = []
        group.append(shard)
    if group:
        yield group


def _about(group: list[Shard], names: list[str]) -> Mapping[str, Any]:
    about: dict[str, Any] = dict(group[0].about)
    for key, value in about.items():
        if isinstance(value, dict) and key != "settings":
            about[key] = {k: v for shard in group for k, v in shard.about.get(key, {}).items()}
        elif isinstance(value, list):
            about[key] = list(dict.fromkeys(one for shard in group for one in shard.about.get(key, ())))
    return {**about, "holds": names}


def _remove(shards: list[Shard]) -> None:
    for shard in shards:
        # another may be compacting too
        shard.path.unlink(missing_ok=True)
    for of_model in {shard.path.parent for shard in shards}:
        sync_folder(of_model)
