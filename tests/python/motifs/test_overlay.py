"""Geometry is small, and covers exactly the cells that were scored."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motif_patterns import WORDS, on, trace_of, uniform

import attn_widgets as aw
from attn_widgets.compute.scored import scored
from attn_widgets.motifs import Motif, Prompt
from attn_widgets.motifs.outline import outline
from attn_widgets.motifs.overlay import MOST_CELLS, overlays, shape_of
from attn_widgets.motifs.shapes import contains
from attn_widgets.widgets.wire.motifs import motif_wire

N = len(WORDS)


@pytest.mark.parametrize("causal", [True, False])
@settings(max_examples=30, deadline=None)
@given(words=st.lists(st.sampled_from(["a", "b", ".", "\n", "c", "d"]), min_size=1, max_size=14))
def test_shapes_cover_the_cells_of_the_masks(causal, words):
    trace = trace_of(uniform(len(words), causal), words, causal=causal)
    shapes = overlays(trace, aw.motif_scores(trace))["shapes"]
    prompt = Prompt.of(trace)
    for name, shape in shapes.items():
        np.testing.assert_array_equal(contains(shape, prompt), aw.MOTIFS[name].cells(prompt)[0], err_msg=name)


def test_what_is_sent_is_plain_json_and_small():
    trace = trace_of(np.stack([uniform(400)] * 2), ["w", "v"] * 200)
    text = json.dumps(overlays(trace, aw.motif_scores(trace)))
    assert len(text) < 10_000, "400 x 400 cells, half of them duplicates, are two lists of 400 groups"


def test_each_head_has_its_own_bars_and_stripe():
    bars = on(np.tril(np.eye(1, N, 4) * np.ones((N, 1))), uniform(N))
    heads = np.stack([uniform(N), bars, on(np.eye(N, k=-3), uniform(N))])
    trace = trace_of(heads, WORDS)
    found = overlays(trace, aw.motif_scores(trace))["found"]
    assert found == {
        "vertical_bars": [[None, {"type": "columns", "keys": [4]}, None]],
        "stripe": [[None, None, {"type": "diagonal", "offset": 3}]],
    }


def motif_of(mask) -> Motif:
    return Motif("mine", "mine", "", "", "#000000", lambda prompt: mask)


@pytest.mark.parametrize(
    ("mask", "shape"),
    [
        (np.eye(6, k=-2, dtype=bool), {"type": "diagonal", "offset": 2}),
        (np.tri(6, k=-1, dtype=bool) & ~np.tri(6, k=-4, dtype=bool), {"type": "band", "from": 1, "to": 3}),
        (np.isin(np.arange(6), [1, 4]) & np.ones((6, 1), dtype=bool), {"type": "columns", "keys": [1, 4]}),
        (np.arange(36).reshape(6, 6) == 13, {"type": "cells", "queries": [2], "keys": [1]}),
        (np.zeros((6, 6), dtype=bool), None),
    ],
)
def test_the_geometry_of_a_users_mask_is_the_smallest_that_fits(mask, shape):
    prompt = Prompt.of(trace_of(uniform(6)))
    assert shape_of(motif_of(mask), prompt) == shape


def test_too_many_scattered_cells_are_not_sent():
    n = 2 * int(np.sqrt(MOST_CELLS)) + 10
    scattered = (np.arange(n)[:, None] + np.arange(n)) % 2 == 0
    assert shape_of(motif_of(scattered), Prompt.of(trace_of(uniform(n)))) is None


def test_looking_ahead_is_a_negative_offset():
    prompt = Prompt.of(trace_of(uniform(5, causal=False), causal=False))
    shape = shape_of(motif_of(np.eye(5, k=1, dtype=bool)), prompt)
    assert shape == {"type": "diagonal", "offset": -1}
    assert contains(shape, prompt).sum() == 4


def test_overlays_need_the_scores_of_that_trace():
    trace = trace_of(uniform(4))
    with pytest.raises(ValueError, match="expected the scores of this one trace"):
        overlays(trace, aw.motif_scores([trace, trace]))


def test_the_wire_holds_what_python_computed(toy_trace):
    scored(toy_trace).measure()
    wire = motif_wire(scored(toy_trace))
    scores = aw.motif_scores(toy_trace)
    shape = tuple(wire["present"]["shape"])
    assert shape == (len(aw.MOTIFS), *toy_trace.patterns.shape[:2])
    data = np.frombuffer(wire["values"]["data"], "<f4").reshape(3, *shape)
    np.testing.assert_array_equal(data[0], scores.score.array)
    np.testing.assert_array_equal(data[1], scores.lift.array)
    np.testing.assert_array_equal(data[2], scores.bits.array)
    assert "highest lift" in wire["rule"]
    np.testing.assert_array_equal(np.frombuffer(wire["present"]["data"], np.uint8).reshape(shape), scores.present())
    assert wire["dominant"] == scores.dominant().tolist()
    assert wire["colors"] == [motif.color for motif in aw.MOTIFS.values()]
    for part in (wire, wire["exclude_first"]):
        json.dumps({name: value for name, value in part.items() if not isinstance(value, (bytes, dict))})


def test_a_trace_is_measured_once_for_all_its_widgets(toy_trace):
    assert motif_wire(scored(toy_trace)) is motif_wire(scored(toy_trace))


def test_remembered_scores_do_not_keep_a_trace_alive():
    import gc
    import weakref

    trace = trace_of(uniform(4))
    scored(trace).measure()
    motif_wire(scored(trace))
    alive = weakref.ref(trace)
    del trace
    gc.collect()
    assert alive() is None


def test_the_outline_of_a_block_is_its_four_sides():
    cells = np.zeros((4, 5), dtype=bool)
    cells[1:3, 2:5] = True
    sides = {tuple(segment) for segment in outline(cells)}
    assert sides == {
        ((1.5, 0.5), (4.5, 0.5)),
        ((1.5, 2.5), (4.5, 2.5)),
        ((1.5, 0.5), (1.5, 2.5)),
        ((4.5, 0.5), (4.5, 2.5)),
    }


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 8), seed=st.integers(0, 99))
def test_an_outline_is_as_long_as_the_sides_between_in_and_out(n, seed):
    cells = np.random.default_rng(seed).random((n, n)) < 0.5
    padded = np.pad(cells, 1)
    sides = sum(int((np.diff(padded.astype(int), axis=axis) != 0).sum()) for axis in (0, 1))
    assert sum(abs(x1 - x0) + abs(y1 - y0) for (x0, y0), (x1, y1) in outline(cells)) == sides
