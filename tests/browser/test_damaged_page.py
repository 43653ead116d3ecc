"""An exported page that was damaged says so; it is never blank."""

from __future__ import annotations

import json
import re

import pytest
from synthetic import random_patterns

import attn_widgets as aw

TOKENS = [f"word{i}" for i in range(12)]


@pytest.fixture
def written(tmp_path):
    """The text of a page with a grid and a heatmap."""
    trace = aw.Trace.from_arrays(random_patterns(2, 3, 12), TOKENS)
    return aw.export.write_page([aw.HeadGrid(trace), aw.AttentionHeatmap(trace)], tmp_path / "page.html").read_text()


@pytest.fixture
def opened(page, tmp_path):
    def open_it(text):
        (tmp_path / "damaged.html").write_text(text)
        page.goto((tmp_path / "damaged.html").as_uri())
        return page

    return open_it


def damaged(text, change):
    """The page with its data changed."""
    start, end = re.search(r'id="attn-widgets">(.*?)</script>', text, re.S).span(1)
    data = json.loads(text[start:end])
    change(data)
    return text[:start] + json.dumps(data).replace("<", "\\u003c") + text[end:]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.995])
def test_a_file_that_was_cut_short_says_so(written, opened, kept):
    opened(written[: int(len(written) * kept)]).get_by_text("may be damaged or cut short").wait_for(timeout=5000)


def test_a_page_whose_scripts_do_not_run_says_so(browser, written, tmp_path):
    (tmp_path / "page.html").write_text(written)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.get_by_text("scripts are not").wait_for(timeout=5000)
    context.close()


def test_the_words_are_gone_from_a_page_that_opens(written, opened):
    page = opened(written)
    page.locator(".aw-heatmap-canvas[data-key]").wait_for()
    assert "could not be opened" not in page.locator("body").inner_text()


def test_data_that_is_no_json_says_so(written, opened):
    page = opened(written.replace('{"modules"', '{"modu', 1))
    page.get_by_role("alert").wait_for(timeout=5000)
    assert "could not be read" in page.get_by_role("alert").inner_text()


def _no_buffers(data):
    del data["widgets"][1]["buffers"]


def _no_info(data):
    del data["widgets"][1]["state"]["trace_info"]


def _not_base64(data):
    data["widgets"][1]["buffers"][0][1] = "?!"


def _short_bytes(data):
    for buffer in data["widgets"][1]["buffers"]:
        buffer[1] = buffer[1][:8]


def _broken_module(data):
    data["modules"]["heatmap"] = data["modules"]["heatmap"][:2000]


@pytest.mark.parametrize("change", [_no_buffers, _no_info, _not_base64, _short_bytes, _broken_module])
def test_a_damaged_widget_says_so_and_leaves_the_other_alone(written, opened, change):
    page = opened(damaged(written, change))
    second = page.locator("#attn-widgets-root > section").nth(1)
    second.get_by_role("alert").filter(has_text=re.compile(".")).first.wait_for(timeout=5000)
    page.locator(".aw-grid-canvas[data-key]").wait_for(timeout=5000)
