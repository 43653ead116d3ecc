"""Linked widgets in a real JupyterLab and on a page without a kernel: one head, one cell, one hover."""

from __future__ import annotations

from typing import Any

import pytest
from canvas import assert_shows, cell_point, head_point, read_canvas

import attn_widgets as aw

PROMPT = "The cat sat on the mat. The cat sat on the"
SETUP = f"""
import attn_widgets as aw
run = aw.AttentionRun(aw.load_model("toy-induction", device="cpu"), {PROMPT!r})
first, second = aw.AttentionHeatmap(run, palette="viridis"), aw.AttentionHeatmap(run, palette="viridis")
grid = aw.HeadGrid(run)
link = aw.link(first, second, grid)
"""
HEATMAP = ".aw-heatmap-canvas"
GRID = ".aw-grid-canvas"
HEADS = "[(w.layer, w.head) for w in (first, second, grid)]"
CELLS = "[(w.query, w.key) for w in (first, second, grid)]"


@pytest.fixture
def updates(page: Any) -> list[str]:
    """What the widgets of the page send to the kernel, one text a message."""
    found: list[str] = []

    def note(frame: str | bytes) -> None:
        text = frame.decode("utf-8", "replace") if isinstance(frame, bytes) else frame
        if "comm_msg" in text and '"method":"update"' in text:
            found.append(text)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    return found


def heatmap(page: Any, nth: int, layer: int, head: int) -> Any:
    """Return one of the heatmaps' canvas once it has drawn this head."""
    page.wait_for_function(
        "([nth, key]) => document.querySelectorAll('.aw-heatmap-canvas')[nth]?.dataset.key?.endsWith(key)",
        arg=[nth, f"/pattern/{layer}/{head}"],
    )
    return page.locator(HEATMAP).nth(nth)


def wait_for_readout(page: Any, nth: int, where: str) -> None:
    page.wait_for_function(
        "([nth, where]) => document.querySelectorAll('.aw-where')[nth].innerText === where", arg=[nth, where]
    )


def told(updates):
    """What was chosen: on a busy machine a heatmap asks again for what has not come within a third of a second."""
    return [one for one in updates if '"state":{"shown":""}' not in one]


def test_a_choice_in_one_cell_of_the_notebook_moves_the_others_at_the_cost_of_a_message_each(
    open_notebook, page, updates, toy
):
    notebook = open_notebook(SETUP, "first", "second", "grid")
    patterns = aw.capture(toy, PROMPT).patterns
    heatmap(page, 0, 0, 0)
    heatmap(page, 1, 0, 0)
    page.locator(GRID).wait_for()
    page.wait_for_timeout(1000)
    updates.clear()

    page.mouse.click(*head_point(page.locator(GRID), 1, 2))
    assert_shows(read_canvas(heatmap(page, 0, 1, 2)), patterns[1, 2])
    assert_shows(read_canvas(heatmap(page, 1, 1, 2)), patterns[1, 2])
    notebook.wait_for(HEADS, [(1, 2)] * 3)
    page.wait_for_timeout(1000)
    assert len(told(updates)) == 3, updates

    updates.clear()
    page.mouse.click(*cell_point(page.locator(HEATMAP).nth(1), 5, 2))
    notebook.wait_for(CELLS, [(5, 2)] * 3)
    wait_for_readout(page, 0, "query 5, key 2")
    page.wait_for_timeout(1000)
    assert len(told(updates)) == 3, updates

    # here already, so nothing is asked for
    updates.clear()
    page.locator(".aw-plot").first.focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    notebook.wait_for(HEADS, [(1, 2)] * 3)
    heatmap(page, 1, 1, 2)
    page.wait_for_timeout(1000)
    assert len(told(updates)) <= 4 * 3, len(updates)
    assert notebook.ask(HEADS) == [(1, 2)] * 3

    notebook.execute("second.layer = 0")
    heatmap(page, 0, 0, 2)
    notebook.wait_for(HEADS, [(0, 2)] * 3)


def test_hovering_is_seen_in_linked_heatmaps_only_and_never_in_the_kernel(open_notebook, page, updates):
    notebook = open_notebook(SETUP + "alone = aw.AttentionHeatmap(run)", "first", "second", "alone")
    heatmap(page, 0, 0, 0)
    canvas = heatmap(page, 1, 0, 0)
    heatmap(page, 2, 0, 0)
    page.wait_for_timeout(500)
    updates.clear()
    page.mouse.move(*cell_point(canvas, 6, 4))
    wait_for_readout(page, 0, "query 6, key 4")
    assert page.locator(".aw-where").nth(2).inner_text() == ""
    assert page.locator(".aw-tip:visible").count() == 1
    page.mouse.move(1, 1)
    wait_for_readout(page, 0, "")
    assert updates == []
    assert notebook.ask(CELLS) == [(None, None)] * 3


def test_unlink_ends_it_and_a_closed_view_leaves_no_listener(open_notebook, page):
    notebook = open_notebook(SETUP, "first", "second")
    canvas = heatmap(page, 0, 0, 0)
    heatmap(page, 1, 0, 0)
    before = page.evaluate("window.__attn_widgets_bus_2__.size")
    assert before == 3  # one seat a model, also for the grid that has no view
    notebook.execute("link.unlink()")
    page.wait_for_timeout(300)
    page.mouse.move(*cell_point(canvas, 6, 4))
    wait_for_readout(page, 0, "query 6, key 4")
    page.locator(".aw-plot").first.focus()
    page.keyboard.press("ArrowRight")
    heatmap(page, 0, 0, 1)
    notebook.wait_for(HEADS, [(0, 1), (0, 0), (0, 0)])
    assert page.locator(".aw-where").nth(1).inner_text() == ""
    page.wait_for_timeout(500)
    assert notebook.ask(HEADS) == [(0, 1), (0, 0), (0, 0)]
    notebook.execute("for w in (first, second, grid): w.close()")
    page.wait_for_function("window.__attn_widgets_bus_2__.size === 0")
    assert page.evaluate("window.__attn_widgets__.modelListeners") == 0


