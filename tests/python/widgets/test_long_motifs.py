"""Motifs of long prompts: measured of what is on show, when it is on show, and once for all."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from kernel import in_kernel
from synthetic import random_patterns

import attn_widgets as aw
from attn_widgets.compute import scored as scored_module
from attn_widgets.compute.scored import scored


def trace_of(layers=3, heads=2, n=40):
    return aw.Trace.from_arrays(random_patterns(layers, heads, n), [f" word{i % 9}" for i in range(n)])


@pytest.fixture
def long(monkeypatch):
    """No prompt is short."""
    monkeypatch.setattr(scored_module, "_QUICK", 0)
    monkeypatch.setattr(scored_module, "_SOON", 0)


def known(widget):
    return np.frombuffer(widget.motifs["scored"]["data"], np.uint8).reshape(widget.motifs["scored"]["shape"]).tolist()


def test_of_a_short_prompt_all_heads_are_measured():
    assert known(aw.AttentionHeatmap(trace_of())) == [[1, 1]] * 3
    assert known(aw.HeadGrid(trace_of())) == [[1, 1]] * 3


@pytest.mark.usefixtures("long")
def test_a_heatmap_measures_the_head_on_show_and_the_next_when_it_comes_on_show():
    trace = trace_of()
    heatmap = aw.AttentionHeatmap(trace, layer=1)
    assert known(heatmap) == [[0, 0], [1, 0], [0, 0]]
    heatmap.head = 1
    assert known(heatmap) == [[0, 0], [1, 1], [0, 0]]
    assert known(aw.AttentionHeatmap(trace, layer=2)) == [[0, 0], [1, 1], [1, 0]], "measured once for all widgets"
    exact = aw.motif_scores(trace)
    values = np.frombuffer(heatmap.motifs["values"]["data"], "<f4").reshape(3, -1, 3, 2)
    np.testing.assert_allclose(values[0][:, 1], exact.score.array[:, 1], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(values[2][:, 1], exact.bits.array[:, 1], rtol=1e-4, atol=1e-6)
    assert np.isnan(values[:, :, 0]).all()
    excluded = heatmap.motifs["exclude_first"]
    assert excluded["scored"]["data"] == heatmap.motifs["scored"]["data"]
    values = np.frombuffer(excluded["values"]["data"], "<f4").reshape(3, -1, 3, 2)
    np.testing.assert_allclose(
        values[0][:, 1], aw.motif_scores(trace, exclude_first=True).score.array[:, 1], rtol=1e-5, atol=1e-7
    )


@pytest.mark.usefixtures("long")
def test_a_grid_measures_all_heads_once_motifs_are_asked_for():
    grid = aw.HeadGrid(trace_of())
    assert known(grid) == [[0, 0]] * 3
    grid.motif = "dominant"
    assert known(grid) == [[1, 1]] * 3
    assert grid.motifs["dominant"] == aw.motif_scores(grid.trace).dominant().tolist()
    assert known(aw.HeadGrid(trace_of(), sort_by="induction")) == [[1, 1]] * 3


@pytest.mark.usefixtures("long")
def test_another_prompt_and_another_motif_are_measured_anew(toy):
    run = aw.AttentionRun(toy, "The cat sat on the mat.")
    heatmap = aw.AttentionHeatmap(run)
    run.prompt = "The dog sat."
    assert known(heatmap) == [[1, 0, 0, 0], [0, 0, 0, 0]]
    assert heatmap.motifs["trace_id"] == heatmap.trace_id
    aw.register_motif("late", lambda prompt: prompt.keys >= 2 + 0 * prompt.queries)
    try:
        assert "late" in heatmap.motifs["names"]
        assert known(heatmap) == [[1, 0, 0, 0], [0, 0, 0, 0]]
    finally:
        aw.MOTIFS.unregister("late")


@pytest.mark.usefixtures("long")
def test_a_page_has_the_motifs_of_the_heads_it_holds():
    page = aw.AttentionHeatmap(trace_of()).page_state()
    assert np.frombuffer(page["motifs"]["scored"]["data"], np.uint8).all()
    assert np.frombuffer(page["other_unit"]["traits"]["motifs"]["scored"]["data"], np.uint8).all()


def test_a_prompt_too_long_to_be_measured_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(scored_module, "_MOST_CELLS", 100)
    heatmap = aw.AttentionHeatmap(trace_of())
    assert known(heatmap) == [[1, 1]] * 3
    assert np.isnan(np.frombuffer(heatmap.motifs["values"]["data"], "<f4")).all()


async def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.002)


def test_in_a_kernel_the_widget_does_not_wait_and_the_rest_follows_where_it_is_soon_done(monkeypatch):
    monkeypatch.setattr(scored_module, "_QUICK", 0)

    async def test():
        heatmap = aw.AttentionHeatmap(trace_of())
        assert heatmap.pattern
        assert known(heatmap) == [[0, 0]] * 3
        seen = []
        heatmap.observe(lambda change: seen.append(known(heatmap)), "motifs")
        await until(lambda: np.all(known(heatmap)))
        assert seen[0][0][0] == 1

    in_kernel(test)


@pytest.mark.usefixtures("long")
def test_in_a_kernel_only_the_head_on_show_is_measured_and_a_closed_widget_measures_nothing():
    async def test():
        trace = trace_of()
        heatmap = aw.AttentionHeatmap(trace, layer=2)
        heatmap.layer = 1
        await until(lambda: known(heatmap)[1][0])
        await asyncio.sleep(0.05)
        assert known(heatmap)[0] == [0, 0]
        grid = aw.HeadGrid(trace, motif="dominant")
        grid.close()
        await asyncio.sleep(0.1)
        assert not scored(trace).known[0].all()

    in_kernel(test)
