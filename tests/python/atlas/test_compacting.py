"""Compacting changes no answer, whenever it ends."""

from __future__ import annotations

import multiprocessing
import os
import pathlib
import shutil
import signal

import numpy as np
import pandas as pd
import pytest

import attn_widgets as aw
from attn_widgets.atlas import building, compacting, shards
from attn_widgets.atlas.head_rows import heads_table
from attn_widgets.atlas.kinds import KINDS, Kind

NAMES, THINGS, PLACES = ("Tom", "Mary", "John"), ("apple", "book", "car"), ("store", "mat", "house")
TEXTS = [
    {"text": f"{a} has a red {b}. {c} has a red {b}. {a} has a red {b} and {c} has a blue {d}.", "kind": f"{b}s"}
    for a, c in (NAMES[:2], NAMES[1:])
    for b in THINGS
    for d in THINGS
]
MODELS = [{"model": "toy-induction", "device": "cpu"}, {"model": "toy-induction", "checkpoint": 3, "device": "cpu"}]
HEADS = ("toy-induction:L1H0", "toy-induction@3:L0H2")
FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None


def build(path, texts=TEXTS, models=MODELS):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "_BLOCK", 4)
        return aw.build_atlas(models, texts, path, keep_examples=5, progress=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An atlas of many small files, some passages in two of them; and its answers."""
    path = tmp_path_factory.mktemp("atlas")
    build(path)
    atlas = build(path, TEXTS[2:13])
    return path, answers(atlas)


@pytest.fixture
def folder(tmp_path, built):
    return shutil.copytree(built[0], tmp_path / "atlas")


def answers(atlas):
    """All that an atlas answers."""
    found = {"heads": atlas.heads, "models": atlas.models, "left out": [atlas.left_out(name) for name in atlas.models]}
    for head in HEADS:
        for by in ("top", "decile", "random"):
            for k in (2, 5, 20):
                found[f"examples {head} {by} {k}"] = atlas.examples(head, k, by)
        found[f"strengths {head}"] = atlas.strengths(head)
        found[f"kinds {head}"] = atlas.scores_by_kind(head).sort_index()
        found[f"mean pattern {head}"] = atlas.mean_pattern(head)
        found[f"nearest {head}"] = [name for name, _ in atlas.nearest(head, 5)]
    found["distances"] = atlas.distances().matrix
    return found


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(found[name], value, rtol=1e-9, atol=1e-12)
        elif isinstance(value, np.ndarray):
            np.testing.assert_allclose(found[name], value, rtol=1e-6, atol=1e-6, err_msg=name)
        else:
            assert found[name] == value, name


def names(path):
    return sorted(str(one.relative_to(path)) for one in (path / "patterns").rglob("*.parquet"))


def test_few_large_files_give_the_same_answers(folder, built, monkeypatch):
    assert len(names(folder)) == 2 * (5 + 3)
    # the two corpora do share passages
    assert aw.Atlas(folder).heads["n_passages"].max() == len(TEXTS)
    monkeypatch.setattr(compacting, "_ROWS", 8 * 12)
    some = aw.Atlas(folder).compact(progress=False)
    assert 2 < len(names(folder)) < 16
    assert_same(answers(some), built[1])
    monkeypatch.undo()
    one = some.compact(progress=False)
    assert len(names(folder)) == 2
    assert_same(answers(one), built[1])
    # rows that came twice and examples that nobody can ask for are gone
    small = sum(path.stat().st_size for path in (built[0] / "patterns").rglob("*.parquet"))
    assert sum(path.stat().st_size for path in (folder / "patterns").rglob("*.parquet")) < 0.7 * small


def test_what_was_compacted_is_done(folder, built, monkeypatch):
    aw.Atlas(folder).compact(progress=False)
    monkeypatch.setattr(building, "work", None)
    assert_same(answers(build(folder)), built[1])
    before = names(folder)
    aw.Atlas(folder).compact(progress=False)
    assert names(folder) == before


def test_what_comes_later_is_compacted_with_the_rest(tmp_path, built):
    build(tmp_path, TEXTS, MODELS[:1]).compact(progress=False)
    build(tmp_path, TEXTS[2:13], MODELS)
    atlas = build(tmp_path)
    assert_same(answers(atlas), built[1])
    assert_same(answers(atlas.compact(progress=False)), built[1])
    assert len(names(tmp_path)) == 2


def test_files_that_are_left_beside_the_large_one_count_once(folder, built, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(compacting, "_remove", lambda shards: None)
        assert_same(answers(aw.Atlas(folder).compact(progress=False)), built[1])
    assert len(names(folder)) == 16 + 2
    assert_same(answers(aw.Atlas(folder)), built[1])
    assert_same(answers(aw.Atlas(folder).compact(progress=False)), built[1])
    assert len(names(folder)) == 2


def killed_before(folder, number):
    """Compact, and die before the file system is asked for the nth time to write, rename, remove or keep something."""
    asked = 0

    def counted(real):
        def call(*arguments, **options):
            nonlocal asked
            asked += 1
            if asked == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for of, name in ((os, "replace"), (os, "fsync"), (pathlib.Path, "unlink"), (compacting, "write_shard")):
        setattr(of, name, counted(getattr(of, name)))
    aw.Atlas(folder).compact(progress=False)
    os._exit(0)


@pytest.mark.skipif(FORK is None, reason="needs fork")
def test_killed_at_any_moment_nothing_is_lost_or_counted_twice(tmp_path, folder, built):
    expected = built[1]["heads"][["n_passages", "induction"]]
    for number in range(1, 100):
        copy = shutil.copytree(folder, tmp_path / str(number))
        process = FORK.Process(target=killed_before, args=(copy, number))
        process.start()
        process.join()
        left = aw.Atlas(copy)
        found = heads_table(left._models, left._sums)[["n_passages", "induction"]]
        pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
        if number % 5 == 0 or process.exitcode == 0:
            assert_same(answers(left), built[1])
            assert_same(answers(left.compact(progress=False)), built[1])
            assert len(names(copy)) == 2
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert number >= 20


def test_a_large_file_that_is_damaged_is_moved_aside_and_computed_anew(folder, built):
    aw.Atlas(folder).compact(progress=False)
    one = next((folder / "patterns" / "toy-induction").glob("*.parquet"))
    one.write_bytes(one.read_bytes()[:100])
    with pytest.warns(UserWarning, match="1 files of the atlas .* are damaged"):
        aw.Atlas(folder)
    build(folder)
    assert_same(answers(build(folder, TEXTS[2:13])), built[1])
    assert len(list((folder / "damaged").iterdir())) == 1


def test_an_atlas_that_was_open_says_that_its_files_are_gone(folder):
    before = aw.Atlas(folder)
    before.compact(progress=False)
    with pytest.raises(ValueError, match=r"is gone, compacted with others perhaps; open the atlas again"):
        before.examples(HEADS[0])


def test_kinds_with_passages_are_compacted_and_those_without_are_not(folder, monkeypatch):
    monkeypatch.setitem(KINDS, "effects", Kind("module:function"))
    import pyarrow as pa

    about = next(shards.shards(folder, "patterns")).about
    for i in range(3):
        table = pa.table({"passage": [f"p{i}"] * 2, "layer": [0, 0], "head": [0, 1], "effect": [float(i), 1.0]})
        shards.write_shard(
            shards.shard_path(folder, "effects", "toy-induction", str(i)), table, {**about, "kind": "effects"}
        )
    before = aw.Atlas(folder)
    weights = sorted((folder / "weights").rglob("*.parquet"))
    expected = before.heads["effect"]
    after = before.compact(progress=False)
    assert len(list((folder / "effects").rglob("*.parquet"))) == 1
    assert sorted((folder / "weights").rglob("*.parquet")) == weights
    pd.testing.assert_series_equal(after.heads["effect"], expected)


def test_what_ablations_say_is_compacted_too(tmp_path, monkeypatch):
    options = {"ablations": 3, "progress": False}
    atlas = aw.build_atlas(MODELS[:1], TEXTS[:6], tmp_path, **options)
    many = list((tmp_path / "ablations").rglob("*.parquet"))
    before = atlas.heads
    after = atlas.compact(progress=False)
    assert len(many) == 3
    assert len(list((tmp_path / "ablations").rglob("*.parquet"))) == 1
    pd.testing.assert_frame_equal(after.heads, before, rtol=1e-9)
    monkeypatch.setattr(building, "work", None)
    aw.build_atlas(MODELS[:1], TEXTS[:6], tmp_path, **options)
