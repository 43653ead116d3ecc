"""An exported page, opened from disk without a network: it draws, answers, and links its widgets."""

from __future__ import annotations

import numpy as np
import pytest
from canvas import assert_shows, read_canvas
from synthetic import random_patterns

import attn_widgets as aw

HEATMAP = ".aw-heatmap-canvas"


@pytest.fixture
def offline(page):
    """A page without a network that fails the test if it asks for one or raises."""
    page.context.set_offline(True)
    asked, raised = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: raised.append(str(error)))
    yield page
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
    assert raised == []


def wait_for_head(page, layer, head):
    page.wait_for_function(
        "key => document.querySelector('.aw-heatmap-canvas')?.dataset.key?.endsWith(key)",
        arg=f"/pattern/{layer}/{head}",
    )
    return read_canvas(page.locator(HEATMAP))


def test_every_head_can_be_walked_to_and_is_drawn_exactly(toy_trace, offline, tmp_path):
    heatmap = aw.AttentionHeatmap(toy_trace, palette="viridis")
    offline.goto(heatmap.to_html(tmp_path / "page.html").as_uri())
    assert_shows(wait_for_head(offline, 0, 0), toy_trace.patterns[0, 0])
    offline.locator(".aw-plot").focus()
    for head in range(1, 4):
        offline.keyboard.press("ArrowRight")
        assert_shows(wait_for_head(offline, 0, head), toy_trace.patterns[0, head])
    offline.keyboard.press("ArrowDown")
    assert_shows(wait_for_head(offline, 1, 3), toy_trace.patterns[1, 3])


def test_the_grid_moves_the_heatmap(toy_trace, offline, tmp_path):
    grid, heatmap = aw.HeadGrid(toy_trace), aw.AttentionHeatmap(toy_trace, palette="viridis")
    offline.goto(aw.export.write_page([grid, heatmap], tmp_path / "page.html").as_uri())
    wait_for_head(offline, 0, 0)
    offline.locator(".aw-grid").focus()
    offline.keyboard.press("ArrowDown")
    offline.keyboard.press("ArrowRight")
    assert_shows(wait_for_head(offline, 1, 1), toy_trace.patterns[1, 1])


def test_hover_names_the_cell_under_the_mouse(toy_trace, offline, tmp_path):
    offline.goto(aw.AttentionHeatmap(toy_trace).to_html(tmp_path / "page.html").as_uri())
    shown = wait_for_head(offline, 0, 0)
    box, (left, top) = offline.locator(HEATMAP).bounding_box(), shown.origin
    offline.mouse.move(box["x"] + left + 2.5 * shown.cell, box["y"] + top + 4.5 * shown.cell)
    readout = offline.locator(".aw-readout")
    offline.wait_for_function("document.querySelector('.aw-readout').innerText.includes('query 4, key 2')")
    text = readout.inner_text()
    assert f"{toy_trace.patterns[0, 0, 4, 2]:.4f}"[:5] in text
    assert toy_trace.tokens[4] in text
    assert toy_trace.tokens[2] in text


def test_tokens_of_markup_are_text_and_nothing_runs(offline, tmp_path):
    tokens = ["</script><script>window.hacked = 1</script>", "<img src=x onerror='window.hacked = 1'>", "\n", "", "🎉"]
    trace = aw.Trace.from_arrays(random_patterns(1, 1, 5), tokens)
    offline.goto(aw.export.write_page([aw.HeadGrid(trace), aw.AttentionHeatmap(trace)], tmp_path / "p.html").as_uri())
    wait_for_head(offline, 0, 0)
    assert offline.evaluate("window.hacked") is None
    assert "onerror" in offline.locator(".aw-strip").first.inner_text()


