"""`merge_examples`: rows of any shards -> the examples of each head: the heaviest, by decile of strength, by chance.

What shards a corpus was measured in, and in which order their rows come, makes no difference.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.as_table import examples_column
from attn_widgets.atlas.candidates import DTYPES, SAMPLED, Candidates
from attn_widgets.atlas.windows import Windows
from attn_widgets.names import near_miss

if TYPE_CHECKING:
    import pyarrow as pa

By = Literal["top", "decile", "random"]
BYS: tuple[By, ...] = ("top", "decile", "random")
DECILES = 10


def merge_examples(rows: pa.Table, keep: int, by: By = "top", k: int | None = None) -> pa.Table:
    """Put the examples of several shards together.

    Parameters
    ----------
    rows : pyarrow.Table
        Of `measure_patterns`, in any order; the columns model, layer, head, passage, tokens and examples are read.
    keep : int
        What `keep_examples` was when they were measured.
    by : {"top", "decile", "random"}
        The heaviest; some of each tenth of a head's cells by weight; or a fair sample of them.
    k : int, optional
        How many of each head, at most; by decile a tenth of them from each. Default `keep`.

    Returns
    -------
    pyarrow.Table
        One row an example, by model, layer and head, and then the heaviest first ("top" and "decile") or as they were
        drawn ("random"). Columns model, layer, head, passage, query, key, weight, order, and decile, 0 to 9: which
        tenth of the head's cells the weight is in, as far as its sample of `10 * keep` cells tells.

    Raises
    ------
    ValueError
        If `by` is unknown, or `keep` or `k` is not positive.
    """
    if by not in BYS:
        raise ValueError(f"by is {by!r}; {near_miss(str(by), BYS)}")
    k = keep if k is None else k
    for name, value in (("keep", keep), ("k", k)):
        if value < 1:
            raise ValueError(f"{name} is {value}; expected at least 1")
    read = _Rows(rows)
    found = read.candidates
    sample = found.take(found.drawn(SAMPLED * keep))
    if by == "top":
        chosen = found.take(found.heaviest(min(k, keep)))
        decile = _deciles(chosen, sample)
    else:
        chosen, decile = sample, _tenths(sample)
        # which of its group, by chance
        group = chosen.head if by == "random" else chosen.head * np.int32(DECILES) + decile
        wanted = np.full(len(chosen), k) if by == "random" else _shares(k)[decile]
        among = np.lexsort((chosen.order, group))
        place = np.arange(len(among)) - np.searchsorted(group[among], group[among])
        picked = among[place < wanted[among]]
        chosen, decile = chosen.take(picked), decile[picked]
    ranked = np.lexsort((chosen.order, chosen.order if by == "random" else -chosen.weight, chosen.head))
    return read.table(chosen.take(ranked), decile[ranked])


def thinned(rows: pa.Table, keep: int) -> pa.Table:
    """The same rows with those examples alone that `merge_examples` of all of them can still choose.

    Parameters
    ----------
    rows : pyarrow.Table
        As for `merge_examples`.
    keep : int
        What `keep_examples` was when they were measured, or less.
    """
    read = _Rows(rows)
    found = read.candidates
    top, sampled = found.heaviest(keep), found.drawn(SAMPLED * keep)
    kept = np.flatnonzero(top | sampled)
    column = examples_column(found.take(kept), top[kept], sampled[kept], read.row[kept], len(rows))
    return rows.set_column(rows.schema.get_field_index("examples"), "examples", column)


class _Rows:
    """Rows as flat arrays of candidates."""

    def __init__(self, rows: pa.Table) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        rows = rows.select(["model", "layer", "head", "passage", "tokens", "examples"]).unify_dictionaries()
        models, self._models = _numbered(rows["model"])
        passages, self._passages = _numbered(rows["passage"])
        tokens, spelled = _numbered(rows["tokens"])
        layers, heads = (rows[name].to_numpy().astype(np.int64) for name in ("layer", "head"))
        self._heads, head = np.unique(np.stack([models, layers, heads]), axis=1, return_inverse=True)
        examples = rows["examples"].combine_chunks()
        lengths = pc.fill_null(pc.list_value_length(examples), 0).to_numpy(zero_copy_only=False)
        cells = examples.flatten()
        fields: dict[str, NDArray[Any]] = {
            name: cells.field(name).to_numpy(zero_copy_only=False).astype(DTYPES[name], copy=False)
            for name in ("query", "key", "weight", "order")
        }
        self.row: NDArray[np.int64] = np.repeat(np.arange(len(rows)), lengths)
        same = _same(spelled, tokens[self.row], fields["query"], fields["key"])
        self.candidates = Candidates(
            head=head.reshape(-1)[self.row].astype(np.int32),
            passage=passages[self.row].astype(np.int32),
            query=fields["query"],
            key=fields["key"],
            weight=fields["weight"],
            order=fields["order"],
            same=same,
        )
        self._types = {"layer": pa.int16(), "head": pa.int16()}

    def table(self, chosen: Candidates, decile: NDArray[np.int32]) -> pa.Table:
        """What was chosen, by name."""
        import pyarrow as pa

        model, layer, head = self._heads[:, chosen.head]
        return pa.table(
            {
                "model": self._models.take(pa.array(model)),
                "layer": pa.array(layer, self._types["layer"]),
                "head": pa.array(head, self._types["head"]),
                "passage": self._passages.take(pa.array(chosen.passage)),
                "query": chosen.query,
                "key": chosen.key,
                "weight": chosen.weight,
                "order": chosen.order,
                "decile": decile.astype(np.int8),
            }
        )


def _numbered(column: Any) -> tuple[NDArray[np.int64], Any]:
    """A column of text as numbers, and the texts that they stand for."""
    import pyarrow as pa

    encoded = column.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.cast(pa.string())


def _same(spelled: Any, of: NDArray[np.int64], queries: NDArray[Any], keys: NDArray[Any]) -> NDArray[np.uint64]:
    """What tells candidates that read the same, a passage at a time."""
    same = np.zeros(len(of), dtype=np.uint64)
    by_passage = np.argsort(of, kind="stable")
    passages, starts = np.unique(of[by_passage], return_index=True)
    for passage, at in zip(passages.tolist(), np.split(by_passage, starts[1:]), strict=False):
        same[at] = Windows(json.loads(spelled[passage].as_py())).same(queries[at], keys[at])
    return same


def _tenths(sample: Candidates) -> NDArray[np.int32]:
    """`[candidate]`: which tenth of its head's sample it is in, by weight; all are as large, whatever is equal."""
    ranked = np.lexsort((sample.order, sample.weight, sample.head))
    head = sample.head[ranked]
    starts = np.searchsorted(head, head)
    ends = np.searchsorted(head, head, side="right")
    decile = np.zeros(len(sample), dtype=np.int32)
    decile[ranked] = (np.arange(len(head)) - starts) * DECILES // np.maximum(ends - starts, 1)
    return decile


def _deciles(chosen: Candidates, sample: Candidates) -> NDArray[np.int32]:
    """`[candidate]`: which tenth of its head's sample its weight would be in."""
    decile = np.zeros(len(chosen), dtype=np.int32)
    for head in np.unique(chosen.head).tolist():
        here = chosen.head == head
        weights = np.sort(sample.weight[sample.head == head])
        below = np.searchsorted(weights, chosen.weight[here])
        decile[here] = np.minimum(below * DECILES // max(len(weights), 1), DECILES - 1)
    return decile


def _shares(k: int) -> NDArray[np.int64]:
    """How many of k each decile has: as alike as can be, the upper ones first."""
    edges = np.arange(DECILES + 1, dtype=np.int64) * k // DECILES
    shares: NDArray[np.int64] = np.diff(edges)
    return shares
