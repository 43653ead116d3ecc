"""MOTIFS: what comes with the package, and adding to it."""

from __future__ import annotations

import gc
import json
import re
import sys
import weakref

import numpy as np
import pytest
from matplotlib.colors import to_hex
from motif_patterns import on, trace_of, uniform

import attn_widgets as aw
from attn_widgets.compute.scored import scored
from attn_widgets.motifs import Measured, Motif, Prompt
from attn_widgets.motifs.shapes import contains
from attn_widgets.widgets.wire.motifs import motif_wire

TEN = [
    "first_token",
    "current_token",
    "previous_token",
    "recent_band",
    "vertical_bars",
    "duplicate_token",
    "induction",
    "stripe",
    "delimiter",
    "diffuse",
]


def wire_of(trace):
    scored(trace).measure()
    return motif_wire(scored(trace))


def two_back(prompt):
    return prompt.keys == prompt.queries - 2


def corner(layer):
    """The mass that the last query gives to each head's most attended key."""
    last = layer.patterns[:, -1]
    return Measured(last.max(axis=1), np.full(len(last), layer.share[-1]), last.argmax(axis=1))


def unplaced(layer):
    return Measured(corner(layer).score, corner(layer).uniform)


def last_cell(key):
    return {"type": "cells", "queries": [5], "keys": [int(key)]}


@pytest.fixture
def registered():
    """Register motifs for the length of one test."""
    names: list[str] = []

    def register(name, *args, **options):
        motif = aw.register_motif(name, *args, **options)
        names.append(name)
        return motif

    yield register
    for name in set(names) & set(aw.MOTIFS):
        aw.MOTIFS.unregister(name)


def test_the_ten_are_there_in_order_and_each_is_explained():
    assert list(aw.MOTIFS) == TEN
    for name, motif in aw.MOTIFS.items():
        assert motif.name == name
        assert motif.label
        assert motif.description.endswith(".")
        assert re.search(r"\b(19|20)\d\d\b", motif.source), "a source has a year"
        assert name in repr(aw.MOTIFS)


def _oklab(colors, vision):
    """OKLab of hex colours as seen with a colour vision (a matrix on linear RGB)."""
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colors])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(vision).T, 0, 1)
    cones = np.cbrt(seen @ np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.63]]).T)
    return cones @ np.array([[0.2105, 0.7936, -0.0041], [1.978, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]).T


@pytest.mark.parametrize(
    "vision",
    [
        np.eye(3),
        [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.052]],  # protanopia
        [[0.3673, 0.8606, -0.228], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.969]],  # deuteranopia
    ],
    ids=["usual", "protanopia", "deuteranopia"],
)
def test_no_two_colours_look_the_same(vision):
    """Machado et al. 2009; a difference of 0.02 in OKLab is just noticeable."""
    colors = [motif.color for motif in aw.MOTIFS.values()]
    lab = _oklab(colors, vision)
    apart = np.linalg.norm(lab[:, None] - lab, axis=-1) + np.eye(len(lab))
    assert apart.min() > 0.07
    blues = ["#ffffff", "#c6dbef", "#6baed6", "#2171b5", "#08306b", "#12171f", "#16517f", "#b4dafa"]
    assert np.linalg.norm(lab[:, None] - _oklab(blues, vision), axis=-1).min() > 0.07


def test_a_motif_of_ones_own_is_scored_and_drawn_like_the_others(registered):
    motif = registered("two_back", two_back, description="Two back.", source="me, 2026")
    assert aw.MOTIFS["two_back"] is motif
    assert motif.label == "two back"
    assert motif.color not in {other.color for other in aw.MOTIFS.values() if other is not motif}
    trace = trace_of(on(np.eye(6, k=-2), uniform(6)))
    scores = aw.motif_scores(trace)
    assert scores["two_back"][0, 0] == pytest.approx(1)
    assert scores.lift["two_back"][0, 0] == pytest.approx(1 / np.mean(1 / np.arange(3, 7)))
    wire = wire_of(trace)
    assert wire["names"] == [*TEN, "two_back"]
    assert wire["shapes"]["two_back"] == {"type": "diagonal", "offset": 2}
    aw.MOTIFS.unregister("two_back")
    assert wire_of(trace)["names"] == TEN, "what was computed for other motifs is not served"


def test_a_mask_can_choose_its_rows_and_draw_what_it_likes(registered):
    last_row = np.array([False] * 5 + [True])
    registered(
        "late",
        lambda p: (two_back(p), np.arange(p.n_queries) == p.n_queries - 1),
        overlay=lambda p: {"type": "columns", "keys": [p.n_keys - 3]},
    )
    pattern = uniform(6)
    pattern[5] = [0, 0, 0, 0.9, 0.1, 0]
    trace = trace_of(pattern)
    assert aw.motif_scores(trace)["late"][0, 0] == pytest.approx(0.9)
    assert aw.MOTIFS["late"].cells(Prompt.of(trace))[1].tolist() == last_row.tolist()
    assert wire_of(trace)["shapes"]["late"] == {"type": "columns", "keys": [3]}