def test_a_linked_page_needs_no_kernel(toy_trace, page, tmp_path):
    raised: list[str] = []
    page.on("pageerror", lambda error: raised.append(str(error)))
    page.context.set_offline(True)
    widgets = [aw.HeadGrid(toy_trace), *(aw.AttentionHeatmap(toy_trace, palette="viridis") for _ in range(2))]
    page.goto(aw.export.write_page(widgets, tmp_path / "page.html").as_uri())
    heatmap(page, 1, 0, 0)
    page.mouse.click(*head_point(page.locator(GRID), 1, 3))
    for nth in (0, 1):
        assert_shows(read_canvas(heatmap(page, nth, 1, 3)), toy_trace.patterns[1, 3])
    page.mouse.click(*cell_point(page.locator(HEATMAP).nth(1), 4, 2))
    wait_for_readout(page, 0, "query 4, key 2")
    page.mouse.move(*cell_point(page.locator(HEATMAP).nth(1), 7, 3))
    wait_for_readout(page, 0, "query 7, key 3")
    page.mouse.move(1, 1)
    wait_for_readout(page, 0, "query 4, key 2")
    assert raised == []


def middle(element: Any) -> tuple[float, float]:
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# from a move of the pointer: how many frames begin until `selector` reads `text`
FRAMES = """
([selector, nth, text]) => {
  let frames = 0, moved = false, answered = null;
  const count = () => { frames += 1; if (answered === null) requestAnimationFrame(count); };
  const begin = () => {
    if (!moved) requestAnimationFrame(count);
    moved = true;
  };
  for (const type of ["pointerover", "pointermove"]) window.addEventListener(type, begin, { capture: true });
  const target = document.querySelectorAll(selector)[nth];
  const look = () => { if (moved && answered === null && target.textContent === text) answered = frames; };
  new MutationObserver(look).observe(target, { childList: true, characterData: true, subtree: true });
  window.framesToAnswer = () => answered;
}
"""


@pytest.mark.parametrize(
    ("point", "selector", "text"),
    [
        (lambda page: cell_point(page.locator(HEATMAP).nth(1), 7, 3), ".aw-where", "query 7, key 3"),
        (lambda page: middle(page.locator("tr[data-head=L1H1] .aw-relative-name").first), ".aw-preview-name", "L1H1"),
    ],
    ids=["a cell in another heatmap", "a head of a card in the grid, from another bundle"],
)
def test_what_is_pointed_at_is_shown_in_a_linked_widget_in_the_same_frame(toy, page, tmp_path, point, selector, text):
    traces = aw.capture(toy, [PROMPT, "Mary cat John dog Tom bird Anna fish Mary"])
    card = aw.HeadCard(aw.HeadMap(traces, method="pca"), "L1H1")
    heatmaps = [aw.AttentionHeatmap(traces[0]) for _ in range(2)]
    page.goto(aw.export.write_page([*heatmaps, aw.HeadGrid(traces[0]), card], tmp_path / "page.html").as_uri())
    heatmap(page, 1, 0, 0)
    to = point(page)
    page.mouse.move(1, 1)
    page.wait_for_timeout(300)
    page.evaluate(FRAMES, [selector, 0, text])
    page.mouse.move(*to)
    page.wait_for_function("framesToAnswer() !== null")
    assert page.evaluate("framesToAnswer()") == 1


def test_a_pattern_of_a_card_opens_in_a_linked_heatmap_with_its_prompt(open_notebook, page, toy):
    other = "The dog sat on the red mat."
    capture = aw.capture(toy, other)
    notebook = open_notebook(
        "import attn_widgets as aw\n"
        "model = aw.load_model('toy-induction', device='cpu')\n"
        f"run = aw.AttentionRun(model, {PROMPT!r})\n"
        f"card = aw.HeadCard(aw.HeadMap([aw.AttentionRun(model, text) for text in ({PROMPT!r}, {other!r})]), 'L1H1')\n"
        "first, grid = aw.AttentionHeatmap(run, palette='viridis'), aw.HeadGrid(run)\n"
        "link = aw.link(card, first, grid)",
        "card",
        "first",
        "grid",
    )
    heatmap(page, 0, 1, 1)
    thumb = page.locator('.aw-thumb[data-head="L1H2"][data-column="1"]')
    thumb.hover()
    page.wait_for_function("document.querySelector('.aw-preview-name').innerText === 'L1H2'")
    assert notebook.ask("(grid.layer, grid.head)") == (1, 1)
    thumb.click()
    notebook.wait_for("[(w.layer, w.head) for w in (card, first, grid)]", [(1, 2)] * 3)
    notebook.wait_for("run.prompt", other)
    page.wait_for_function(
        "n => document.querySelector('.aw-heatmap .aw-plot').ariaLabel.endsWith(`${n} by ${n} tokens`)",
        arg=len(capture.tokens),
    )
    assert_shows(read_canvas(heatmap(page, 0, 1, 2)), capture.patterns[1, 2])
