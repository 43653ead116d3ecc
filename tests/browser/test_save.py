"""The Save menu of a view, on an exported page: a picture with its labels, the numbers as CSV and on the clipboard."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from canvas import read_canvas
from PIL import Image

import attn_widgets as aw


@pytest.fixture
def opened(toy_trace, page, tmp_path):
    """A grid and a heatmap of L1H1 on a page without a network."""
    page.context.set_offline(True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    widgets = [aw.HeadGrid(toy_trace), aw.AttentionHeatmap(toy_trace, layer=1, head=1, palette="viridis")]
    page.goto(aw.export.write_page(widgets, tmp_path / "page.html").as_uri())
    page.locator(".aw-heatmap-canvas[data-key$='/pattern/1/1']").wait_for()
    return page


def saved(page, widget, item):
    """The file that an item of a widget's menu downloads."""
    page.locator(f"{widget} .aw-save summary").click()
    with page.expect_download() as download:
        page.locator(f"{widget} .aw-save").get_by_text(item, exact=True).click()
    return download.value


def test_the_picture_has_the_cells_of_the_view_and_its_labels(opened, tmp_path):
    download = saved(opened, ".aw-heatmap", "PNG")
    assert download.suggested_filename == "toy-induction-L1H1-pattern.png"
    download.save_as(tmp_path / "picture.png")
    image = np.asarray(Image.open(tmp_path / "picture.png").convert("RGB")).astype(int)
    canvas = opened.locator(".aw-heatmap-canvas")
    shown = read_canvas(canvas)
    box = canvas.bounding_box()
    stage = opened.locator(".aw-heatmap .aw-figure").bounding_box()
    colors = shown.cells(8, 8)
    left, top = shown.origin
    for query in range(8):
        for key in range(query + 1):
            x = box["x"] - stage["x"] + left + (key + 0.5) * shown.cell + 12
            y = box["y"] - stage["y"] + top + (query + 0.5) * shown.cell + 12 + 26
            found = image[round(2 * y), round(2 * x)]
            assert np.abs(found - colors[query, key]).max() <= 4, (query, key)
    # the title above, and the numbers of the colour bar beside the matrix
    assert (image[12 : 2 * 30, 24:400] < 100).any()
    right = round(2 * (box["x"] - stage["x"] + box["width"] + 12))
    assert (image[:, right:] < 110).all(axis=2).any()


def test_numbers_are_those_of_the_pattern(opened, toy_trace, tmp_path):
    download = saved(opened, ".aw-heatmap", "CSV")
    download.save_as(tmp_path / "table.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "table.csv").read_text(encoding="utf-8"))))
    assert [row[1] for row in rows[1:]] == list(toy_trace.query_tokens)
    values = np.array([[float(cell or 0) for cell in row[2:]] for row in rows[1:]])
    np.testing.assert_allclose(values, toy_trace.head("L1H1"), atol=2e-5)


def test_scores_of_all_heads_go_to_the_clipboard_and_the_menu_closes(opened, toy_trace):
    menu = opened.locator(".aw-head-grid .aw-save")
    menu.locator("summary").focus()
    opened.keyboard.press("Enter")
    opened.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    menu.locator("summary").click()
    menu.get_by_text("Copy table", exact=True).click()
    opened.wait_for_function("document.querySelector('.aw-head-grid .aw-save').open === false")
    rows = [line.split("\t") for line in opened.evaluate("navigator.clipboard.readText()").split("\n")]
    scores = aw.motif_scores(toy_trace)
    column = rows[0].index("induction")
    found = {row[0]: float(row[column]) for row in rows[1:]}
    expected = dict(zip(scores.heads, scores["induction"].reshape(-1).tolist(), strict=True))
    assert found == pytest.approx(expected, abs=1e-4)
