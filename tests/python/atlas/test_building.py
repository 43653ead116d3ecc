"""An atlas is built file by file: whatever ends the work, what is there stays and the rest is added."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import random
import signal
import stat
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import atlas_work
import pyarrow as pa
import pytest
from atlas_work import build, files

from attn_widgets.atlas import building, durable, running, shards, units
from attn_widgets.atlas.building import build_atlas
from attn_widgets.atlas.kinds import Kind
from attn_widgets.atlas.settings import Settings, name_of
from attn_widgets.atlas.specs import Spec, as_specs, fingerprint

FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None


@pytest.fixture(autouse=True)
def cheap(monkeypatch, request):
    """Numbers that cost nothing, but where a test wants the model's own."""
    if "toy" in request.fixturenames:
        return
    monkeypatch.setattr(building, "plan_of", atlas_work.plan_of)
    monkeypatch.setitem(units.KINDS, "patterns", Kind("atlas_work:measure"))
    monkeypatch.setattr(Spec, "open", lambda spec: None)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The files of an atlas that nobody disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "plan_of", atlas_work.plan_of)
        patch.setitem(units.KINDS, "patterns", Kind("atlas_work:measure"))
        patch.setattr(Spec, "open", lambda spec: None)
        folder = tmp_path_factory.mktemp("atlas")
        assert build(folder) == {}
    return files(folder)


def test_there_is_one_file_a_model_and_block_and_one_of_the_texts(undisturbed):
    parts = [name.split("/") for name in undisturbed]
    assert sorted(part[1] for part in parts if part[0] == "patterns") == ["a"] * 25 + ["b"] * 25
    assert sorted(part[0] for part in parts if part[0] != "patterns") == ["atlas.json", "corpus"]


@pytest.mark.skipif(FORK is None, reason="needs fork")
def test_killed_again_and_again_the_files_are_those_of_undisturbed_work(tmp_path, undisturbed):
    draw = random.Random(0)
    kills = 0
    while kills < 25:
        process = FORK.Process(target=build, args=(tmp_path,))
        process.start()
        time.sleep(draw.uniform(0.01, 0.06))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        kills += 1
        # whatever has its name is whole
        for path in (tmp_path / "patterns").rglob("*.parquet"):
            assert shards.open_shard(path) is not None
        if len(files(tmp_path)) > 40:
            # as good as done: once more from the beginning, a part kept
            for path in sorted((tmp_path / "patterns").rglob("*.parquet"))[5:]:
                path.unlink()
    build(tmp_path)
    assert files(tmp_path) == undisturbed


def test_only_what_is_missing_is_computed(tmp_path, undisturbed, monkeypatch):
    build(tmp_path)
    one = next((tmp_path / "patterns" / "b").glob("*.parquet"))
    one.unlink()
    worked = []
    monkeypatch.setattr(building, "work", lambda unit, n_threads=None: (worked.append(unit.path), units.work(unit)))
    build(tmp_path)
    assert worked == [one]
    assert files(tmp_path) == undisturbed


@pytest.mark.parametrize("damage", [lambda data: data[:100], lambda data: b"", lambda data: data[:-9] + b"\0" * 9])
def test_a_damaged_file_is_moved_aside_and_computed_anew(tmp_path, undisturbed, damage):
    build(tmp_path)
    one = next((tmp_path / "patterns" / "a").glob("*.parquet"))
    damaged = damage(one.read_bytes())
    one.write_bytes(damaged)
    assert one not in [shard.path for shard in shards.shards(tmp_path, "patterns")]
    build(tmp_path)
    (aside,) = (tmp_path / "damaged").iterdir()
    assert aside.read_bytes() == damaged
    aside.unlink()
    assert files(tmp_path) == undisturbed