def test_a_bidirectional_and_a_rectangular_pattern_are_drawn_whole(offline, tmp_path):
    square = aw.Trace.from_arrays(random_patterns(1, 1, 9, causal=False), list("abcdefghi"))
    offline.goto(aw.AttentionHeatmap(square, palette="viridis").to_html(tmp_path / "square.html").as_uri())
    assert_shows(wait_for_head(offline, 0, 0), square.patterns[0, 0], causal=False)

    rows = np.random.default_rng(0).dirichlet(np.full(8, 0.3), 3)
    cross = aw.Trace.from_arrays(rows, list("abcdefgh"), query_tokens=["x", "y", "z"])
    offline.goto(aw.AttentionHeatmap(cross, palette="viridis").to_html(tmp_path / "cross.html").as_uri())
    assert_shows(wait_for_head(offline, 0, 0), rows, causal=False)


def test_2048_tokens_are_drawn_and_a_single_cell_stays_visible(offline, tmp_path):
    n = 2048
    pattern = np.zeros((1, 2, n, n), np.float32)
    pattern[0, 0, :, 0] = 1
    rows = np.arange(1000, n)
    pattern[0, 1, :, 0], pattern[0, 1, rows, 0], pattern[0, 1, rows, rows - 999] = 1, 0, 1
    trace = aw.Trace.from_arrays(pattern, [f"w{i}" for i in range(n)])
    offline.goto(aw.AttentionHeatmap(trace, palette="viridis").to_html(tmp_path / "page.html").as_uri())
    wait_for_head(offline, 0, 0)
    offline.locator(".aw-plot").focus()
    offline.keyboard.press("ArrowRight")
    shown = wait_for_head(offline, 0, 1)
    left, top = shown.origin
    for query in range(1100, n - 10, 50):
        x, y = ((origin + (i + 0.5) * shown.cell) * shown.ratio for origin, i in ((left, query - 999), (top, query)))
        near = shown.pixels[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2, :3].astype(int)
        assert (np.abs(near - [253, 231, 37]).max(-1) <= 6).any(), f"the stripe is lost at query {query}"


def test_wheel_drag_and_fit_move_the_view(toy_trace, offline, tmp_path):
    """d3-zoom is bundled without its transitions."""
    offline.goto(aw.AttentionHeatmap(toy_trace).to_html(tmp_path / "page.html").as_uri())
    whole = wait_for_head(offline, 0, 0)
    canvas = offline.locator(HEATMAP)
    offline.locator(".aw-plot").focus()
    area = offline.locator(".aw-plot-area").bounding_box()
    offline.mouse.move(area["x"] + 100, area["y"] + 100)
    offline.mouse.wheel(0, -400)
    offline.wait_for_function("was => +document.querySelector('.aw-heatmap-canvas').dataset.cell > was", arg=whole.cell)
    before = float(canvas.get_attribute("data-origin-x"))
    offline.mouse.down()
    offline.mouse.move(area["x"] + 60, area["y"] + 60, steps=4)
    offline.mouse.up()
    offline.wait_for_function("was => +document.querySelector('.aw-heatmap-canvas').dataset.originX < was", arg=before)
    offline.get_by_role("button", name="Fit").or_(offline.get_by_text("Fit", exact=True)).first.click()
    offline.wait_for_function(
        "was => +document.querySelector('.aw-heatmap-canvas').dataset.cell === was", arg=whole.cell
    )


def test_colours_of_a_page_may_have_names(toy_trace, offline, tmp_path):
    offline.goto(aw.HeadGrid(toy_trace).to_html(tmp_path / "page.html").as_uri())
    grid = offline.locator(".aw-grid-canvas")
    grid.wait_for()
    # important: the page's own themes name both as strongly
    offline.add_style_tag(content=".aw-root { --aw-blank: rebeccapurple !important }")
    offline.evaluate("document.body.dataset.theme = 'dark'")
    offline.wait_for_timeout(300)
    shown = read_canvas(grid)
    left, top = shown.origin
    # above the diagonal of the first head
    x, y = int((left + 0.9 * shown.cell) * shown.ratio), int((top + 0.1 * shown.cell) * shown.ratio)
    assert tuple(shown.pixels[y, x, :3]) == (102, 51, 153)
