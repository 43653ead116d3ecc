"""MOTIFS: what comes with the package, and adding to it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from motif_patterns import on, trace_of, uniform

import attn_widgets as aw
from attn_widgets.motifs import Prompt
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


def two_back(prompt):
    return prompt.keys == prompt.queries - 2


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
    wire = motif_wire(trace)
    assert wire["names"] == [*TEN, "two_back"]
    assert wire["shapes"]["two_back"] == {"type": "diagonal", "offset": 2}
    aw.MOTIFS.unregister("two_back")
    assert motif_wire(trace)["names"] == TEN, "what was computed for other motifs is not served"


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
    assert motif_wire(trace)["shapes"]["late"] == {"type": "columns", "keys": [3]}


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