def test_a_damaged_page_of_a_whole_looking_file_is_found_when_it_is_read(tmp_path):
    build(tmp_path)
    path = next((tmp_path / "patterns" / "a").glob("*.parquet"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"is damaged .*call build_atlas again"):
        shards.open_shard(path).read()


def test_a_full_disk_is_said_and_costs_nothing_that_was_there(tmp_path, monkeypatch):
    real, written = durable.os.fsync, []

    def fsync(number):
        if stat.S_ISREG(os.fstat(number).st_mode):
            written.append(number)
            if len(written) > 7:
                raise OSError(errno.ENOSPC, "No space left on device")
        real(number)

    monkeypatch.setattr(durable.os, "fsync", fsync)
    with pytest.raises(OSError, match=r"no room is left for .*kept.*call again") as refused:
        build(tmp_path)
    assert refused.value.errno == errno.ENOSPC
    there = files(tmp_path)
    assert len([name for name in there if name.startswith("patterns")]) == 5
    assert not list(tmp_path.rglob("*.part"))
    monkeypatch.undo()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX")
def test_a_folder_that_cannot_be_written_to_is_said_before_anything_is_computed(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(durable.tempfile, "mkstemp", refuse)
    monkeypatch.setattr(building, "plan_of", None)
    with pytest.raises(OSError, match=r"cannot be written to; choose another path, or open .* Atlas\(path\)"):
        build_atlas("a", ["a text"], tmp_path)


@pytest.mark.skipif(FORK is None, reason="needs fork")
def test_two_builders_of_one_folder_make_what_one_does(tmp_path, undisturbed):
    both = [FORK.Process(target=build, args=(tmp_path,)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert files(tmp_path) == undisturbed


def _interruptible(folder):
    # a shell has what it runs in the background ignore interrupts
    signal.signal(signal.SIGINT, signal.default_int_handler)
    build(folder)


@pytest.mark.skipif(FORK is None, reason="needs fork")
def test_an_interrupt_ends_it_and_leaves_whole_files(tmp_path, undisturbed):
    process = FORK.Process(target=_interruptible, args=(tmp_path,))
    process.start()
    while process.is_alive() and len(list(tmp_path.rglob("*.parquet"))) < 5:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGINT)
    process.join(10)
    assert process.exitcode == 1
    assert not list(tmp_path.rglob("*.part"))
    assert 0 < len(files(tmp_path)) < len(undisturbed)
    build(tmp_path)
    assert files(tmp_path) == undisturbed


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_does_the_same_work(tmp_path, undisturbed, pool):
    if pool is ProcessPoolExecutor and FORK is None:
        pytest.skip("needs fork")
    chosen = {"mp_context": FORK} if pool is ProcessPoolExecutor else {}
    with (
        pool(2, **chosen) as executor,
        running.workers(executor, as_specs(["a", "b"]), 25) as crew,
    ):
        assert crew.n_threads == (max(1, running._cores() // 2) if chosen else None)
        # threads of one process do not each have a number of their own
        build(tmp_path, crew=running.Workers(executor, crew.begun))
    assert files(tmp_path) == undisturbed


def test_a_worker_that_is_killed_is_said_and_what_was_done_is_kept(tmp_path, undisturbed, monkeypatch):
    if FORK is None:
        pytest.skip("needs fork")
    monkeypatch.setattr(Kind, "measure", lambda kind: _die_in_the_middle)
    with ProcessPoolExecutor(1, mp_context=FORK) as executor, pytest.raises(RuntimeError, match="a worker ended"):
        build(tmp_path, crew=running.Workers(executor, 1))
    assert 0 < len(files(tmp_path)) < len(undisturbed)


def _die_in_the_middle(model, passages, settings, compared):
    if any(passage.text.startswith("text 40 ") for passage in passages):
        os.kill(os.getpid(), signal.SIGKILL)
    return atlas_work.measure(model, passages, settings, compared)


def test_what_needs_no_passages_is_measured_once_a_model(tmp_path, monkeypatch):
    monkeypatch.setitem(units.KINDS, "weights", Kind("atlas_work:measure", per="model"))
    assert build(tmp_path, kinds=("patterns", "weights")) == {}
    there = files(tmp_path)
    assert sum(name.startswith("weights/") for name in there) == 2
    build(tmp_path, number=8, kinds=("weights",))
    assert [name for name in files(tmp_path) if name.startswith("weights/")] == [
        name for name in there if name.startswith("weights/")
    ]


def test_a_model_that_fails_does_not_take_the_others_with_it(tmp_path, undisturbed, monkeypatch):
    def plan_of(spec, blocks, settings, n_threads=None):
        if spec.how == "broken":
            raise ValueError("no such model")
        return atlas_work.plan_of(spec, blocks, settings)

    monkeypatch.setattr(building, "plan_of", plan_of)
    failed = build(tmp_path, models=("a", "broken", "b"))
    assert {name: str(error) for name, error in failed.items()} == {"broken": "no such model"}
    assert files(tmp_path) == undisturbed


def test_numbers_of_other_settings_or_versions_do_not_go_into_one_folder(tmp_path):
    build(tmp_path)
    with pytest.raises(ValueError, match=r"built with tokens=128 \(now 64\)"):
        building.make_folder(tmp_path, Settings(tokens=64, compare=50))
    about = json.loads((tmp_path / "atlas.json").read_text())
    (tmp_path / "atlas.json").write_text(json.dumps({**about, "version": 0}))
    with pytest.raises(ValueError, match="version 0; this package reads version"):
        building.make_folder(tmp_path, Settings(compare=50))


def test_a_name_says_all_that_decides_the_numbers():
    def path(**changed):
        plan = units.Plan("a", changed.get("weights", "w"), 1, 1, (changed.get("ids", "t"),))
        passages = (building.Passage("text", changed.get("kind", "")),)
        settings = Settings(tokens=changed.get("tokens", 128), keep_examples=changed.get("keep", 64))
        compared = frozenset(changed.get("compared", ()))
        return units.Unit("patterns", Spec("a"), plan, 0, passages, compared, settings, Path()).path

    changes = [{}, {"weights": "v"}, {"ids": "u"}, {"kind": "code"}, {"tokens": 64}, {"keep": 8}, {"compared": "x"}]
    assert len({path(**change) for change in changes}) == len(changes)
    assert name_of("a", ["b"]) == name_of("a", ("b",))


def test_what_is_no_model_corpus_or_executor_is_refused(tmp_path):
    with pytest.raises(TypeError, match="models is a int; expected a name"):
        build_atlas(3, ["a text"], tmp_path)
    with pytest.raises(ValueError, match='dict without "model"'):
        build_atlas([{"checkpoint": 3}, "a"], ["a text"], tmp_path)
    with pytest.raises(ValueError, match="corpus has no text"):
        build_atlas("a", [], tmp_path)
    with pytest.raises(ValueError, match="tokens is 3; expected a whole number of at least 8"):
        build_atlas("a", ["a text"], tmp_path, tokens=3)
    with pytest.raises(TypeError, match="executor is a str; expected None"):
        build_atlas("a", ["a text"], tmp_path, executor="dask")
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="a file; expected a folder"):
        build_atlas("a", ["a text"], tmp_path / "file")


def test_a_model_object_does_not_travel(toy, tmp_path):
    with ThreadPoolExecutor(1) as executor, pytest.raises(TypeError, match="is in this process only"):
        build_atlas(toy, ["The cat sat on the mat."], tmp_path, executor=executor)


def test_the_same_weights_have_the_same_fingerprint_and_others_another(toy):
    import attn_widgets as aw

    assert fingerprint(toy) == fingerprint(Spec({"model": "toy-induction", "device": "cpu"}).open())
    assert fingerprint(toy) != fingerprint(aw.load_model("toy-induction", device="cpu", checkpoint=3))


def test_a_name_of_a_model_becomes_one_folder():
    assert shards.as_file_name("toy-induction@3") == "toy-induction@3"
    assert shards.as_file_name("org/name") == "org%2Fname"
    assert len({shards.as_file_name(name) for name in ("a/b", "a:b", "a b", "..", ".")}) == 5
    assert not any(shards.as_file_name(name).startswith(".") for name in ("..", ".", ".a"))


def test_the_same_table_gives_the_same_bytes(tmp_path):
    table = pa.table({"passage": ["x", "x", "y"], "entropy": pa.array([0.5, None, 1.0], pa.float32())})
    first, second = (
        shards.write_shard(tmp_path / name, table, {"model": "a", "n": 1}).read_bytes() for name in ("1", "2")
    )
    assert first == second
