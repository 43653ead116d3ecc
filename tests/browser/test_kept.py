"""A saved notebook where no kernel knows its widgets: nbconvert's HTML offline, and JupyterLab."""

from __future__ import annotations

import base64
import io
from copy import deepcopy

import nbformat
import numpy as np
import pytest
from canvas import assert_shows, read_canvas
from lab_server import TOKEN
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image

import attn_widgets as aw

PROMPT = "The cat sat on the mat. The cat sat on the"
CELLS = (
    f"""import attn_widgets as aw
run = aw.AttentionRun(aw.load_model("toy-induction", device="cpu"), {PROMPT!r})
heatmap = aw.AttentionHeatmap(run, layer=1, head=1, palette="viridis")
heatmap""",
    "aw.HeadGrid(run, layer=1, head=1, motif='dominant')",
    "heatmap.static()",
)
HEATMAP = ".aw-heatmap-canvas"


@pytest.fixture(scope="module")
def with_state():
    """The notebook after it was run, with the state of its widgets."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    NotebookClient(notebook, timeout=120, store_widget_state=True).execute()
    return notebook


@pytest.fixture(scope="module")
def saved(with_state):
    """As notebooks are saved unless their reader asks for more."""
    notebook = deepcopy(with_state)
    del notebook.metadata["widgets"]
    return notebook


def kept(notebook, cell) -> np.ndarray:
    """The picture in a cell's output."""
    data = notebook.cells[cell].outputs[-1].data["image/png"]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")).astype(int)


def seen(page) -> list[list[int]]:
    """Width and height in pixels of the pictures on the page that are painted."""
    page.wait_for_function("[...document.images].every(image => image.complete)")
    return page.evaluate(
        "[...document.images].filter(i => i.naturalWidth > 300 && i.offsetWidth > 0)"
        ".map(i => [i.naturalWidth, i.naturalHeight])"
    )


def expected(notebook) -> list[list[int]]:
    return [[kept(notebook, cell).shape[1], kept(notebook, cell).shape[0]] for cell in (0, 1)]


def cells_of(picture, n) -> np.ndarray:
    """Colours `[query, key, RGB]` at the centres of a heatmap's cells."""
    side = 840 // n
    last = np.flatnonzero((picture != 255).any(axis=(1, 2)))[-1] + 1
    y = last - side * n + side * np.arange(n) + side // 2
    x = 192 + side * np.arange(n) + side // 2
    return picture[y[:, None], x]


def test_nbconvert_shows_the_pictures_and_the_page_in_the_notebook_is_alive(saved, page, tmp_path, toy):
    (tmp_path / "notebook.html").write_text(HTMLExporter().from_notebook_node(saved)[0], encoding="utf-8")
    page.context.set_offline(True)
    page.goto((tmp_path / "notebook.html").as_uri())
    assert seen(page)[:2] == expected(saved)
    frame = page.frame_locator("iframe")
    canvas = frame.locator(HEATMAP)
    canvas.wait_for()
    patterns = aw.capture(toy, PROMPT).patterns
    assert_shows(read_canvas(canvas), patterns[1, 1])
    # the picture has the colours of the living widget
    live = read_canvas(canvas).cells(13, 13).astype(int)
    below = np.tri(13, dtype=bool)
    assert np.abs(cells_of(kept(saved, 0), 13) - live)[below].max() <= 4
    frame.locator(".aw-plot").focus()
    page.keyboard.press("ArrowRight")
    frame.locator(f"{HEATMAP}[data-key$='/pattern/1/2']").wait_for()
    assert_shows(read_canvas(canvas), patterns[1, 2])


def open_in_lab(page, server, notebook, name, *, trusted) -> None:
    url, folder = server
    nbformat.write(notebook, folder / name)
    page.goto(f"{url}/lab/tree/{name}?token={TOKEN}&reset")
    page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.context?.isReady", timeout=90_000)
    if trusted:
        page.evaluate(
            "() => { for (const cell of window.jupyterapp.shell.currentWidget.model.cells) cell.trusted = true; }"
        )


def shut_down(page) -> None:
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def test_jupyterlab_shows_the_pictures_of_a_notebook_that_comes_from_elsewhere(saved, page, lab_server):
    open_in_lab(page, lab_server, saved, "kept.ipynb", trusted=False)
    page.wait_for_function("document.querySelectorAll('.jp-OutputArea-output img').length >= 2")
    assert seen(page)[:2] == expected(saved)
    assert "model not found" not in page.locator(".jp-Notebook").inner_text()
    shut_down(page)


def test_widgets_saved_with_their_state_are_alive_in_a_trusted_notebook(with_state, page, lab_server, toy):
    open_in_lab(page, lab_server, with_state, "kept-state.ipynb", trusted=True)
    canvas = page.locator(HEATMAP).first
    canvas.wait_for(timeout=90_000)
    patterns = aw.capture(toy, PROMPT).patterns
    assert_shows(read_canvas(canvas), patterns[1, 1])
    plot = page.locator(".aw-plot").first
    plot.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    # another head needs the kernel; what is there stays
    assert_shows(read_canvas(canvas), patterns[1, 1])
    shut_down(page)
