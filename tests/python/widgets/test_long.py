"""Heatmaps of prompts too long to be sent whole: the overview, and what the browser asks for besides."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref

import numpy as np
import pytest
from kernel import in_kernel
from long_prompts import N, long_trace, pooled, values

import attn_widgets as aw
from attn_widgets.tiles import matrix_of, overview
from attn_widgets.tiles.store import STORE, Store
from attn_widgets.widgets import pictures


@pytest.fixture(scope="module")
def trace():
    return long_trace(value_norms=np.random.default_rng(7).uniform(1, 2, (1, 3, N)))


@pytest.fixture(autouse=True)
def nothing_made_before(monkeypatch):
    monkeypatch.setattr(pictures, "STORE", Store(128_000_000))


def spoken(widget, monkeypatch):
    """What the widget answers from now on."""
    answers = []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: answers.append((content, buffers)))
    return answers


def ask(widget, ask, request=1, **more):
    of = {name: widget.pattern[name] for name in ("trace_id", "kind", "layer", "head", "shown_as")}
    widget._handle_custom_msg({"ask": ask, "request": request, "of": of} | more, [])


def test_a_long_pattern_is_sent_pooled_and_a_short_one_whole(trace):
    heatmap = aw.AttentionHeatmap(trace, head=2)
    wire = heatmap.pattern
    assert (wire["block"], wire["shape"], wire["cells"], wire["layout"]) == (2, [650, 650], [N, N], "causal")
    rows, keys = np.tril_indices(650)
    got = wire["scale"] * np.frombuffer(wire["data"], "<u2")
    np.testing.assert_allclose(got, pooled(trace.head("L0H2"), 2)[rows, keys], atol=1e-5)
    short = aw.AttentionHeatmap(long_trace(20)).pattern
    assert (short["block"], short["shape"], short["cells"], short["shown_as"]) == (1, [20, 20], [20, 20], "linear")


def test_scores_and_words_of_long_prompts_are_pooled_too(trace):
    heatmap = aw.AttentionHeatmap(trace, kind="score")
    assert heatmap.pattern["masked"]
    assert heatmap.pattern["block"] == 2
    heatmap.unit = "word"
    assert (heatmap.pattern["block"], heatmap.pattern["cells"]) == (2, [N, N])


def test_another_scale_is_another_overview_only_where_values_become_others(trace):
    heatmap = aw.AttentionHeatmap(trace)
    before = heatmap.pattern
    heatmap.scale = "log"
    assert heatmap.pattern is before
    heatmap.scale = "row_max"
    assert heatmap.pattern["shown_as"] == "row_max"
    assert np.frombuffer(heatmap.pattern["data"], "<u2").max() == 65535
    assert heatmap.pattern["scale"] * 65535 == pytest.approx(1)
    heatmap.scale = "exclude_first"
    assert heatmap.pattern["undefined"] == [[0, 1]]
    # scores have no share of a row that could be renormalised
    heatmap.kind = "score"
    assert heatmap.pattern["shown_as"] == "linear"
    short = aw.AttentionHeatmap(long_trace(20))
    before = short.pattern
    short.scale = "row_max"
    assert short.pattern is before


def test_what_the_browser_drew_from_memory_is_not_sent_again_under_its_full_name(trace):
    heatmap = aw.AttentionHeatmap(trace)
    before = heatmap.pattern
    heatmap.set_state({"scale": "row_max", "shown": f"{heatmap.trace_id}/pattern/0/0/row_max"})
    assert heatmap.pattern is before
    heatmap.set_state({"shown": ""})
    assert heatmap.pattern["shown_as"] == "row_max"


@pytest.mark.parametrize("scale", ["linear", "row_max"])
def test_tiles_are_answered_with_exact_cells(trace, monkeypatch, scale):
    heatmap = aw.AttentionHeatmap(trace, head=1, scale=scale)
    answers = spoken(heatmap, monkeypatch)
    ask(heatmap, "tiles", 5, tiles=[[1, 2, 1], [1, 5, 5], [1, 0, 3]])
    exact = trace.head("L0H1")
    exact = exact / exact.max(axis=1, keepdims=True) if scale == "row_max" else exact
    about = [{**content} for content, _ in answers]
    assert [(one["answer"], one["request"], one["tile"]) for one in about] == [
        ("tile", 5, [1, 2, 1]),
        ("tile", 5, [1, 5, 5]),
        ("tile", 5, [1, 0, 3]),
    ]
    assert [one["shape"] for one in about] == [[256, 256], [20, 20], [256, 256]]
    np.testing.assert_allclose(values(about[0], answers[0][1][0]), exact[512:768, 256:512], atol=2e-5)
    np.testing.assert_allclose(values(about[1], answers[1][1][0]), exact[1280:, 1280:], atol=2e-5)
    assert not values(about[2], answers[2][1][0]).any()
    assert about[0]["of"] == {"trace_id": heatmap.trace_id, "kind": "pattern", "layer": 0, "head": 1, "shown_as": scale}


def test_lines_are_answered_with_exact_values_and_what_they_are_multiplied_by(trace, monkeypatch):
    heatmap = aw.AttentionHeatmap(trace, scale="exclude_first")
    answers = spoken(heatmap, monkeypatch)
    ask(heatmap, "line", 1, axis="query", index=700)
    ask(heatmap, "line", 2, axis="key", index=3)
    exact = trace.head("L0H0")
    (row, (codes, factors)), (column, (column_codes, column_factors)) = answers
    assert (row["answer"], row["request"], row["axis"], row["index"]) == ("line", 1, "query", 700)
    np.testing.assert_allclose(values(row, codes), exact[700], atol=row["scale"])
    np.testing.assert_allclose(np.frombuffer(factors, "<f4"), [1 / exact[700, 1:].sum()], rtol=1e-4)
    np.testing.assert_allclose(values(column, column_codes), exact[:, 3], atol=column["scale"])
    assert np.isnan(np.frombuffer(column_factors, "<f4")[0])
    heatmap.scale = "linear"
    ask(heatmap, "line", 3, axis="query", index=1)
    assert len(answers[-1][1]) == 1


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"ask": "tiles", "tiles": [[1, 9, 0]]}, "begins at query 2304"),
        ({"ask": "tiles", "tiles": "all"}, "expected a list"),
        ({"ask": "line", "axis": "query", "index": 1300}, "query 0 to 1299"),
        ({"ask": "line", "axis": "row", "index": 1}, 'expected "query" or "key"'),
        ({"ask": "line", "axis": "key", "index": 1, "of": {"trace_id": "old", "kind": "pattern"}}, "expected trace_id"),
        ({"ask": "tiles", "tiles": [[1, 0, 0]], "of": {"layer": 9}}, "no pattern of L9H0"),
        ({"ask": "tiles", "tiles": [[1, 0, 0]], "of": {"trace_id": "old"}}, "no longer on show"),
        (
            {"ask": "tiles", "tiles": [[1, 0, 0]], "of": {"kind": "score", "shown_as": "row_max"}},
            "not shown as row_max",
        ),
    ],
)
def test_every_request_is_answered_if_need_be_with_what_is_wrong(trace, monkeypatch, message, says):
    heatmap = aw.AttentionHeatmap(trace)
    answers = spoken(heatmap, monkeypatch)
    whole = {name: heatmap.pattern[name] for name in ("trace_id", "kind", "layer", "head", "shown_as")}
    of = message.get("of", {})
    message = message | {"of": of if "axis" in message and of else whole | of}
    heatmap._handle_custom_msg({"request": 4} | message, [])
    assert len(answers) == 1
    assert (answers[0][0]["answer"], answers[0][0]["request"]) == ("error", 4)
    assert says in answers[0][0]["error"]


def test_messages_of_others_are_left_alone(trace, monkeypatch):
    heatmap = aw.AttentionHeatmap(trace)
    answers, heard = spoken(heatmap, monkeypatch), []
    heatmap.on_msg(lambda widget, content, buffers: heard.append(content))
    heatmap._handle_custom_msg({"kind": "mine"}, [])
    assert (answers, heard) == ([], [{"kind": "mine"}])


def test_the_freeze_panel_pools_and_answers_too(toy, monkeypatch):
    monkeypatch.setattr("attn_widgets.tiles.overviews.MOST_CELLS", 50)
    monkeypatch.setattr("attn_widgets.tiles.overviews._SIDE", 8)
    run = aw.AttentionRun(toy, "The cat sat on the mat. The cat sat on the")
    panel = aw.FreezePanel(aw.FrozenRun(run), layer=1)
    panel.prompt = "The dog sat on the mat. The dog sat on the"
    panel.kind = "difference"
    assert (panel.pattern["block"], panel.pattern["shape"]) == (2, [7, 7])
    answers = spoken(panel, monkeypatch)
    ask(panel, "tiles", tiles=[[1, 0, 0]])
    frozen = panel.frozen_run
    difference = frozen.live.head("L1H0") - frozen.held.head("L1H0")
    np.testing.assert_allclose(values(answers[0][0], answers[0][1][0]), difference, atol=1e-4)


async def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.002)


@pytest.fixture
def slowly(monkeypatch):
    """Overviews are made in the background, however small."""
    monkeypatch.setattr(pictures, "_AT_ONCE", 0)


@pytest.mark.usefixtures("slowly")
def test_in_a_kernel_the_overview_comes_later_with_progress(trace):
    async def test():
        heatmap, shares = aw.AttentionHeatmap(trace), []
        heatmap.observe(lambda change: shares.append(change["new"]), "progress")
        assert (heatmap.pattern, heatmap.busy) == ({}, True)
        await until(lambda: heatmap.pattern)
        assert not heatmap.busy
        assert shares == sorted(shares)
        assert 0 < shares[0] < 1
        heatmap.head = 1
        assert (heatmap.busy, heatmap.pattern["head"]) == (True, 0)
        # the newest wins, and only that is sent
        sent = []
        heatmap.observe(lambda change: sent.append(change["new"]["head"]), "pattern")
        heatmap.head = 2
        await until(lambda: not heatmap.busy)
        assert sent == [2]
        # seen before: there at once
        heatmap.head = 0
        assert (heatmap.busy, heatmap.pattern["head"]) == (False, 0)

    in_kernel(test)


@pytest.mark.usefixtures("slowly")
def test_the_kernel_goes_on_while_an_overview_is_made_and_a_closed_widget_ends_it(monkeypatch):
    # no motifs: they would be measured for seconds
    monkeypatch.setattr("attn_widgets.compute.scored._MOST_CELLS", 0)

    async def test():
        trace = long_trace(6000, heads=1)
        heatmap, turns = aw.AttentionHeatmap(trace), 0
        while heatmap.busy:
            await asyncio.sleep(0.001)
            turns += 1
        assert turns > 10
        heatmap.scale = "row_max"
        assert heatmap.busy
        heatmap.close()
        name = (heatmap._on_show(), "overview")
        await asyncio.sleep(0.2)
        assert name not in pictures.STORE
        gone = weakref.ref(heatmap)
        del heatmap
        gc.collect()
        assert gone() is None

    in_kernel(test)


def test_in_a_kernel_tiles_of_a_newer_request_come_first_and_needless_ones_are_dropped(trace, monkeypatch):
    async def test():
        heatmap = aw.AttentionHeatmap(trace)
        answers = spoken(heatmap, monkeypatch)
        ask(heatmap, "tiles", 1, tiles=[[1, row, 0] for row in range(6)])
        ask(heatmap, "tiles", 2, tiles=[[1, 5, 0], [1, 5, 5]])
        ask(heatmap, "line", 3, axis="query", index=9)
        await until(lambda: {content["request"] for content, _ in answers if content["answer"] != "dropped"} >= {2, 3})
        await asyncio.sleep(0.05)
        made = [(content["request"], content["tile"]) for content, _ in answers if content["answer"] == "tile"]
        dropped = [content for content, _ in answers if content["answer"] == "dropped"]
        assert [request for request, tile in made if tile in ([1, 5, 0], [1, 5, 5])] == [2, 2]
        assert {content["request"] for content in dropped} == {1}
        of_first = [tile for request, tile in made if request == 1]
        assert sorted([*of_first, *dropped[0]["tiles"]]) == [[1, row, 0] for row in range(5)]
        ask(heatmap, "tiles", 4, tiles=[[1, 9, 9]])
        await until(lambda: answers[-1][0]["request"] == 4)
        assert answers[-1][0]["answer"] == "error"

    in_kernel(test)


def test_what_was_made_is_kept_within_a_budget_and_what_was_used_last_stays():
    one, store = overview(matrix_of(long_trace(40), (0, 0)), block=2), Store(0)
    store.most_bytes = one.nbytes * 2
    store.put("a", one)
    store.put("b", one)
    store.get("a")
    store.put("c", one)
    assert ["a" in store, "b" in store, "c" in store] == [True, False, True]
    assert store.nbytes == 2 * one.nbytes
    store.most_bytes = 1
    store.put("d", one)
    assert "d" not in store
    assert STORE.most_bytes == 128_000_000


def test_words_are_made_of_the_head_on_show_alone(monkeypatch):
    monkeypatch.setattr("attn_widgets.compute.scored._MOST_CELLS", 0)
    trace = long_trace(seed=9)
    heatmap = aw.AttentionHeatmap(trace, head=1)
    asked, block = set(), trace.attention.block

    def counted(layer, head, *cells):
        asked.add((layer, head))
        return block(layer, head, *cells)

    monkeypatch.setattr(trace.attention, "block", counted)
    monkeypatch.setattr(trace.attention, "of", lambda layer, heads: pytest.fail("whole patterns are made"))
    heatmap.unit = "word"
    assert heatmap.pattern["cells"] == [N, N]
    assert asked == {(0, 1)}
