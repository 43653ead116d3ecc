"""Widgets in surroundings that ask something of them: a dark page they join late."""

from __future__ import annotations

import numpy as np
import pytest
from canvas import read_canvas
from synthetic import random_patterns

import attn_widgets as aw

# As in Notebook 7: widgets are rendered into an element that joins the page only later.
_LATE = """
const find = Document.prototype.getElementById;
Document.prototype.getElementById = function (id) {
  const found = find.call(this, id);
  if (id === 'attn-widgets-root') { found.remove(); window.late = found; }
  return found;
};
"""
_DARK = "document.body.dataset.jpThemeLight = 'false'; document.body.style.setProperty('--jp-layout-color0', '#111111')"


@pytest.fixture
def open_page(page, tmp_path):
    """Export widgets to a page and open it."""

    def open_it(*widgets):
        page.goto(aw.export.write_page(widgets, tmp_path / "page.html").as_uri())
        return page

    return open_it


def trace_of(tokens, **how):
    return aw.Trace.from_arrays(random_patterns(2, 3, len(tokens), **how), tokens)


@pytest.mark.parametrize("widget", [aw.AttentionHeatmap, aw.HeadGrid])
def test_what_joins_a_dark_page_after_it_was_rendered_is_drawn_for_a_dark_page(page, open_page, widget):
    page.add_init_script(_LATE)
    open_page(widget(trace_of([f"word{i}" for i in range(8)])))
    page.evaluate(_DARK)
    page.wait_for_function("window.late?.querySelector('canvas[data-key]')")
    page.evaluate("document.body.append(window.late)")
    canvas = page.locator("canvas[data-key]")
    page.wait_for_function("document.querySelector('canvas[data-key]').width > 200")
    page.wait_for_timeout(300)
    shown = read_canvas(canvas)
    left, top = (round(side * shown.ratio) for side in shown.origin)
    labels = shown.pixels[top:, : left - 6].astype(int)
    # in the page's colours text is light
    assert labels[..., :3].max(-1)[labels[..., 3] > 200].max() > 200
    cells = shown.cells(8, 8) if widget is aw.AttentionHeatmap else shown.pixels[None, top + 2, left + 40 : left + 60]
    future = cells[0, 1:, :3]
    assert np.median(future) < 80, "the masked half is light on a dark page"
