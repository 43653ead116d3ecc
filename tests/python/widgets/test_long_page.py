"""Pages of long prompts: the heads, detail and rows that are chosen, and how large they will be."""

from __future__ import annotations

import numpy as np
import pytest
from long_prompts import N, long_trace, pooled, values

import attn_widgets as aw
from attn_widgets.export import write_page
from attn_widgets.widgets import pattern_widget


@pytest.fixture(scope="module")
def trace():
    return long_trace(layers=2)


def page_of(heatmap, heads=None, detail="overview", rows=None):
    with heatmap.chosen_for_page(heads, detail, rows):
        return heatmap.page_state()


def test_a_page_holds_overviews_of_the_heads_chosen_and_says_which(trace):
    page = page_of(aw.AttentionHeatmap(trace, layer=1), heads=["L0H2", (1, 1)])
    assert [(one["layer"], one["head"], one["block"]) for one in page["archive"]] == [(0, 2, 2), (1, 1, 2)]
    assert page["trace_info"]["heads"] == [[0, 2], [1, 1]]
    assert page["trace_info"]["scales"] == ["linear", "log"]
    assert (page["layer"], page["head"]) == (0, 2), "the head on show is not on the page"
    assert (page["pattern"]["layer"], page["pattern"]["head"]) == (0, 2)
    assert "tiles_archive" not in page
    scored = np.frombuffer(page["motifs"]["scored"]["data"], np.uint8).reshape(2, 3)
    assert scored[0, 2] == scored[1, 1] == 1


def test_a_long_page_stays_in_its_unit(trace):
    for unit in ("token", "word"):
        page = page_of(aw.AttentionHeatmap(trace, unit=unit), heads=["L0H0"])
        assert page["other_unit"] == {}
        assert page["trace_info"]["units"] == [unit]
        assert page["archive"][0]["trace_id"] == page["pattern"]["trace_id"] == page["trace_info"]["id"]


def test_the_scale_on_show_is_there_too(trace):
    page = page_of(aw.AttentionHeatmap(trace, scale="row_max"), heads=["L0H0"])
    assert [one["shown_as"] for one in page["archive"]] == ["linear", "row_max"]
    assert page["pattern"]["shown_as"] == "row_max"
    assert page["trace_info"]["scales"] == ["linear", "log", "row_max"]


def test_exact_pages_hold_every_cell_and_coarser_ones_what_was_asked_for(trace, monkeypatch):
    exact = trace.head("L0H1")
    tiles = page_of(aw.AttentionHeatmap(trace), heads=["L0H1"], detail="exact")["tiles_archive"]
    assert len(tiles) == 6 * 7 // 2
    found = np.zeros((N, N))
    for one in tiles:
        block, row, column = one["tile"]
        assert block == 1
        h, w = one["shape"]
        found[row * 256 : row * 256 + h, column * 256 : column * 256 + w] = values(one, one["data"])
    np.testing.assert_allclose(found, exact, atol=2e-5)
    monkeypatch.setattr("attn_widgets.tiles.overviews._SIDE", 200)
    page = page_of(aw.AttentionHeatmap(long_trace(seed=3)), heads=["L0H1"], detail=2)
    assert sorted({one["tile"][0] for one in page["tiles_archive"]}) == [2, 4]
    first = next(one for one in page["tiles_archive"] if one["tile"] == [4, 1, 0])
    wanted = pooled(long_trace(seed=3).head("L0H1"), 4)[256:512, :256]
    np.testing.assert_allclose(values(first, first["data"]), wanted, atol=2e-5)


def test_rows_chosen_are_exact_and_the_locked_one_is_there_by_itself(trace):
    heatmap = aw.AttentionHeatmap(trace, scale="exclude_first", query=7)
    (linear, excluded) = page_of(heatmap, heads=["L0H1"], rows=[-1])["lines_archive"]
    assert (linear["axis"], linear["index"], linear["of"]["shown_as"]) == ("query", N - 1, "linear")
    np.testing.assert_allclose(values(linear, linear["data"]), trace.head("L0H1")[-1], atol=linear["scale"])
    assert "factors" not in linear
    assert excluded["of"]["shown_as"] == "exclude_first"
    assert np.frombuffer(excluded["factors"], "<f4") == pytest.approx(1 / trace.head("L0H1")[-1, 1:].sum())
    assert [one["index"] for one in page_of(heatmap, heads=["L0H1"])["lines_archive"]] == [7, 7]


@pytest.mark.parametrize(
    "choice", [{"heads": ["L0H0", "L1H2"]}, {"heads": ["L0H0"], "detail": "exact", "rows": [3, 4]}, {}]
)
def test_the_size_is_said_before_writing(trace, tmp_path, choice):
    heatmap = aw.AttentionHeatmap(trace)
    said = heatmap.page_size(**choice)
    written = heatmap.to_html(tmp_path / "page.html", **choice).stat().st_size
    assert said == pytest.approx(written, rel=0.05)


def test_the_size_of_a_short_page_is_said_too(toy_trace, tmp_path):
    heatmap = aw.AttentionHeatmap(toy_trace)
    assert heatmap.page_size() == pytest.approx(heatmap.to_html(tmp_path / "page.html").stat().st_size, rel=0.1)


def test_a_page_that_would_be_too_large_says_how_large_and_what_to_choose(trace, tmp_path, monkeypatch):
    monkeypatch.setattr(pattern_widget, "_PAGE_BYTES", 3_000_000)
    heatmap = aw.AttentionHeatmap(trace)
    with pytest.raises(ValueError, match=r"path would hold 3 MB of patterns.*heads=\['L0H0'\].*page_size"):
        heatmap.to_html(tmp_path / "page.html")
    heatmap.to_html(tmp_path / "page.html", heads=["L1H1"])


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"heads": ["L9H0"]}, "L9H0"),
        ({"heads": "L0H0"}, "expected a list of heads"),
        ({"heads": []}, "heads is empty"),
        ({"detail": "fine"}, "detail is 'fine'"),
        ({"detail": 3}, "power of two"),
        ({"rows": [1300]}, "rows holds 1300; expected queries from 0 to 1299"),
    ],
)
def test_what_is_not_there_cannot_be_chosen(trace, tmp_path, choice, says):
    with pytest.raises(ValueError, match=says):
        aw.AttentionHeatmap(trace).to_html(tmp_path / "page.html", **choice)


def test_heads_of_a_page_of_several_widgets_are_chosen_together(toy_trace, tmp_path):
    heatmap, grid = aw.AttentionHeatmap(toy_trace), aw.HeadGrid(toy_trace)
    path = write_page([heatmap, grid], tmp_path / "page.html", heads=["L1H3"])
    all_heads = write_page([heatmap, grid], tmp_path / "all.html")
    assert path.stat().st_size < all_heads.stat().st_size
    assert heatmap.page_state()["trace_info"].get("heads") is None
