"""Widgets, the Python side: what is selected, what is sent and what is not, and what happens on errors."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import traitlets

import attn_widgets as aw
from attn_widgets.widgets.widget import Widget

PROMPT = "The cat sat on the mat. The cat sat on the"


@pytest.fixture
def run(toy):
    return aw.AttentionRun(toy, PROMPT)


def sent(monkeypatch):
    """Record what widgets put on the wire from now on, as a front end would receive it."""
    messages = []
    monkeypatch.setattr(Widget, "_send", lambda self, msg, buffers=None: messages.append((self, msg, buffers)))
    return messages


def bytes_sent(messages):
    return sum(len(buffer) for _, _, buffers in messages for buffer in buffers or [])


def test_the_pattern_on_the_wire_is_that_of_the_selected_head(run):
    heatmap = aw.AttentionHeatmap(run, layer=1, head=2)
    assert (heatmap.pattern["layer"], heatmap.pattern["head"]) == (1, 2)
    heatmap.head = 3
    codes = np.frombuffer(heatmap.pattern["data"], "<u2")
    rows, keys = np.tril_indices(run.trace.n_keys)
    np.testing.assert_allclose(codes * heatmap.pattern["scale"], run.trace.patterns[1, 3][rows, keys], atol=1e-5)


def test_both_widgets_follow_the_run(run):
    heatmap, grid = aw.AttentionHeatmap(run), aw.HeadGrid(run)
    run.prompt = "The dog sat."
    for widget in (heatmap, grid):
        assert widget.prompt == "The dog sat."
        assert widget.trace_info["tokens"] == list(run.trace.tokens)
    assert heatmap.pattern["trace_id"] == grid.atlas["trace_id"] == heatmap.trace_info["id"]
    assert heatmap.pattern["shape"] == [5, 5]


def test_editing_in_a_widget_runs_the_model_and_errors_show_in_it(run):
    heatmap = aw.AttentionHeatmap(run)
    heatmap.prompt = "The dog sat."
    assert "dog" in run.trace.tokens
    with pytest.raises(ValueError, match="zzyzx"):
        heatmap.prompt = "The zzyzx sat."
    assert "zzyzx" in heatmap.error
    assert heatmap.prompt == "The dog sat."
    assert not heatmap.busy
    assert "dog" in heatmap.trace_info["tokens"]
    heatmap.prompt = "The cat sat."
    assert heatmap.error == ""
    assert "cat" in heatmap.trace_info["tokens"]


def test_selection_that_does_not_exist_is_refused_and_nothing_changes(run):
    heatmap = aw.AttentionHeatmap(run, query=3)
    for name, value, says in (
        ("layer", 2, "layer is 2; this trace has layers 0 to 1"),
        ("head", -1, "head is -1; this trace has heads 0 to 3"),
        ("query", 99, "query is 99; expected a position from 0 to"),
    ):
        before = getattr(heatmap, name)
        with pytest.raises(traitlets.TraitError, match=says):
            setattr(heatmap, name, value)
        assert getattr(heatmap, name) == before
    heatmap.query = 0
    assert heatmap.query == 0


def test_a_shorter_prompt_unlocks_positions_it_does_not_have(run):
    heatmap = aw.AttentionHeatmap(run, query=10, key=1)
    run.prompt = "The dog sat."
    assert heatmap.query is None
    assert heatmap.key == 1


def test_traitlets_link_ties_two_widgets(run):
    heatmap, grid = aw.AttentionHeatmap(run), aw.HeadGrid(run)
    for name in ("layer", "head", "query", "key"):
        traitlets.link((heatmap, name), (grid, name))
    grid.layer, grid.head, heatmap.query = 1, 2, 4
    assert (heatmap.layer, heatmap.head, grid.query) == (1, 2, 4)
    assert heatmap.pattern["head"] == 2


def test_patterns_of_heads_that_may_be_shown_next_are_sent_when_asked_for(run, monkeypatch):
    heatmap = aw.AttentionHeatmap(run)
    answers = []
    monkeypatch.setattr(heatmap, "send", lambda content, buffers: answers.append((content, buffers)))

    def ask(*of):
        heatmap._handle_custom_msg({"ask": "heads", "request": 7, "of": list(of)}, [])

    about = {"trace_id": heatmap.trace_id, "kind": "pattern", "shown_as": "linear"}
    # a head that there is not, and one of a trace that is gone, are left out
    ask({**about, "layer": 0, "head": 1}, {**about, "layer": 9, "head": 0}, {**about, "layer": 1, "head": 0}, about)
    assert "expected trace_id" in answers.pop()[0]["error"]
    ask({**about, "layer": 0, "head": 1}, {**about, "layer": 9, "head": 0}, {**about, "layer": 1, "head": 0})
    gone = {**about, "trace_id": "gone", "layer": 0, "head": 0}
    ask(gone)
    ask(*[gone] * 9)
    (some, buffers), (none, _), (refused, _) = answers
    shown = heatmap.pattern
    for layer, head in ((0, 1), (1, 0)):
        heatmap.layer, heatmap.head = layer, head
        wire = some["patterns"].pop(0)
        assert wire | {"data": buffers.pop(0)} == heatmap.pattern != shown
    assert (some["request"], some["patterns"], none["patterns"]) == (7, [], [])
    assert "at most 8 heads" in refused["error"]


def test_a_pattern_that_the_browser_holds_is_not_sent_again(run, monkeypatch):
    heatmap = aw.AttentionHeatmap(run)
    messages = sent(monkeypatch)
    one = len(heatmap.pattern["data"])
    heatmap.set_state({"layer": 1, "head": 2, "shown": ""})
    assert bytes_sent(messages) == one
    heatmap.set_state({"layer": 0, "head": 0, "shown": f"{heatmap.trace_id}/pattern/0/0"})
    assert bytes_sent(messages) == one
    heatmap.set_state({"shown": ""})  # a browser that lost its memory asks
    assert bytes_sent(messages) == 2 * one
    assert heatmap.pattern["layer"] == 0


def test_equal_arrays_send_nothing(run, monkeypatch):
    heatmap, grid = aw.AttentionHeatmap(run), aw.HeadGrid(run)
    messages = sent(monkeypatch)
    heatmap.layer = heatmap.layer
    run.prompt = str(PROMPT)
    grid.scale = "log"
    assert bytes_sent(messages) == 0
    grid.scale = "exclude_first"
    assert bytes_sent(messages) == len(grid.atlas["data"])


def test_scores_and_values_are_fetched_when_asked_for(run):
    heatmap = aw.AttentionHeatmap(run, layer=1)
    heatmap.kind = "score"
    assert run.trace.scores is not None
    assert heatmap.pattern["kind"] == "score"
    assert heatmap.pattern["masked"]
    heatmap.kind = "value_weighted"
    assert heatmap.pattern["kind"] == "value_weighted"
    assert aw.AttentionHeatmap(aw.AttentionRun(run.model, PROMPT), kind="score").pattern["kind"] == "score"


def test_a_fixed_trace_shows_only_what_it_kept(toy_trace):
    heatmap = aw.AttentionHeatmap(toy_trace)
    assert heatmap.trace_info["kinds"] == ["pattern"]
    assert not heatmap.editable
    with pytest.raises(traitlets.TraitError, match="this trace did not keep; capture it with scores=True"):
        heatmap.kind = "score"
    assert heatmap.kind == "pattern"


def test_a_rectangular_trace_has_both_token_lists():
    pattern = np.full((1, 1, 2, 3), 1 / 3)
    heatmap = aw.AttentionHeatmap(aw.Trace.from_arrays(pattern, ["a", "b", "c"], query_tokens=["x", "y"]))
    assert heatmap.trace_info["query_tokens"] == ["x", "y"]
    assert (heatmap.pattern["shape"], heatmap.pattern["layout"]) == ([2, 3], "full")


def test_a_closed_widget_lets_go_of_its_run(run):
    heatmap = aw.AttentionHeatmap(run)
    heatmap.close()
    before = dict(heatmap.trace_info)
    run.prompt = "The dog sat."
    assert heatmap.trace_info == before
    gone = weakref.ref(heatmap)
    del heatmap
    gc.collect()
    assert gone() is None


def test_what_is_no_source_is_refused():
    with pytest.raises(TypeError, match=r"source is a str; expected an AttentionRun, a FrozenRun or a Trace"):
        aw.AttentionHeatmap("toy-induction")


def test_cell_size_is_checked(run):
    grid = aw.HeadGrid(run, cell_size=40)
    with pytest.raises(traitlets.TraitError, match="cell_size is 3; expected 8 to 400"):
        grid.cell_size = 3
    assert grid.cell_size == 40


def test_motifs_are_checked_by_name(run):
    heatmap, grid = aw.AttentionHeatmap(run, overlays=["auto"]), aw.HeadGrid(run, motif="dominant")
    heatmap.overlays = ["induction", "stripe"]
    grid.sort_by, grid.min_score = "induction", 0.5
    for widget, name, value, says in (
        (heatmap, "overlays", ["inducton"], "overlays: motif is 'inducton'; did you mean 'induction'"),
        (grid, "motif", "auto", "motif: motif is 'auto'; expected one of dominant, first_token"),
        (grid, "sort_by", "dominant", "sort_by: motif is 'dominant'; expected one of"),
    ):
        before = getattr(widget, name)
        with pytest.raises(traitlets.TraitError, match=says):
            setattr(widget, name, value)
        assert getattr(widget, name) == before
    with pytest.raises(traitlets.TraitError, match="min_score"):
        grid.min_score = 2


def test_the_scores_on_the_wire_are_those_of_motif_scores(run):
    grid = aw.HeadGrid(run)
    wire = grid.motifs
    for part, scores in (
        (wire, aw.motif_scores(run.trace)),
        (wire["exclude_first"], aw.motif_scores(run.trace, exclude_first=True)),
    ):
        values = part["values"]
        assert (values["dtype"], values["shape"]) == ("float32", [3, len(wire["names"]), 2, 4])
        data = np.frombuffer(values["data"], "<f4").reshape(values["shape"])
        for index, name in enumerate(wire["names"]):
            np.testing.assert_allclose(data[0, index], scores[name], rtol=1e-6)
            np.testing.assert_allclose(data[1, index], scores.lift[name], rtol=1e-6)
            np.testing.assert_allclose(data[2, index], scores.bits[name], rtol=1e-6)
        assert part["dominant"] == scores.dominant().tolist()
    assert wire["trace_id"] == grid.trace_id
    run.prompt = "The dog sat."
    assert grid.motifs["trace_id"] == grid.trace_id != wire["trace_id"]
