"""The widgets in a real JupyterLab: the canvas shows the pattern, and the selection goes both ways."""

from __future__ import annotations

from typing import Any

import pytest
from canvas import assert_shows, cell_point, head_point, read_canvas
from freeze_panel import effect, replace_token

import attn_widgets as aw

PROMPT = "The cat sat on the mat. The cat sat on the"
SETUP = f"""
import attn_widgets as aw, ipywidgets
run = aw.AttentionRun(aw.load_model("toy-induction", device="cpu"), {PROMPT!r})
heatmap = aw.AttentionHeatmap(run, palette="viridis")
"""
HEATMAP = ".aw-heatmap-canvas"
GRID = ".aw-grid-canvas"


@pytest.fixture
def patterns(toy: Any) -> Any:
    return aw.capture(toy, PROMPT).patterns


def wait_for_head(page: Any, layer: int, head: int, kind: str = "pattern", nth: int = 0) -> Any:
    """Return the canvas once it has drawn this head."""
    canvas = page.locator(HEATMAP).nth(nth)
    canvas.wait_for()
    page.wait_for_function(
        "([nth, key]) => document.querySelectorAll('.aw-heatmap-canvas')[nth]?.dataset.key?.endsWith(key)",
        arg=[nth, f"/{kind}/{layer}/{head}"],
    )
    return canvas


def focus_plot(page: Any, nth: int = 0) -> None:
    page.locator(".aw-plot").nth(nth).focus()


