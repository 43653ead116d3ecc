"""Thumbnails of long prompts: made beside the event loop, the layers next to the selected one first."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from kernel import in_kernel
from synthetic import random_patterns

import attn_widgets as aw
from attn_widgets.patterns import first_excluded, max_pool
from attn_widgets.tiles import matrix_of, thumb
from attn_widgets.tiles.store import Store
from attn_widgets.widgets import grid as grid_module

N = 60


def trace_of(layers=5, heads=3, n=N, seed=0):
    rng = np.random.default_rng(seed)
    queries = rng.normal(size=(layers, heads, n, 8)).astype(np.float32) * 2
    keys = rng.normal(size=(layers, 1, n, 8)).astype(np.float32)
    return aw.Trace.from_queries_keys(queries, keys, [f" word{i % 9}" for i in range(n)])


@pytest.fixture
def long(monkeypatch):
    """No prompt is short, and thumbnails are sent as soon as they are made."""
    monkeypatch.setattr(grid_module, "_AT_ONCE", 0)
    monkeypatch.setattr(grid_module, "_OFTEN", 0)
    monkeypatch.setattr(grid_module, "STORE", Store(10_000_000))
    monkeypatch.setattr("attn_widgets.widgets.wire.pattern._ATLAS_SIDE", 20)


def done(grid):
    wire = grid.atlas.get("done")
    return None if wire is None else np.frombuffer(wire["data"], np.uint8).reshape(wire["shape"])


async def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("shown_as", ["linear", "exclude_first"])
@pytest.mark.parametrize("side", [1, 7, 20, 60, 90])
def test_a_thumbnail_of_strips_is_that_of_the_whole_pattern(side, shown_as, monkeypatch):
    monkeypatch.setattr("attn_widgets.tiles.thumbs._STRIP_CELLS", 400)
    window = aw.Trace.from_queries_keys(*np.random.default_rng(1).normal(size=(2, 1, 1, N, 4)), ["w"] * N, window=[7])
    for trace in (trace_of(), window, aw.Trace.from_arrays(random_patterns(1, 1, N, causal=False), ["w"] * N)):
        exact = trace.head("L0H0")
        exact = np.nan_to_num(first_excluded(exact)) if shown_as == "exclude_first" else exact
        np.testing.assert_allclose(thumb(matrix_of(trace, (0, 0)), side, shown_as), max_pool(exact, side), atol=1e-5)


@pytest.mark.usefixtures("long")
def test_without_an_event_loop_all_are_there_at_once():
    trace = trace_of()
    grid = aw.HeadGrid(trace)
    assert done(grid) is None
    rows, keys = np.tril_indices(20)
    wanted = np.rint(max_pool(trace.patterns, 20)[..., rows, keys] * 255)
    got = np.frombuffer(grid.atlas["data"], np.uint8).reshape(5, 3, -1)
    assert np.abs(got - wanted).max() <= 1


@pytest.mark.usefixtures("long")
def test_in_a_kernel_they_stream_in_from_the_selected_layer_on_with_progress():
    async def test():
        trace = trace_of()
        grid, seen, shares = aw.HeadGrid(trace, layer=3), [], []
        assert grid.busy
        assert not done(grid).any()
        grid.observe(lambda change: seen.append(done(grid)), "atlas")
        grid.observe(lambda change: shares.append(change["new"]), "progress")
        await until(lambda: not grid.busy)
        distances = [np.abs(np.argwhere(now)[:, 0] - 3).max() for now in seen if now is not None]
        assert distances == sorted(distances)
        assert distances[0] == 0
        assert shares == sorted(shares)
        assert done(grid) is None
        complete = grid.atlas["data"]
        assert complete == aw.HeadGrid(trace).atlas["data"], "kept for others that show them"

    in_kernel(test)


@pytest.mark.usefixtures("long")
def test_a_selection_does_not_wait_and_what_is_next_to_it_comes_next():
    async def test():
        grid = aw.HeadGrid(trace_of(layers=40, heads=2, n=400))
        await until(lambda: done(grid).any())
        grid.layer = 39
        await until(lambda: done(grid) is None or done(grid)[39].all())
        assert done(grid) is not None
        assert not done(grid)[15:30].any()
        grid.close()

    in_kernel(test)


@pytest.mark.usefixtures("long")
def test_another_scale_ends_the_older_stream_and_closing_ends_all():
    async def test():
        trace = trace_of(layers=30, heads=2, n=300)
        grid = aw.HeadGrid(trace)
        grid.scale = "exclude_first"
        assert grid.atlas["scale"] == "exclude_first"
        scales = []
        grid.observe(lambda change: scales.append(change["new"]["scale"]), "atlas")
        await until(lambda: not grid.busy)
        assert set(scales) == {"exclude_first"}
        other = aw.HeadGrid(trace_of(layers=30, heads=2, n=300, seed=1))
        other.close()
        before = other.atlas
        await asyncio.sleep(0.1)
        assert other.atlas is before

    in_kernel(test)


@pytest.mark.usefixtures("long")
def test_a_page_has_all_thumbnails():
    async def test():
        grid = aw.HeadGrid(trace_of())
        page = grid.page_state()
        assert "done" not in page["atlas"]
        assert any(page["atlas"]["data"])

    in_kernel(test)
