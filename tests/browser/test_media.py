"""A page on paper, in colours that the system forces, and with tokens of odd characters and other scripts."""

from __future__ import annotations

import pytest
from synthetic import random_patterns

import attn_widgets as aw

LONG = "x" * 150 + "end"
TOKENS = ["<bos>", " the", "zero\u200bwidth", "\ufeffbom", "soft\u00adhy", "\u202ertl", "end  ", "\u00a0", "\u3000"]
TOKENS += [
    "\t",
    "\n",
    "\u2764\ufe0e",
    " \u05e9\u05dc\u05d5\u05dd",
    "(",
    "\u05e2\u05d5\u05dc\u05dd",
    " \u0633\u0644\u0627\u0645",
]
TOKENS += ["12", "\u0639\u0627\u0644\u0645", LONG] + [f" word{i}" for i in range(200)]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    n = len(TOKENS)
    trace = aw.Trace.from_arrays(random_patterns(2, 3, n), TOKENS)
    path = tmp_path_factory.mktemp("media") / "page.html"
    return aw.export.write_page([aw.HeadGrid(trace), aw.AttentionHeatmap(trace)], path)


@pytest.fixture
def opened(page, written):
    page.goto(written.as_uri())
    page.locator(".aw-heatmap-canvas[data-key]").wait_for()
    return page


def test_tokens_of_other_scripts_keep_their_place(opened):
    """Their boxes follow each other from left to right, as the tokens do."""
    boxes = opened.locator(".aw-heatmap .aw-token").evaluate_all(
        "tokens => tokens.slice(0, 18).map((t) => { const b = t.getBoundingClientRect(); return [b.top, b.left] })"
    )
    assert boxes == sorted(boxes)
    shown = opened.locator(".aw-heatmap .aw-token").all_inner_texts()[:12]
    assert "zero\u2039U+200B\u203awidth" in shown
    assert all(opened.locator(".aw-heatmap .aw-token").nth(i).bounding_box()["width"] > 6 for i in range(18))


@pytest.mark.parametrize("width", [340, 1000])
def test_the_tip_of_a_long_token_is_inside_the_widget(opened, width):
    opened.set_viewport_size({"width": width, "height": 900})
    opened.wait_for_timeout(300)
    plot = opened.locator(".aw-plot")
    plot.scroll_into_view_if_needed()
    box = opened.locator(".aw-plot-area").bounding_box()
    cell = box["width"] / len(TOKENS)
    long = TOKENS.index(LONG)
    for x, y in [(18.5, len(TOKENS) - 1.5), (long + 0.5, long + 0.5), (0.5, long + 0.5)]:
        opened.mouse.move(box["x"] + x * cell, box["y"] + y * cell)
        tip = opened.locator(".aw-tip:visible")
        tip.wait_for()
        inside, around = tip.bounding_box(), opened.locator(".aw-heatmap").bounding_box()
        assert inside["x"] >= around["x"]
        assert inside["x"] + inside["width"] <= around["x"] + around["width"]
        assert inside["y"] >= around["y"]
        assert inside["y"] + inside["height"] <= around["y"] + around["height"]
        assert tip.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_on_paper_it_is_light_whole_and_without_controls(opened):
    opened.emulate_media(media="print", color_scheme="dark")
    root = opened.locator(".aw-heatmap")
    opened.locator('.aw-heatmap[data-aw-theme="print"]').wait_for()
    assert opened.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert root.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.locator(".aw-root .aw-select:visible, .aw-root .aw-button:visible").count() == 0
    assert opened.locator(".aw-heatmap-canvas").is_visible()
    strip = opened.locator(".aw-heatmap .aw-strip").first
    assert strip.evaluate("e => e.scrollHeight <= e.clientHeight")
    opened.emulate_media(media="screen", color_scheme="dark")
    opened.locator('.aw-heatmap[data-aw-theme="dark"]').wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_colours_are_forced_values_keep_theirs_and_marks_are_seen(opened, scheme):
    opened.emulate_media(forced_colors="active", color_scheme=scheme)
    tokens = opened.locator(".aw-heatmap .aw-token")
    tokens.nth(5).click()
    opened.locator(f'.aw-heatmap[data-aw-theme="{scheme}"]').wait_for()
    opened.locator(".aw-token.aw-locked").wait_for()
    assert tokens.nth(5).evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    painted = tokens.evaluate_all("all => new Set(all.slice(0, 6).map(e => getComputedStyle(e).backgroundColor)).size")
    assert painted > 2


def test_motion_stops_for_those_who_ask(opened):
    opened.emulate_media(reduced_motion="reduce")
    for selector in (".aw-heatmap-canvas", ".aw-grid-canvas"):
        assert opened.locator(selector).evaluate("e => getComputedStyle(e).transitionDuration") == "0s"


def test_a_freeze_panel_on_paper_says_what_its_numbers_are_of(page, tmp_path, toy):
    frozen_run = aw.FrozenRun(aw.AttentionRun(toy, "Tom gave Anna the book"))
    page.goto(aw.FreezePanel(frozen_run).to_html(tmp_path / "page.html").as_uri())
    page.emulate_media(media="print")
    page.locator('.aw-freeze[data-aw-theme="print"]').wait_for()
    page.locator(".aw-output-bar .aw-select:visible").first.wait_for()
    assert page.locator(".aw-button:visible").count() == 0