def staring():
    """Three heads: the last query stares at key 2, at key 4, and at nothing."""
    two, four = uniform(6), uniform(6)
    two[5], four[5] = np.eye(6)[2], np.eye(6)[4]
    return trace_of(np.stack([two, four, uniform(6)]))


def test_a_detector_of_ones_own_is_scored_drawn_and_sent_like_the_others(registered):
    motif = registered("corner", detector=corner, overlay=last_cell, description="The last query stares at one key.")
    trace = staring()
    scores = aw.motif_scores(trace)
    assert scores["corner"][0].tolist() == pytest.approx([1, 1, 1 / 6])
    assert scores.lift["corner"][0].tolist() == pytest.approx([6, 6, 1])
    assert scores.found["corner"].tolist() == [[2, 4, 0]]
    assert scores.present()[scores.names.index("corner"), 0].tolist() == [True, True, False]
    assert scores.dominant()[0].tolist()[:2] == ["corner", "corner"]
    assert [head for head, _ in scores.top("corner", 2)] == ["L0H0", "L0H1"]

    wire = wire_of(trace)
    assert wire["found"]["corner"] == [[last_cell(2), last_cell(4), last_cell(0)]]
    assert wire["exclude_first"]["found"]["corner"] == [[last_cell(2), last_cell(4), last_cell(1)]]
    assert wire["dominant"][0][:2] == ["corner", "corner"]
    json.dumps({"shapes": wire["shapes"], "found": wire["found"]})

    figure = aw.figures.heatmap(trace, "L0H1", motifs=["corner"])
    (lines,) = (one for one in figure.axes[0].collections if one.get_label() == "corner")
    corners = {tuple(point) for segment in lines.get_segments() for point in segment.tolist()}
    assert corners == {(3.5, 4.5), (4.5, 4.5), (3.5, 5.5), (4.5, 5.5)}
    assert to_hex(lines.get_color()[0]) == motif.color


def test_a_detector_without_an_overlay_or_a_place_draws_nothing(registered):
    registered("corner", detector=corner)
    registered(
        "nowhere", detector=lambda layer: Measured(corner(layer).score, corner(layer).uniform), overlay=last_cell
    )
    wire = wire_of(staring())
    assert wire["shapes"]["corner"] is None
    assert wire["found"]["nowhere"] == [[None, None, None]]
    assert "nowhere" not in aw.motif_scores(staring()).found


def test_a_motif_may_say_from_which_score_on_it_is_there(registered):
    """As diffuse does, which is never above chance."""
    registered("corner", detector=corner, present_from=0.1)
    scores = aw.motif_scores(staring())
    assert scores.present()[scores.names.index("corner"), 0].all()
    assert aw.MOTIFS["diffuse"].present_from == 0.8


def test_scores_are_of_motifs_by_name_or_as_they_are(registered):
    mine = Motif("mine", "mine", "Mine.", "me, 2026", "#123456", two_back)
    trace = trace_of(on(np.eye(6, k=-2), uniform(6)))
    scores = aw.motif_scores(trace, motifs=["induction", mine])
    assert scores.names == ("induction", "mine")
    assert scores["mine"][0, 0] == pytest.approx(1)
    assert "mine" not in aw.MOTIFS
    with pytest.raises(ValueError, match="motifs has 'mine' more than once"):
        aw.motif_scores(trace, motifs=[mine, mine])
    with pytest.raises(TypeError, match=r"motifs is mine; expected a list of names or motifs: \[mine\]"):
        aw.motif_scores(trace, motifs=mine)
    with pytest.raises(ValueError, match="motif is 'inductoin'; did you mean 'induction'"):
        aw.motif_scores(trace, motifs=["inductoin"])


def test_shapes_have_the_cells_they_say():
    prompt = Prompt.of(staring())
    assert np.argwhere(contains(last_cell(2), prompt)).tolist() == [[5, 2]]


def test_those_who_observe_hear_of_every_change_and_a_failing_one_is_reported(registered, monkeypatch):
    heard, reported = [], []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, at: reported.append(str(error)))

    def fails():
        raise RuntimeError("mine")

    def hears():
        heard.append("two_back" in aw.MOTIFS)

    aw.MOTIFS.observe(fails)
    aw.MOTIFS.observe(hears)
    try:
        registered("two_back", two_back)
        aw.MOTIFS.unregister("two_back")
    finally:
        aw.MOTIFS.unobserve(hears)
        aw.MOTIFS.unobserve(fails)
    assert heard == [True, False]
    assert reported == ["mine", "mine"]
    registered("two_back", two_back)
    aw.MOTIFS.unobserve(hears)
    assert heard == [True, False]


def test_an_observing_method_does_not_keep_its_object_alive(registered):
    heard = []

    class Hears:
        def hear(self):
            heard.append(self)

    one, other = Hears(), Hears()
    aw.MOTIFS.observe(one.hear)
    aw.MOTIFS.observe(other.hear)
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None
    registered("two_back", two_back)
    assert heard == [other]
    aw.MOTIFS.unobserve(other.hear)
    registered("two_back", two_back, overwrite=True)
    assert heard == [other]


