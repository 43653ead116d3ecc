"""One Parquet file a model and block of passages: written once and whole; what is there is found by its name."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attn_widgets.atlas.durable import write_durably

if TYPE_CHECKING:
    import pyarrow as pa

DAMAGED = "damaged"
# of files that hold what several did, see `compacting`
COMPACT = "compact-"
# columns whose values recur; a number hardly ever does
_TEXTS = ["model", "passage", "kind", "tokens"]


@dataclass(frozen=True)
class Shard:
    """A file that is there and whole, and what it says of itself.

    Attributes
    ----------
    path : Path
    about : dict
        `kind`, `model`, `fingerprint`, `passages` and `left_out` (ids), `settings`, `n_layers`, `n_heads`.
    columns : frozenset of str
    n_rows : int
    """

    path: Path
    about: Mapping[str, Any]
    columns: frozenset[str]
    n_rows: int

    @property
    def model(self) -> str:
        return str(self.about["model"])

    @property
    def holds(self) -> frozenset[str]:
        """Which shards that were measured it has the rows of, by name: itself, or those it took the place of."""
        return frozenset(map(str, self.about.get("holds", (self.path.stem,))))

    def read(self, columns: list[str] | None = None) -> pa.Table:
        """The table, or some of its columns, with every page's sum checked.

        Raises
        ------
        ValueError
            If a page is damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_table(self.path, columns=columns, page_checksum_verification=True, partitioning=None)
        except FileNotFoundError as error:
            raise ValueError(
                f"{self.path} is gone, compacted with others perhaps; open the atlas again: Atlas(path)"
            ) from error
        except (OSError, pa.ArrowInvalid) as error:
            raise ValueError(
                f"{self.path} is damaged ({error}); delete it and call build_atlas again, which computes it anew"
            ) from error


def shard_path(folder: Path, kind: str, model: str, name: str) -> Path:
    """Where a shard is: `<folder>/<kind>/<model>/<name>.parquet`."""
    return folder / kind / as_file_name(model) / f"{name}.parquet"


def as_file_name(model: str) -> str:
    """A model's name as a folder can have it, others by their code points: `org/name` is `org%2Fname`."""
    return re.sub(r"[^\w.@-]|^\.", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), model) or "%"


def write_shard(path: Path, table: pa.Table, about: Mapping[str, Any], *, small: bool = False) -> Path:
    """Write a table and what it is. The same table gives the same bytes; `small` takes its time for fewer of them."""
    import pyarrow.parquet as pq

    told = {key: json.dumps(value, sort_keys=True, ensure_ascii=False) for key, value in about.items()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **told})
    how: dict[str, Any] = {
        "compression": "zstd",
        "use_dictionary": [name for name in _TEXTS if name in table.schema.names],
        "write_page_checksum": True,
        "store_schema": True,
    }
    if small:
        how |= {"compression_level": 19, "use_byte_stream_split": _floats(table.schema)}
    return write_durably(path, lambda file: pq.write_table(table, file, **how))


def _floats(schema: pa.Schema) -> list[str]:
    """The paths of float32 columns, in lists too, as Parquet writes them."""
    import pyarrow as pa

    found = []
    for field in schema:
        path, kind = field.name, field.type
        if pa.types.is_list(kind):
            path, kind = f"{path}.list.element", kind.value_type
        inner = [(f"{path}.{one.name}", one.type) for one in kind] if pa.types.is_struct(kind) else [(path, kind)]
        found += [name for name, of in inner if pa.types.is_float32(of)]
    return found


def open_shard(path: Path) -> Shard | None:
    """A shard that is there and whose footer can be read, else None."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_metadata(path)
        metadata = found.metadata or {}
        about = {
            key.decode(): json.loads(value) for key, value in metadata.items() if not key.startswith(b"ARROW:schema")
        }
    except (OSError, pa.ArrowInvalid, ValueError):
        return None
    names = frozenset(found.schema.to_arrow_schema().names)
    return Shard(path, about, names, found.num_rows)


def shards(folder: Path, kind: str) -> Iterator[Shard]:
    """All whole shards of a kind, model by model: what was compacted first, then in the order of their paths.

    What another holds too is left out: compacting was interrupted before it was removed.
    """
    for of_model in model_folders(folder, kind):
        yield from current(of_model)[0]


def model_folders(folder: Path, kind: str) -> list[Path]:
    """Where the shards of each model are."""
    return sorted(path for path in (folder / kind).glob("*") if path.is_dir())


def current(of_model: Path) -> tuple[list[Shard], list[Shard]]:
    """The whole shards in a model's folder: those that count, and those that another took the place of."""
    paths = sorted(of_model.glob("*.parquet"), key=lambda path: (not path.name.startswith(COMPACT), path.name))
    there = [shard for shard in map(open_shard, paths) if shard is not None]
    large = [shard.holds for shard in there if shard.path.name.startswith(COMPACT)]
    gone = [shard for shard in there if any(shard.holds < held for held in large)]
    return [shard for shard in there if shard not in gone], gone


def set_aside(folder: Path, path: Path) -> Path:
    """Move a file that is damaged out of the way, where one can look at it."""
    aside = folder / DAMAGED / f"{path.stem}-{time.time_ns()}{path.suffix}"
    aside.parent.mkdir(exist_ok=True)
    # another builder may be faster
    with suppress(FileNotFoundError):
        os.replace(path, aside)
    return aside
