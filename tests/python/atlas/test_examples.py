"""Examples: the heaviest and a fair sample, the same whatever blocks the passages came in."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attn_widgets.atlas.as_table import examples_column
from attn_widgets.atlas.candidates import Candidates
from attn_widgets.atlas.corpus import Passage
from attn_widgets.atlas.examples import merge_examples, thinned
from attn_widgets.atlas.measuring import measure_patterns
from attn_widgets.atlas.reservoirs import Reservoirs
from attn_widgets.atlas.settings import Settings
from attn_widgets.atlas.windows import Windows, orders

HEADS, KEEP = 2, 3
BYS = ("top", "decile", "random")


def passage(seed, n=40, words=2):
    """Tokens of few words, so that much comes again, and weights of few values, so that many are equal."""
    draw = np.random.default_rng(seed)
    tokens = [f"w{i}" for i in draw.integers(words, size=n)]
    keys = draw.integers(1, np.arange(2, n + 1), size=(HEADS, n - 1)).astype(np.int16)
    weights = (draw.integers(0, 6, size=keys.shape) / 5).astype(np.float32)
    return SimpleNamespace(id=f"{seed:016x}", tokens=tokens, keys=keys, weights=weights)


def add(reservoirs, number, one):
    queries = np.arange(1, len(one.tokens), dtype=np.int16)
    same = Windows(one.tokens).same(queries, one.keys)
    reservoirs.add(number, orders(one.id, len(one.tokens))[1:], queries, one.keys, one.weights, same)


def shard(block, keep=KEEP):
    """The columns that examples need, of a block of passages."""
    reservoirs = Reservoirs(HEADS, keep)
    for number, one in enumerate(block):
        add(reservoirs, number, one)
    kept, top, sampled = reservoirs.kept()
    n = len(block) * HEADS
    return pa.table(
        {
            "model": pa.array(["made up"] * n).dictionary_encode(),
            "layer": pa.array([0] * n, pa.int16()),
            "head": pa.array(list(range(HEADS)) * len(block), pa.int16()),
            "passage": pa.array([one.id for one in block for _ in range(HEADS)]).dictionary_encode(),
            "tokens": pa.array([json.dumps(one.tokens) for one in block for _ in range(HEADS)]).dictionary_encode(),
            "examples": examples_column(kept, top, sampled, kept.passage * HEADS + kept.head, n),
        }
    )


BLOCK = [passage(seed) for seed in range(12)]
WHOLE = {by: merge_examples(shard(BLOCK), KEEP, by).to_pylist() for by in BYS}


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(len(BLOCK))), st.sets(st.integers(1, len(BLOCK) - 1)))
def test_blocks_and_their_order_make_no_difference(order, cuts):
    edges = [0, *sorted(cuts), len(order)]
    blocks = [[BLOCK[i] for i in order[a:b]] for a, b in pairwise(edges)]
    rows = pa.concat_tables([shard(block) for block in blocks])
    for by in BYS:
        assert merge_examples(rows, KEEP, by).to_pylist() == WHOLE[by]


def every(block=BLOCK, head=0):
    """All cells of a head as (weight, order, passage, query, what it reads), nothing left out."""
    cells = []
    for one in block:
        words = [""] * 4 + one.tokens + [""] * 4
        order = orders(one.id, len(one.tokens))
        for query in range(1, len(one.tokens)):
            key, weight = one.keys[head, query - 1], one.weights[head, query - 1]
            reads = (one.tokens[key], tuple(words[query : query + 9]))
            cells.append((float(weight), int(order[query]), one.id, query, reads))
    return cells


def without_repeats(cells):
    seen = set()
    return [cell for cell in cells if not (cell[4] in seen or seen.add(cell[4]))]


def of_head(rows, head=0):
    return [(row["passage"], row["query"]) for row in rows if row["head"] == head]


def droning(seed, n=120):
    """A passage that mostly says the same again, heaviest there."""
    one = passage(seed, n=n, words=1000)
    one.tokens[:100] = ["a", "b"] * 50
    one.keys[:, :99] = 1
    one.weights[:, :99] = 0.9 + 0.1 * np.random.default_rng(seed).random((HEADS, 99), dtype=np.float32)
    one.weights[:, 99:] /= 2
    return one


BLOCKS = {"of few words": BLOCK, "droning": [droning(seed) for seed in range(6)]}


@pytest.mark.parametrize("name", BLOCKS)
def test_the_top_are_the_heaviest_and_what_reads_the_same_comes_once(name):
    cells = every(BLOCKS[name])
    heaviest = without_repeats(sorted(cells, key=lambda cell: (-cell[0], cell[1])))
    assert len(heaviest) < len(cells), "nothing comes again: this tests nothing"
    found = merge_examples(shard(BLOCKS[name], keep=20), 20, "top").to_pylist()
    assert of_head(found) == [cell[2:4] for cell in heaviest[:20]]


@pytest.mark.parametrize("name", BLOCKS)
def test_the_random_are_those_with_the_smallest_numbers(name):
    drawn = without_repeats(sorted(every(BLOCKS[name]), key=lambda cell: cell[1]))
    found = merge_examples(shard(BLOCKS[name], keep=10), 10, "random", k=100).to_pylist()
    assert of_head(found) == [cell[2:4] for cell in drawn[:100]]


def test_four_tokens_before_and_after_the_query_tell_examples_apart():
    tokens = [f"w{i}" for i in range(20)]
    query, key = np.array([10]), np.array([2])
    whole = Windows(tokens).same(query, key)
    for changed in range(20):
        other = Windows([*tokens[:changed], "another", *tokens[changed + 1 :]]).same(query, key)
        assert (other == whole) == (changed not in (2, *range(6, 15))), changed


def test_a_sample_is_fair():
    """Of many cells the mean weight of those drawn is that of all, as near as so many tell."""
    block = [passage(seed, n=100, words=1000) for seed in range(30)]
    drawn = merge_examples(shard(block, keep=40), 40, "random", k=400).to_pydict()
    weights = np.array(drawn["weight"])
    alike = np.concatenate([one.weights.reshape(-1) for one in block])
    assert len(weights) == 400 * HEADS
    assert abs(weights.mean() - alike.mean()) < 4 * alike.std() / np.sqrt(len(weights))


def test_deciles_come_from_the_whole_range_and_each_has_its_share():
    block = [passage(seed, n=100, words=1000) for seed in range(10)]
    found = merge_examples(shard(block, keep=20), 20, "decile").to_pandas()
    assert found.groupby(["head", "decile"]).size().tolist() == [2] * 10 * HEADS
    by_decile = found.groupby(["head", "decile"])["weight"]
    for head in range(HEADS):
        highest, lowest = by_decile.max()[head], by_decile.min()[head]
        assert all(low <= high for low, high in zip(highest[:-1], lowest[1:], strict=True))


def test_the_top_are_in_the_highest_decile_unless_much_is_equal():
    block = [passage(seed, n=100, words=1000) for seed in range(10)]
    for one in block:
        one.weights = np.random.default_rng(int(one.id, 16)).random(one.weights.shape, dtype=np.float32)
    found = merge_examples(shard(block), KEEP, "top").to_pydict()
    assert found["decile"] == [9] * KEEP * HEADS
    assert found["weight"] == sorted(found["weight"][:KEEP], reverse=True) + sorted(
        found["weight"][KEEP:], reverse=True
    )


def test_a_shard_keeps_no_more_than_its_share():
    lists = shard([passage(seed, n=100, words=1000) for seed in range(10)])["examples"].to_pylist()
    for head in range(HEADS):
        examples = [one for row in lists[head::HEADS] for one in row]
        assert sum(one["top"] for one in examples) == KEEP
        assert sum(one["sampled"] for one in examples) == 10 * KEEP


def test_a_shard_has_nothing_twice_that_reads_the_same():
    block = BLOCKS["droning"]
    reads = {cell[2:4]: cell[4] for cell in every(block)}
    found = shard(block).to_pylist()
    for flag in ("top", "sampled"):
        kept = [
            reads[row["passage"], one["query"]]
            for row in found
            for one in row["examples"]
            if row["head"] == 0 and one[flag]
        ]
        assert len(kept) == len(set(kept)) > 0


def test_memory_is_bounded_and_that_makes_no_difference(monkeypatch):
    from attn_widgets.atlas import reservoirs

    monkeypatch.setattr(reservoirs, "_MOST_WAITING", 100)
    few = Reservoirs(HEADS, KEEP)
    for number, one in enumerate(BLOCK):
        add(few, number, one)
        assert few._n_waiting <= 100
    assert merge_examples(shard(BLOCK), KEEP, "top").to_pylist() == WHOLE["top"]
    monkeypatch.undo()
    many = Reservoirs(HEADS, KEEP)
    for number, one in enumerate(BLOCK):
        add(many, number, one)
    for a, b in zip(few.kept(), many.kept(), strict=True):
        pairs = [(getattr(a, name), getattr(b, name)) for name in vars(a)] if isinstance(a, Candidates) else [(a, b)]
        assert all(np.array_equal(*pair) for pair in pairs)


def test_a_passage_measured_twice_counts_once():
    rows = shard(BLOCK)
    for by in BYS:
        assert merge_examples(pa.concat_tables([rows, shard(BLOCK[:5])]), KEEP, by).to_pylist() == WHOLE[by]


def test_fewer_rows_can_be_kept_with_the_same_examples():
    rows = pa.concat_tables([shard(BLOCK[:5]), shard(BLOCK[5:])])
    less = thinned(rows, KEEP)
    assert sum(map(len, less["examples"].to_pylist())) < sum(map(len, rows["examples"].to_pylist()))
    assert less.drop(["examples"]).equals(rows.drop(["examples"]))
    for by in BYS:
        assert merge_examples(less, KEEP, by).to_pylist() == WHOLE[by]


def test_heads_and_models_are_kept_apart():
    rows = shard(BLOCK)
    other = rows.set_column(0, "model", pa.array(["another"] * len(rows)).dictionary_encode())
    both = merge_examples(pa.concat_tables([rows, other]), KEEP, "top").to_pylist()
    for name in ("made up", "another"):
        assert [{**row, "model": "made up"} for row in both if row["model"] == name] == WHOLE["top"]


def test_no_rows_give_no_examples():
    assert [len(merge_examples(shard(BLOCK).slice(0, 0), KEEP, by)) for by in BYS] == [0, 0, 0]


def test_another_order_by_is_refused_with_the_near_miss():
    with pytest.raises(ValueError, match="by is 'deciles'; did you mean 'decile'"):
        merge_examples(shard(BLOCK), KEEP, "deciles")
    with pytest.raises(ValueError, match="k is 0; expected at least 1"):
        merge_examples(shard(BLOCK), KEEP, "top", k=0)


def test_numbers_by_chance_are_the_same_on_every_machine():
    assert orders("00000000000000ab", 3).tolist() == [orders("00000000000000ab", 9)[i] for i in range(3)]
    assert int(orders("00000000000000ab", 2)[1]) == 3454456800750196268


def test_of_a_real_model_blocks_make_no_difference(toy):
    texts = ["The cat sat on the mat and the dog sat on the mat.", "Tom has a red apple and Mary has a blue apple."]
    block = [Passage(text) for text in texts]
    wanted = Settings(tokens=32, keep_examples=2)
    whole = measure_patterns(toy, block, wanted)
    parts = pa.concat_tables([measure_patterns(toy, [one], wanted) for one in reversed(block)])
    for by in BYS:
        assert merge_examples(parts, 2, by).equals(merge_examples(whole, 2, by))


def test_join_of_none_is_none():
    none = Candidates.none()
    assert len(Candidates.join([none, replace(none)])) == 0
