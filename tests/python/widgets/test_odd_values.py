"""Whatever a browser sends for a trait: the widget answers, keeps its last good state, and takes a good prompt."""

from __future__ import annotations

import itertools
import json

import anywidget
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import attn_widgets as aw
from attn_widgets.widgets.widget import Widget

PROMPTS = ["The cat sat on the mat. The cat sat on the", "The dog sat on the mat. The dog sat on the"]
WIDGETS = ["heatmap", "grid", "frozen heatmap", "panel", "scatter", "card"]

# what JSON can say, and what Python's reader takes besides
words = ["", " ", "nope", "L9H9", "L0H0", "zzyzx zzyzx", "\x00", "🎉", "auto", "a " * 300, "NaN", "none"]
halves = ["\ud800", "a\udfffb"]
numbers = [float("nan"), float("inf"), -float("inf"), -1, 0, 1.5, 7, 99, 2**31, 2**63, -(2**70), 1e308]
odd_text, odd_numbers = st.sampled_from(words + halves), st.sampled_from(numbers)
odd_leaves = st.one_of(st.none(), st.booleans(), odd_numbers, odd_text)
odd_values = st.recursive(
    odd_leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["index", "position", "text", "data", "shape", "\ud800"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def shown(toy):
    """Name -> a widget, and the run whose prompt it shows."""
    runs = [aw.AttentionRun(toy, PROMPTS[0]) for _ in WIDGETS]
    frozen = [aw.FrozenRun(run) for run in runs[2:4]]
    maps = [aw.HeadMap(run, method="pca", n_clusters=2) for run in runs[4:]]
    made = [
        aw.AttentionHeatmap(runs[0]),
        aw.HeadGrid(runs[1]),
        aw.AttentionHeatmap(frozen[0]),
        aw.FreezePanel(frozen[1]),
        aw.HeadScatter(maps[0]),
        aw.HeadCard(maps[1]),
    ]
    return dict(zip(WIDGETS, zip(made, runs, strict=True), strict=True))


def traits_of(widget):
    jupyter = anywidget.AnyWidget.class_trait_names(sync=True)
    return sorted(name for name in widget.traits(sync=True) if name not in jupyter)


@pytest.fixture(scope="module")
def sent():
    """What goes to the browser, packed as a message would be."""
    patch, count = pytest.MonkeyPatch(), itertools.count(1)

    def send(self, msg, buffers=None):
        # raises where no message could be sent
        assert json.dumps(msg, ensure_ascii=False).encode("utf-8")
        messages[0] = next(count)

    messages = [0]

    patch.setattr(Widget, "_send", send)
    yield messages
    patch.undo()


@pytest.mark.parametrize("name", WIDGETS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_odd_values_are_answered_and_a_good_prompt_works_after_them(shown, sent, name, data):
    widget, run = shown[name]
    for _ in range(data.draw(st.integers(1, 3))):
        chosen = data.draw(st.lists(st.sampled_from(traits_of(widget)), min_size=1, max_size=3, unique=True))
        before = sent[0]
        message = {trait: data.draw(odd_values) for trait in chosen}
        widget.set_state(message)
        assert not widget.busy
        if widget.error:
            assert sent[0] > before, "the browser is told, and gets back what holds"
    edited = run if name in ("scatter", "card") else widget.run
    good = PROMPTS[edited.text == PROMPTS[0]]
    if name not in ("scatter", "card"):
        widget.set_state({"prompt": good})
        assert widget.prompt == widget.run.text == good
        assert widget.trace_info["tokens"] == list(widget.trace.tokens)
    else:
        run.prompt = good
        assert widget.head_map.traces[0] is run.trace
    assert widget.error == ""
    assert not widget.busy
    json.dumps(widget.page_state(), default=lambda value: "" if isinstance(value, bytes) else 1 / 0, ensure_ascii=False)


@pytest.mark.parametrize("name", WIDGETS)
def test_what_python_alone_decides_cannot_be_set_by_a_browser(shown, name):
    widget, _ = shown[name]
    for trait in traits_of(widget):
        if not widget.traits()[trait].read_only and trait[0] != "_":
            continue
        before = getattr(widget, trait)
        widget.set_state({trait: "odd"})
        assert trait == "error" or getattr(widget, trait) is before
        assert f"{trait} cannot be set" in widget.error


def test_tokens_of_ones_own_may_hold_half_a_character(sent):
    trace = aw.Trace.from_arrays([[1.0, 0.0], [0.5, 0.5]], ["\ud83c", "\udf89"])
    assert aw.AttentionHeatmap(trace).trace_info["tokens"] == ["\\ud83c", "\\udf89"]
