"""The shards of one model -> sums of its heads' scores by kind of passage, profiles, tokens; a shard at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.as_table import OF_MOTIFS, SCORES
from attn_widgets.atlas.first_words import N_WORDS, together
from attn_widgets.atlas.numbers import N_BINS
from attn_widgets.atlas.shards import Shard
from attn_widgets.motifs.registry import MOTIFS

if TYPE_CHECKING:
    import pyarrow as pa

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Sums:
    """Of some passages of a kind, all heads.

    Attributes
    ----------
    count, total, squares : numpy.ndarray
        `[score, head]`, float64: on how many passages a score has a value, their sum, and that of their squares.
    strengths : numpy.ndarray
        `[head, bin]`.
    passages : int
    """

    count: FloatArray
    total: FloatArray
    squares: FloatArray
    strengths: NDArray[np.int64]
    passages: int

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.count + other.count,
            self.total + other.total,
            self.squares + other.squares,
            self.strengths + other.strengths,
            self.passages + other.passages,
        )

    @classmethod
    def all_of(cls, parts: Iterable[Sums], scores: int, heads: int) -> Sums:
        """Of all passages; zeros where there is none."""
        zeros = np.zeros((scores, heads))
        return sum(parts, cls(zeros, zeros, zeros, np.zeros((heads, N_BINS), np.int64), 0))

    @property
    def mean(self) -> FloatArray:
        """`[score, head]`; NaN where there is none."""
        mean: FloatArray = np.divide(self.total, self.count, out=np.full_like(self.total, np.nan), where=self.count > 0)
        return mean

    @property
    def std(self) -> FloatArray:
        """`[score, head]`, over passages, n - 1; NaN with fewer than two."""
        some = self.count > 1
        off = np.where(some, self.squares - self.total * np.where(some, self.mean, 0), 0)
        std: FloatArray = np.sqrt(np.maximum(off, 0) / np.maximum(self.count - 1, 1))
        return np.where(some, std, np.nan)


@dataclass(frozen=True, eq=False)
class OfModel:
    """One model's part of an atlas.

    Attributes
    ----------
    name : str
    n_layers, n_heads : int
    shards : tuple of Shard
        Those of its patterns.
    others : dict
        Other kinds -> shards.
    """

    name: str
    n_layers: int
    n_heads: int
    shards: tuple[Shard, ...]
    others: Mapping[str, tuple[Shard, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many heads."""
        return self.n_layers * self.n_heads

    def rows(self, columns: list[str]) -> Iterator[pa.Table]:
        """The rows of each shard, a passage that several have read once."""
        return rows_once(self.shards, columns)

    def names(self) -> list[str]:
        """The scores that all shards have: motifs registered since are in some only."""
        here = [set(shard.columns) for shard in self.shards]
        wanted = [*(f"{motif}{of}" for motif in MOTIFS for of in OF_MOTIFS), *SCORES]
        return [name for name in wanted if all(name in columns for columns in here)]

    def sums(self, names: Sequence[str]) -> dict[str, Sums]:
        """Kind of passage -> sums of scores."""
        found: dict[str, Sums] = {}
        for table in self.rows(["kind", "strengths", *names]):
            kinds = np.array(table["kind"].to_pylist()[:: self.size], dtype=object)
            scores = np.stack([_floats(table[name]).reshape(-1, self.size) for name in names])
            strengths = table["strengths"].combine_chunks().flatten().to_numpy().reshape(len(kinds), self.size, -1)
            for kind in dict.fromkeys(kinds):
                at = kinds == kind
                some = scores[:, at]
                there = np.isfinite(some)
                some = np.where(there, some, 0)
                own = Sums(
                    there.sum(axis=1).astype(np.float64),
                    some.sum(axis=1),
                    (some**2).sum(axis=1),
                    strengths[at].sum(axis=0, dtype=np.int64),
                    int(at.sum()),
                )
                found[kind] = found[kind] + own if kind in found else own
        return found

    def profiled(self, column: str) -> list[str]:
        """Passages of which profiles are kept, the smallest ids first."""
        found = [
            name
            for table in self.rows([column])
            for name, null in zip(
                table["passage"].to_pylist()[:: self.size],
                table[column].is_null().to_numpy()[:: self.size],
                strict=True,
            )
            if not null
        ]
        return sorted(found)

    def profiles(self, column: str, passages: Sequence[str]) -> FloatArray:
        """`[passage, head, feature]`, float32, in the order given."""
        import pyarrow.compute as pc

        place = {name: i for i, name in enumerate(passages)}
        found: list[Any] = [None] * len(passages)
        for table in self.rows([column]):
            table = table.filter(pc.is_in(table["passage"].cast("string"), value_set=_strings(place)))
            if not len(table):
                continue
            values = table[column].combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(np.float32)
            values = values.reshape(len(table) // self.size, self.size, -1)
            for name, own in zip(table["passage"].to_pylist()[:: self.size], values, strict=True):
                found[place[name]] = own
        return np.stack(found)

    def mean_patterns(self) -> NDArray[np.float32]:
        """`[head, word, word]`; a passage of several corpora counts in each."""
        return together(*packed_patterns(self.shards, self.size))

    def of_head(self, layer: int, head: int, columns: list[str]) -> pa.Table:
        """The rows of one head."""
        import pyarrow as pa

        at = layer * self.n_heads + head
        found = [table.take(pa.array(range(at, len(table), self.size))) for table in self.rows(columns)]
        # of a model that could read nothing there are columns and no rows
        return pa.concat_tables(found or [self.shards[0].read(columns)]).unify_dictionaries()


def packed_patterns(shards: Iterable[Shard], size: int) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
    """What `MeanPatterns` packed of each block: `[block, head, cell]` and `[block, word]`.

    Parameters
    ----------
    shards : iterable of Shard
    size : int
        How many heads the model has.
    """
    cells, passages = [], []
    for shard in shards:
        table = shard.read(["mean_pattern", "mean_pattern_passages"])
        table = table.filter(table["mean_pattern"].is_valid()).combine_chunks()
        if not len(table):
            continue
        # a row has those of one block after the other
        counts = _flat(table["mean_pattern_passages"]).reshape(size, -1, N_WORDS)[0]
        passages.append(counts)
        cells.append(_flat(table["mean_pattern"]).reshape(size, len(counts), -1).transpose(1, 0, 2))
    return np.concatenate(cells), np.concatenate(passages)


def rows_once(shards: Iterable[Shard], columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The rows of each shard, those of a passage that several have read once; of shards without passages the first."""
    for shard, table in each_once(shards, columns):
        if len(table):
            yield table
        if "passage" not in shard.columns:
            return


def each_once(shards: Iterable[Shard], columns: Sequence[str] | None = None) -> Iterator[tuple[Shard, pa.Table]]:
    """Each shard, with its rows of passages that no shard before it has read; there may be none."""
    import pyarrow.compute as pc

    seen: set[str] = set()
    for shard in shards:
        table = shard.read(None if columns is None else [*dict.fromkeys(["passage", *columns])])
        if "passage" in table.column_names:
            here = dict.fromkeys(table["passage"].unique().to_pylist())
            if seen & here.keys():
                again = pc.is_in(table["passage"].cast("string"), value_set=_strings(seen & here.keys()))
                table = table.filter(pc.invert(again))
            seen |= here.keys()
        yield shard, table


def tokens_of(told: str) -> tuple[str, ...]:
    """The tokens of a passage, as a shard has them."""
    return tuple(json.loads(told))


def _flat(column: Any) -> NDArray[Any]:
    found: NDArray[Any] = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return found


def _floats(column: Any) -> NDArray[np.float64]:
    found: NDArray[np.float64] = column.to_numpy().astype(np.float64)
    return found


def _strings(values: Any) -> Any:
    import pyarrow as pa

    return pa.array(sorted(values), pa.string())