def test_a_head_chosen_in_the_browser_or_in_the_kernel_is_shown_cell_by_cell(open_notebook, page, patterns):
    notebook = open_notebook(SETUP, "heatmap")
    assert_shows(read_canvas(wait_for_head(page, 0, 0)), patterns[0, 0])
    focus_plot(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    notebook.wait_for("(heatmap.layer, heatmap.head)", (1, 1))
    assert_shows(read_canvas(wait_for_head(page, 1, 1)), patterns[1, 1])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    notebook.wait_for("(heatmap.layer, heatmap.head)", (0, 0))
    assert_shows(read_canvas(wait_for_head(page, 0, 0)), patterns[0, 0])
    notebook.execute("heatmap.layer, heatmap.head = 1, 3")
    assert_shows(read_canvas(wait_for_head(page, 1, 3)), patterns[1, 3])


def test_a_click_locks_a_cell_in_the_kernel_and_escape_unlocks_it(open_notebook, page):
    notebook = open_notebook(SETUP, "heatmap")
    canvas = wait_for_head(page, 0, 0)
    page.mouse.click(*cell_point(canvas, 5, 2))
    notebook.wait_for("(heatmap.query, heatmap.key)", (5, 2))
    page.keyboard.press("Escape")
    notebook.wait_for("(heatmap.query, heatmap.key)", (None, None))
    page.mouse.click(*cell_point(canvas, 0, 0))
    notebook.wait_for("(heatmap.query, heatmap.key)", (0, 0))
    page.mouse.click(*cell_point(canvas, 0, 0))
    notebook.wait_for("(heatmap.query, heatmap.key)", (None, None))


def test_hovering_names_both_tokens_and_the_value_and_stays_in_the_browser(open_notebook, page, patterns):
    notebook = open_notebook(SETUP, "heatmap")
    canvas = wait_for_head(page, 0, 0)
    page.mouse.move(*cell_point(canvas, 6, 4))
    text = page.locator(".aw-root").first
    page.wait_for_function(
        "value => document.querySelector('.aw-root').innerText.includes(value)", arg=f"{patterns[0, 0, 6, 4]:.4f}"[:5]
    )
    assert "mat" in text.inner_text()
    assert notebook.ask("(heatmap.query, heatmap.key)") == (None, None)


def test_the_prompt_is_edited_in_the_browser_and_an_error_leaves_it_usable(open_notebook, page):
    notebook = open_notebook(SETUP, "heatmap")
    wait_for_head(page, 0, 0)
    editor = page.locator(".aw-root textarea, .aw-root input[type=text]").first
    editor.fill("The zzyzx sat.")
    editor.press("Enter")
    page.get_by_role("alert").filter(has_text="zzyzx").wait_for()
    editor.fill("The dog sat.")
    editor.press("Enter")
    notebook.wait_for("run.prompt", "The dog sat.")
    notebook.wait_for("run.trace.tokens[2]", "dog")
    page.wait_for_function("!document.querySelector('.aw-root [role=alert]')?.innerText")
    assert "dog" in page.locator(".aw-root").first.inner_text()


def test_two_views_of_one_widget_live_and_a_closed_one_leaves_nothing(open_notebook, page, patterns):
    notebook = open_notebook(SETUP, "heatmap", "heatmap")
    wait_for_head(page, 0, 0, nth=1)
    both = page.evaluate("({ ...window.__attn_widgets__ })")
    notebook.execute("heatmap.head = 2")
    for nth in (0, 1):
        assert_shows(read_canvas(wait_for_head(page, 0, 2, nth=nth)), patterns[0, 2])
    notebook.clear_output(1)
    page.wait_for_function("document.querySelectorAll('.aw-heatmap-canvas').length === 1")
    one = page.evaluate("({ ...window.__attn_widgets__ })")
    assert (both["views"], one["views"]) == (2, 1)
    assert one["listeners"] * 2 == both["listeners"]
    notebook.execute("heatmap.head = 3")
    assert_shows(read_canvas(wait_for_head(page, 0, 3)), patterns[0, 3])
    notebook.clear_output(2)
    page.wait_for_function("document.querySelectorAll('.aw-heatmap-canvas').length === 0")
    none = page.evaluate("({ ...window.__attn_widgets__ })")
    assert (none["views"], none["listeners"]) == (0, 0)
    notebook.execute("heatmap.close()")
    page.wait_for_function("window.__attn_widgets__.modelListeners === 0")


def test_two_widgets_of_one_notebook_do_not_mix(open_notebook, page, patterns):
    notebook = open_notebook(
        SETUP,
        "other = aw.AttentionHeatmap(aw.AttentionRun(run.model, 'The dog sat on the red mat.'), palette='viridis')",
        "ipywidgets.VBox([heatmap, other])",
    )
    wait_for_head(page, 0, 0, nth=1)
    notebook.execute("other.layer, other.head = 1, 2")
    notebook.execute("heatmap.layer, heatmap.head = 1, 1")
    expected = aw.capture(aw.load_model("toy-induction"), "The dog sat on the red mat.").patterns
    assert_shows(read_canvas(wait_for_head(page, 1, 2, nth=1)), expected[1, 2])
    assert_shows(read_canvas(wait_for_head(page, 1, 1, nth=0)), patterns[1, 1])


def test_the_grid_selects_and_a_jslink_moves_the_heatmap(open_notebook, page, patterns):
    notebook = open_notebook(
        SETUP + "grid = aw.HeadGrid(run, palette='viridis')\n"
        "for name in ('layer', 'head', 'query', 'key'):\n    ipywidgets.jslink((grid, name), (heatmap, name))",
        "ipywidgets.VBox([grid, heatmap])",
    )
    wait_for_head(page, 0, 0)
    grid = page.locator(GRID)
    grid.wait_for()
    page.mouse.click(*head_point(grid, 1, 2))
    notebook.wait_for("(grid.layer, grid.head, heatmap.layer, heatmap.head)", (1, 2, 1, 2))
    assert_shows(read_canvas(wait_for_head(page, 1, 2)), patterns[1, 2])
    page.keyboard.press("ArrowLeft")
    notebook.wait_for("(grid.layer, grid.head, heatmap.layer, heatmap.head)", (1, 1, 1, 1))
    notebook.execute("heatmap.head = 0")
    notebook.wait_for("grid.head", 0)


def test_scores_and_scales_are_drawn(open_notebook, page, patterns):
    notebook = open_notebook(SETUP, "heatmap")
    wait_for_head(page, 0, 0)
    notebook.execute("heatmap.scale = 'row_max'")
    page.wait_for_function("document.querySelector('.aw-heatmap-canvas').dataset.scale === 'row_max'")
    pattern = patterns[0, 0]
    assert_shows(read_canvas(page.locator(HEATMAP)), pattern / pattern.max(-1, keepdims=True))
    notebook.execute("heatmap.scale = 'linear'; heatmap.kind = 'value_weighted'")
    canvas = read_canvas(wait_for_head(page, 0, 0, "value_weighted"))
    weighted = aw.capture(aw.load_model("toy-induction"), PROMPT, value_norms=True).head("L0H0", "value_weighted")
    assert_shows(canvas, weighted / weighted.max())


def test_the_theme_is_followed(open_notebook, page):
    notebook = open_notebook(SETUP + "heatmap.palette = 'blues'", "heatmap")
    canvas = wait_for_head(page, 0, 0)
    light = read_canvas(canvas).cells(2, 2)[0, 1].mean()
    notebook.theme("JupyterLab Dark")
    try:
        page.wait_for_timeout(500)
        dark = read_canvas(page.locator(HEATMAP)).cells(2, 2)[0, 1].mean()
        assert light > 200 > 80 > dark
    finally:
        notebook.theme("JupyterLab Light")


def test_smollm2_is_browsed_head_by_head_and_frozen(open_notebook, page, smollm2):
    text = "The quick brown fox jumps over the lazy dog near the river bank. " * 12
    ids = smollm2.encode(text)[:128]
    notebook = open_notebook(
        "import attn_widgets as aw, ipywidgets\n"
        f"run = aw.AttentionRun(aw.load_model('smollm2-135m', device='cpu'), {ids})\n"
        "heatmap = aw.AttentionHeatmap(run, palette='viridis', scale='linear')\n"
        "grid = aw.HeadGrid(run, palette='viridis')\n"
        "for name in ('layer', 'head', 'query', 'key'):\n    ipywidgets.jslink((grid, name), (heatmap, name))",
        "box = ipywidgets.VBox([grid, heatmap])\nbox",
        timeout=240,
    )
    patterns = aw.capture(smollm2, ids).patterns
    wait_for_head(page, 0, 0)
    focus_plot(page)
    for layer in range(1, 19):
        page.keyboard.press("ArrowDown")
        wait_for_head(page, layer, 0)
    for head in range(1, 7):
        page.keyboard.press("ArrowRight")
        wait_for_head(page, 18, head)
    notebook.wait_for("(grid.layer, grid.head)", (18, 6))
    assert_shows(read_canvas(page.locator(HEATMAP)), patterns[18, 6])

    # a longer prompt takes long enough to be seen working
    editor = page.locator(".aw-prompt-text").last
    editor.fill(text * 4)
    editor.press("Enter")
    page.locator(".aw-root[aria-busy=true]").last.wait_for()
    page.wait_for_function(
        "![...document.querySelectorAll('.aw-root')].some(e => e.ariaBusy === 'true')", timeout=60_000
    )
    notebook.wait_for("(run.prompt, run.busy, run.progress)", (text * 4, False, 1.0))
    notebook.wait_for("heatmap.pattern['shape'] == [run.trace.n_keys] * 2", True)

    # the same model, edited and frozen
    base = "When Mary and John went to the store, John gave a drink to"
    notebook.execute(
        f"frozen_run = aw.FrozenRun(aw.AttentionRun(run.model, {base!r}))\n"
        "box.children = [aw.FreezePanel(frozen_run, layer=18, head=6)]"
    )
    page.locator(f'{HEATMAP}[data-key$="/live/18/6"]').wait_for(timeout=60_000)
    replace_token(page, 2, "Sarah", notebook.ask("run.model.token_id(' Sarah')"))
    notebook.wait_for("(frozen_run.live.tokens[2], frozen_run.busy, frozen_run.error)", (" Sarah", False, ""), 60)
    page.get_by_role("switch").click()
    notebook.wait_for("frozen_run.frozen", True)
    page.wait_for_function("document.querySelector('[data-effect=total]').dataset.value !== '0'")
    assert effect(page, "total") == pytest.approx(notebook.ask("frozen_run.effects.logit(' Mary').total"), abs=1e-3)
    assert abs(notebook.ask("frozen_run.attribution.sum_error")) < 1e-3
