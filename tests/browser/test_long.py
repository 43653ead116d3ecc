"""A head of 4,096 tokens in a browser: overview, tiles and cells read back from the canvas; values, strip, search."""

from __future__ import annotations

import json

import numpy as np
import pytest
from canvas import read_canvas, viridis
from live import show

import attn_widgets as aw

N = 4096
HEATMAP = ".aw-heatmap-canvas"
WORDS = ["the", "cat", "sat", "on", "a", "mat", "while", "every", "dog", "in", "town", "was", "barking"]


@pytest.fixture(scope="module")
def trace():
    rng = np.random.default_rng(5)
    queries = rng.normal(size=(1, 1, N, 16)).astype(np.float32) * 1.5
    keys = rng.normal(size=(1, 1, N, 16)).astype(np.float32)
    # a stripe one cell wide, which must not be lost between pixels
    keys[0, 0] = 0.5 * keys[0, 0] + 0.5 * np.roll(queries[0, 0], -3, axis=0)
    tokens = ["<bos>", *(f" {WORDS[i]}" for i in rng.integers(0, len(WORDS), N - 1))]
    tokens[3000:3002] = [" grey", " Heron"]
    return aw.Trace.from_queries_keys(queries, keys, tokens)


@pytest.fixture(scope="module")
def exact(trace):
    return trace.head("L0H0")


@pytest.fixture
def opened(trace, page, monkeypatch):
    raised = []
    page.on("pageerror", lambda error: raised.append(str(error)))
    heatmap = aw.AttentionHeatmap(trace, palette="viridis")
    said = show(page, heatmap, monkeypatch)
    page.wait_for_selector(f"{HEATMAP}[data-block='8']")
    yield page, heatmap, said
    assert raised == []


def settle(page, block):
    """Wait until a level is drawn whole."""
    page.wait_for_function(
        "block => { const { dataset } = document.querySelector('.aw-heatmap-canvas');"
        " return dataset.block === String(block) && !('missing' in dataset) }",
        arg=block,
    )
    page.wait_for_timeout(100)


def zoom(page, steps, x=0.7, y=0.702):
    box = page.locator(".aw-plot-area").bounding_box()
    page.locator(".aw-plot").focus()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    for _ in range(steps):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(30)


