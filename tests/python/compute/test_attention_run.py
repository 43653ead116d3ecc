"""AttentionRun: assign a prompt and the trace follows; an error is said, raised, and loses nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from many_models import tiny

import attn_widgets as aw


def test_the_trace_follows_the_prompt(toy):
    run = aw.AttentionRun(toy, "The cat sat.")
    seen = []
    run.observe(lambda change: seen.append(change["new"].tokens), "trace")
    run.prompt = "The dog sat."
    assert run.trace.tokens[1:3] == ("the", "dog")
    assert seen == [run.trace.tokens]
    np.testing.assert_array_equal(run.trace.patterns, aw.capture(toy, "The dog sat.").patterns)


def test_the_same_prompt_does_not_run_again(toy):
    run = aw.AttentionRun(toy, torch.tensor([1, 2, 3]))
    trace = run.trace
    run.prompt = np.array([1, 2, 3])
    assert run.prompt == [1, 2, 3]
    assert run.trace is trace


def test_busy_and_progress_tell_the_truth(toy):
    run = aw.AttentionRun(toy, "The cat sat.")
    events = []
    run.observe(lambda change: events.append((change["name"], change["new"])), ["busy", "progress", "trace"])
    run.prompt = "The dog sat."
    names = [name for name, _ in events]
    assert names == ["progress", "busy", "progress", "progress", "trace", "busy"]
    assert [value for name, value in events if name == "progress"] == [0.0, 0.5, 1.0]
    assert [value for name, value in events if name == "busy"] == [True, False]


def test_an_error_is_raised_kept_and_healed(toy):
    run = aw.AttentionRun(toy, "The cat sat.")
    good = run.trace
    with pytest.raises(ValueError, match="zzyzx"):
        run.prompt = "The zzyzx sat."
    assert "zzyzx" in run.error
    assert run.trace is good
    assert not run.busy
    run.prompt = "The dog sat."
    assert run.error == ""
    assert "dog" in run.trace.tokens


def test_an_observer_that_raises_does_not_leave_the_run_busy(toy):
    run = aw.AttentionRun(toy, "The cat sat.")

    def broken(change):
        raise RuntimeError("mine")

    run.observe(broken, "trace")
    with pytest.raises(RuntimeError, match="mine"):
        run.prompt = "The dog sat."
    assert not run.busy
    assert run.error == ""


def test_another_model_and_more_arrays_recapture(toy):
    run = aw.AttentionRun("toy-induction", "The cat sat.")
    assert run.trace.kinds == ("pattern",)
    run.scores = True
    assert run.trace.kinds == ("pattern", "score")
    trained = run.trace.patterns
    run.model = aw.load_model("toy-induction", checkpoint=0)
    assert not np.allclose(run.trace.patterns, trained)


def test_outputs_cannot_be_assigned(toy):
    run = aw.AttentionRun(toy, "The cat sat.")
    with pytest.raises(Exception, match="read-only"):
        run.trace = None


def test_what_the_trace_holds_is_an_input_and_makes_scores_without_another_run():
    run = aw.AttentionRun(tiny("llama"), list(range(3, 20)), holds="queries_keys")
    trace = run.trace
    assert trace.holds == "queries_keys"
    run.keep("score")
    assert run.trace is trace
    run.holds = "patterns"
    assert run.trace.holds == "patterns"
    np.testing.assert_allclose(run.trace.patterns, trace.patterns, atol=1e-5)
    with pytest.raises(Exception, match="holds"):
        run.holds = "squares"
