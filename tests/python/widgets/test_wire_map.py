"""What a HeadMap sends: points in one frame, categories as codes, numbers as floats, thumbnails that keep stripes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import attn_widgets as aw
from attn_widgets.widgets.wire.arrays import array_wire
from attn_widgets.widgets.wire.scatter import columns_wire, label_of, pictures_wire, points_wire, thumbs_wire


def read(wire):
    return np.frombuffer(wire["data"], np.dtype(wire["dtype"]).newbyteorder("<")).reshape(wire["shape"])


def test_arrays_come_back_as_they_were():
    array = np.arange(6, dtype=np.uint32).reshape(2, 3)
    np.testing.assert_array_equal(read(array_wire(array, "uint32")), array)


def test_points_fill_the_frame_and_keep_their_shape():
    points = np.array([[10.0, 5.0], [14.0, 5.5], [12.0, 6.0]])
    sent = read(points_wire(points))
    assert np.abs(sent).max() == pytest.approx(1)
    np.testing.assert_allclose(np.diff(sent[:, 0]) / np.diff(points[:, 0]), 0.5)
    np.testing.assert_allclose(np.diff(sent[:, 1]) / np.diff(points[:, 1]), 0.5)
    assert np.isfinite(read(points_wire(np.zeros((3, 2))))).all()


def test_columns_are_categories_with_colours_or_numbers():
    table = pd.DataFrame(
        {
            "name": ["L0H0", "L0H1", "L1H0"],
            "model": "toy",
            "layer": [0, 0, 1],
            "head": [0, 1, 0],
            "class": ["", "mine", ""],
            "classes": [[], ["mine"], []],
            "cluster": [10, 2, -1],
            "motif": ["induction", "none", "previous_token"],
            "induction": [0.9, np.nan, 0.1],
        }
    )
    columns = {column["name"]: column for column in columns_wire(table)}
    assert list(columns) == ["layer", "head", "model", "motif", "class", "cluster", "induction"]
    np.testing.assert_array_equal(read(columns["layer"]["data"]), [0, 0, 1])
    np.testing.assert_array_equal(read(columns["induction"]["data"]), np.float32([0.9, np.nan, 0.1]))
    motif = columns["motif"]
    assert [motif["values"][code] for code in read(motif["codes"])] == [
        aw.MOTIFS["induction"].label,
        "none",
        aw.MOTIFS["previous_token"].label,
    ]
    assert motif["colors"][motif["values"].index(aw.MOTIFS["induction"].label)] == aw.MOTIFS["induction"].color
    assert read(columns["class"]["codes"]).tolist() == [65535, 0, 65535]
    assert columns["cluster"]["values"] == ["2", "10"], "as numbers, not as text"
    assert "highest lift" in motif["about"], "how a head gets its name"
    assert columns["class"]["about"] == ""
    assert read(columns["cluster"]["codes"]).tolist() == [1, 0, 65535]
    assert "spread" not in columns["induction"], "of one prompt"
    assert [name for name, column in columns.items() if column.get("score")] == ["induction"], "may be told by height"
    table["induction_std"] = [0.1, np.nan, 0.2]
    (induction,) = [column for column in columns_wire(table) if column["name"] == "induction"]
    np.testing.assert_array_equal(read(induction["spread"]), np.float32([0.1, np.nan, 0.2]))


def test_thumbnails_are_square_and_keep_what_is_one_cell_wide():
    n = 100
    stripe = np.eye(n, k=-1)
    stripe[0, 0] = 1
    wire = pictures_wire([(stripe, True), (np.eye(4), True), (np.eye(4), False)], 20)
    picture = read(wire)
    assert wire["cells"] == [20, 4, 0], "cells of a causal picture; none where a query may look ahead"
    assert picture.shape == (3, 20, 20)
    assert (picture[0].diagonal() == 255).all(), "a stripe of single cells stays visible"
    np.testing.assert_array_equal(picture[1], np.kron(np.eye(4), np.ones((5, 5))) * 255)
    assert read(pictures_wire([], 20)).shape == (0, 20, 20)


def test_a_map_has_a_thumbnail_a_head_and_none_where_there_are_too_many(toy_trace):
    patterns = toy_trace.patterns.reshape(8, *toy_trace.patterns.shape[2:])
    wire = thumbs_wire([(patterns[:4], True), (patterns[4:], True)], 8)
    assert wire["of"] == "head"
    pictures = read(wire["data"])
    assert pictures.shape == (8, 32, 32)
    assert wire["data"]["cells"] == [toy_trace.n_keys] * 8
    assert pictures[5].max() == round(float(toy_trace.head("L1H1").max()) * 255)
    assert read(thumbs_wire([(np.ones((10_000, 2, 2)), False)], 10_000)["data"]).shape == (10_000, 12, 12), "coarse"
    assert thumbs_wire([], 20_000) == {}


def test_columns_are_called_as_they_are_read():
    names = ["induction", "layer", "ov_copying", "k_from", "q", "prefix_matching"]
    assert [label_of(name) for name in names[1:]] == ["Layer", "OV copying", "K from", "q", "prefix matching"]
    assert label_of("induction") == aw.MOTIFS["induction"].label