def assert_shows_largest(page, exact, block):
    """Fail unless every block in sight has the colour of the largest value in it."""
    canvas, area = read_canvas(page.locator(HEATMAP)), page.locator(".aw-plot-area").bounding_box()
    box = page.locator(HEATMAP).bounding_box()
    side = canvas.cell * block
    rows, columns = (
        np.arange(
            max(0, int(np.ceil((area[axis] - box[axis] - origin) / side))),
            min(N // block, int((area[axis] - box[axis] + area[length] - origin) // side)),
        )
        for axis, length, origin in (("y", "height", canvas.origin[1]), ("x", "width", canvas.origin[0]))
    )
    y = ((canvas.origin[1] + (rows + 0.5) * side) * canvas.ratio).astype(int)
    x = ((canvas.origin[0] + (columns + 0.5) * side) * canvas.ratio).astype(int)
    seen = canvas.pixels[y[:, None], x[None], :3].astype(int)
    part = exact[rows[0] * block : (rows[-1] + 1) * block, columns[0] * block : (columns[-1] + 1) * block]
    pooled = part.reshape(len(rows), block, len(columns), block).max(axis=(1, 3))
    expected = viridis(pooled).astype(int)
    visible = columns[None] <= rows[:, None]
    assert (np.abs(seen - expected).max(-1) * visible).max() <= 6
    assert np.ptp(expected[visible], axis=0).max() > 40, "what is in sight is too plain to prove anything"
    # what lies in the future has the page's own colour
    assert len(np.unique(seen[~visible].reshape(-1, 3), axis=0)) <= 1


def test_every_level_shows_the_largest_value_of_each_block(opened, exact):
    page, _, said = opened
    assert_shows_largest(page, exact, 8)
    assert said() == []
    zoom(page, 4)
    settle(page, 2)
    assert_shows_largest(page, exact, 2)
    zoom(page, 5)
    settle(page, 1)
    assert_shows_largest(page, exact, 1)
    assert all(len(one["tiles"]) <= 15 for one in page.evaluate("asked") if one["ask"] == "tiles")
    came = [tuple(one["tile"]) for one in said() if one["answer"] == "tile"]
    assert len(came) == len(set(came))


def test_a_scale_that_is_relative_to_rows_has_an_overview_and_tiles_of_what_it_shows(opened, exact):
    page, heatmap, _ = opened
    rest = exact.copy()
    rest[:, 0] = 0
    shown = np.divide(rest, rest.sum(axis=1, keepdims=True), out=np.zeros_like(rest), where=rest > 0)
    heatmap.scale = "exclude_first"
    page.wait_for_selector(f"{HEATMAP}[data-key$='exclude_first']")
    assert_shows_largest(page, shown, 8)
    zoom(page, 9)
    settle(page, 1)
    assert_shows_largest(page, shown, 1)
    page.wait_for_function("document.querySelector('.aw-readout').textContent.includes('shown as')")


def test_the_value_under_the_mouse_is_exact_at_any_zoom(opened, exact):
    page, _, _ = opened
    box = page.locator(".aw-plot-area").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"])
    page.wait_for_function("!document.querySelector('.aw-readout').textContent.includes('\\u2264')")
    where = page.locator(".aw-where").inner_text()
    query, key = (int(part.split()[1]) for part in where.split(", "))
    value = float(page.locator(".aw-readout .aw-value").inner_text().replace("\u2212", "-") or "nan")
    assert value == pytest.approx(exact[query, key], rel=0.03, abs=1e-6)


def test_the_strip_holds_some_hundred_tokens_and_names_the_strongest_beyond(opened, exact, trace):
    page, heatmap, _ = opened
    assert page.locator(".aw-token").count() == 400
    row = exact[3500]
    query = 3500
    page.evaluate("query => { model.set('query', query); model.save_changes() }", query)
    page.wait_for_selector(f".aw-token.aw-locked[data-i='{query}']")
    page.wait_for_selector(".aw-strip-other")
    shown = {int(one) for one in page.locator(".aw-token").evaluate_all("all => all.map(one => one.dataset.i)")}
    outside = [key for key in np.argsort(-row) if key not in shown]
    first = page.locator(".aw-strip-other").first
    assert first.get_attribute("data-other") == str(outside[0])
    first.click()
    page.wait_for_function("key => model.get('key') === key", arg=int(outside[0]))
    assert (heatmap.query, heatmap.key) == (query, outside[0])


def test_a_phrase_is_found_and_gone_to(opened, exact):
    page, heatmap, _ = opened
    page.locator(".aw-plot").focus()
    page.keyboard.press("/")
    page.keyboard.type("grey heron")
    page.keyboard.press("Enter")
    page.wait_for_selector(".aw-token.aw-locked[data-i='3000']")
    assert page.locator(".aw-find-count").inner_text() == "1 of 1"
    assert (heatmap.query, heatmap.key) == (3000, None)
    settle(page, 1)
    canvas = read_canvas(page.locator(HEATMAP))
    assert canvas.cell == pytest.approx(14)
    assert 0 < canvas.origin[1] + 3000 * canvas.cell < 700
    assert_shows_largest(page, exact, 1)


def test_an_exported_page_has_the_head_and_the_rows_that_were_chosen(page, tmp_path):
    n = 1300
    rng = np.random.default_rng(3)
    queries, keys = rng.normal(size=(2, 1, 2, n, 8)).astype(np.float32) * 1.5
    trace = aw.Trace.from_queries_keys(queries, keys, [f" w{i}" for i in range(n)])
    exact = trace.head("L0H1")
    heatmap = aw.AttentionHeatmap(trace, head=1, palette="viridis", query=700)
    page.goto(heatmap.to_html(tmp_path / "page.html", heads=["L0H1"], rows=[700]).as_uri())
    page.wait_for_selector(f"{HEATMAP}[data-block]")
    assert page.locator(".aw-where").inner_text() == f"query 700, key {exact[700].argmax()}"
    value = float(page.locator(".aw-readout .aw-value").inner_text())
    assert value == pytest.approx(exact[700].max(), rel=0.01)
    for name, text in (("900", "exact on the rows chosen only"), ("700", "strongest")):
        page.locator(".aw-find-field").fill(name)
        page.keyboard.press("Enter")
        page.wait_for_selector(f".aw-token.aw-locked[data-i='{name}']")
        assert text in page.locator(".aw-readout").inner_text()


def test_an_exact_page_has_every_cell_and_every_row(page, tmp_path):
    n = 1300
    rng = np.random.default_rng(4)
    queries, keys = rng.normal(size=(2, 1, 1, n, 8)).astype(np.float32) * 1.5
    trace = aw.Trace.from_queries_keys(queries, keys, [f" w{i}" for i in range(n)])
    exact = trace.head("L0H0")
    heatmap = aw.AttentionHeatmap(trace, palette="viridis")
    page.goto(heatmap.to_html(tmp_path / "page.html", detail="exact").as_uri())
    page.wait_for_selector(f"{HEATMAP}[data-block]")
    page.locator(".aw-find-field").fill("900")
    page.keyboard.press("Enter")
    page.wait_for_selector(".aw-token.aw-locked[data-i='900']")
    assert page.locator(".aw-where").inner_text() == f"query 900, key {exact[900].argmax()}"
    settle(page, 1)
    canvas = read_canvas(page.locator(HEATMAP))
    keys = np.arange(890, 900)
    y = int((canvas.origin[1] + 900.5 * canvas.cell) * canvas.ratio)
    x = ((canvas.origin[0] + (keys + 0.5) * canvas.cell) * canvas.ratio).astype(int)
    assert np.abs(canvas.pixels[y, x, :3].astype(int) - viridis(exact[900, keys]).astype(int)).max() <= 6


def test_in_jupyterlab_tiles_and_values_come_as_messages(open_notebook, page):
    n = 1300
    made = f"""
import attn_widgets as aw, numpy as np
rng = np.random.default_rng(0)
queries, keys = rng.normal(size=(2, 1, 1, {n}, 8)).astype(np.float32) * 2
heatmap = aw.AttentionHeatmap(aw.Trace.from_queries_keys(queries, keys, list(map(str, range({n})))), palette="viridis")
"""
    notebook = open_notebook(made, "heatmap")
    page.wait_for_selector(f"{HEATMAP}[data-block]")
    exact = np.array(json.loads(notebook.ask("str(heatmap.trace.rows('L0H0', [700])[0].tolist())")))
    page.locator(".aw-plot").focus()
    page.keyboard.press("/")
    page.keyboard.type("700")
    page.keyboard.press("Enter")
    notebook.wait_for("heatmap.query", 700)
    settle(page, 1)
    page.wait_for_function("document.querySelector('.aw-where').textContent.startsWith('query 700, key')")
    canvas = read_canvas(page.locator(HEATMAP))
    # beside the marks that lie over the plot, not in it
    keys = np.arange(690, 700)
    y = int((canvas.origin[1] + 700.5 * canvas.cell) * canvas.ratio)
    x = ((canvas.origin[0] + (keys + 0.5) * canvas.cell) * canvas.ratio).astype(int)
    seen = canvas.pixels[y, x, :3].astype(int)
    assert np.abs(seen - viridis(exact[keys]).astype(int)).max() <= 6
    assert page.locator(".aw-where").inner_text() == f"query 700, key {exact.argmax()}"
