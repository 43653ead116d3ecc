"""Widgets ask a source what it can do: an object of one's own is shown like a run."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

import attn_widgets as aw
from attn_widgets.compute.source import FixedTrace, as_source


class Recorded(traitlets.HasTraits):
    """Traces recorded before, looked up by their text; there is no model."""

    trace = traitlets.Instance(aw.Trace)
    busy = traitlets.Bool(False)
    progress = traitlets.Float(1.0)
    error = traitlets.Unicode("")
    editable = True
    kinds = ("pattern",)

    def __init__(self, traces):
        self.traces = traces
        self.text = next(iter(traces))
        super().__init__(trace=traces[self.text])

    def edit(self, text):
        if text not in self.traces:
            raise ValueError(f"prompt is {text!r}; expected one that was recorded")
        self.text = text
        self.trace = self.traces[text]

    def keep(self, kind):
        if kind not in self.kinds:
            raise ValueError(f"kind is {kind!r}, which was not recorded")


@pytest.fixture
def recorded(toy):
    texts = ["The cat sat on the mat.", "The dog ran to the park."]
    return Recorded(dict(zip(texts, aw.capture(toy, texts), strict=True)))


def test_an_object_of_ones_own_is_shown_edited_and_followed(recorded):
    heatmap, grid = aw.AttentionHeatmap(recorded), aw.HeadGrid(recorded)
    assert heatmap.editable
    heatmap.set_state({"prompt": "The dog ran to the park."})
    assert heatmap.trace_info["tokens"] == grid.trace_info["tokens"] == list(recorded.trace.tokens)
    heatmap.set_state({"prompt": "The zzyzx sat."})
    assert "expected one that was recorded" in heatmap.error
    assert heatmap.prompt == "The dog ran to the park."
    with pytest.raises(traitlets.TraitError, match="not recorded"):
        heatmap.kind = "score"
    aw.HeadMap([recorded], method="pca", n_clusters=2)


def test_a_fixed_trace_cannot_be_edited():
    source = as_source(aw.Trace.from_arrays(np.eye(3), ["a", "b", "c"]))
    assert isinstance(source, FixedTrace)
    assert not source.editable
    with pytest.raises(ValueError, match="fixed trace"):
        source.edit("b")


def test_what_is_no_source_is_named():
    with pytest.raises(TypeError, match="source is a dict"):
        as_source({})
    with pytest.raises(TypeError, match="expected an AttentionRun, a FrozenRun or a Trace"):
        as_source(aw.AttentionRun)