@pytest.mark.parametrize("widget", [aw.AttentionHeatmap, aw.HeadGrid])
def test_an_open_widget_shows_a_motif_registered_later(widget, registered):
    shown = widget(staring())
    assert "two_back" not in shown.motifs["names"]
    registered("two_back", two_back)
    assert "two_back" in shown.motifs["names"]
    aw.MOTIFS.unregister("two_back")
    assert "two_back" not in shown.motifs["names"]
    shown.close()
    registered("two_back", two_back)
    assert "two_back" not in shown.motifs["names"], "a closed widget follows nothing"


@pytest.mark.parametrize("widget", [aw.AttentionHeatmap, aw.HeadGrid])
def test_a_closed_widget_is_collected(widget):
    shown = widget(staring())
    shown.close()
    gone = weakref.ref(shown)
    del shown
    gc.collect()
    assert gone() is None


def test_a_motif_registered_later_is_a_column_of_a_map(registered, toy):
    traces = aw.capture(toy, ["The cat sat.", "Tom has a red apple."])
    head_map = aw.HeadMap(traces, method="pca", n_clusters=2)
    points = head_map.points
    registered("corner", detector=corner)
    assert head_map.table["corner"].between(0, 1).all()
    assert head_map.points is points, "nothing else is computed again"
    head_map.close()
    aw.MOTIFS.unregister("corner")
    assert "corner" in head_map.table, "a closed map follows nothing"


def test_a_name_is_taken_once_unless_replacing_is_asked_for(registered):
    registered("two_back", two_back)
    with pytest.raises(ValueError, match=r"name is 'two_back', which is a motif already; .* overwrite=True"):
        aw.register_motif("two_back", two_back)
    with pytest.raises(ValueError, match="name is 'induction', which is a motif already"):
        aw.register_motif("induction", two_back)
    again = registered("two_back", two_back, label="again", overwrite=True)
    assert aw.MOTIFS["two_back"] is again
    assert aw.MOTIFS.unregister("two_back") is again
    with pytest.raises(KeyError, match="motif is 'two_back'"):
        aw.MOTIFS.unregister("two_back")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": "two back", "mask": two_back}, ValueError, "name is 'two back'; expected an identifier"),
        ({"name": 3, "mask": two_back}, ValueError, "name is 3; expected an identifier"),
        ({"name": "m", "mask": np.eye(3)}, TypeError, "mask is a ndarray; expected a function of one argument"),
        ({"name": "m"}, TypeError, "mask and detector are missing; expected one of them"),
        (
            {"name": "m", "mask": two_back, "detector": corner},
            TypeError,
            "mask and detector are both given; expected one of them",
        ),
        ({"name": "m", "detector": "corner"}, TypeError, "detector is a str; expected a function of one argument"),
        (
            {"name": "m", "detector": lambda layer: 1.0},
            ValueError,
            r"the detector of motif 'm' gave a float; expected Measured\(score, uniform, where\)",
        ),
        (
            {"name": "m", "detector": lambda layer: Measured(layer.patterns[0, 0], layer.patterns[0, 0])},
            ValueError,
            r"the detector of motif 'm' gave a score of shape \(6,\); expected \[head\] = \(2,\)",
        ),
        (
            {"name": "m", "detector": lambda layer: Measured(np.ones(2), np.ones(2), np.ones(6))},
            ValueError,
            r"the detector of motif 'm' gave a where of shape \(6,\); expected \[head, ...\] of 2 heads",
        ),
        (
            {"name": "m", "detector": corner, "overlay": lambda where: {"type": "circle"}},
            ValueError,
            r"the overlay of motif 'm' gave \{'type': 'circle'\}; expected a shape",
        ),
        ({"name": "m", "mask": two_back, "overlay": "columns"}, TypeError, "overlay is a str; expected a function"),
        (
            {"name": "m", "mask": two_back, "color": "red"},
            ValueError,
            "color is 'red'; expected six hexadecimal",
        ),
        (
            {"name": "m", "mask": lambda p: np.eye(3, dtype=bool)},
            ValueError,
            r"the mask of motif 'm' has shape \(3, 3\); expected \[query, key\] = \(6, 6\)",
        ),
        (
            {"name": "m", "mask": lambda p: np.eye(p.n_keys)},
            ValueError,
            "the mask of motif 'm' has dtype float64; expected bool",
        ),
        ({"name": "m", "mask": lambda p: [[1]]}, ValueError, "the mask of motif 'm' is a list; expected a bool numpy"),
        (
            {"name": "m", "mask": lambda p: (two_back(p), np.ones(2, dtype=bool))},
            ValueError,
            r"the rows of motif 'm' has shape \(2,\); expected \[query\] = \(6,\)",
        ),
    ],
)
def test_bad_arguments_are_explained_and_nothing_is_registered(arguments, error, message):
    with pytest.raises(error, match=message):
        aw.register_motif(**arguments)
    assert list(aw.MOTIFS) == TEN


def test_a_motif_cannot_be_assigned_by_accident():
    with pytest.raises(TypeError):
        aw.MOTIFS["mine"] = aw.MOTIFS["induction"]
