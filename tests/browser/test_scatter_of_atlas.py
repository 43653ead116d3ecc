"""HeadScatter over an atlas, on a page without a kernel: columns are axes, filters are reached by keyboard."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from test_scatter import CANVAS, locate, on_page, wait_until_drawn

import attn_widgets as aw

TEXTS = [
    "The cat sat on the mat. The cat sat on the mat. The cat sat on the mat.",
    "Tom has a red apple. Mary has a red apple. Tom has a red apple.",
]
CHECKPOINTS = (0, 6, 11)
N = 8 * len(CHECKPOINTS)


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    models = [{"model": "toy-induction", "checkpoint": k, "device": "cpu"} for k in CHECKPOINTS]
    return aw.build_atlas(models, TEXTS, tmp_path_factory.mktemp("atlas"), progress=False)


def stands_out(canvas: Any, index: int) -> float:
    """How much the pixels where a point is said to be differ from the background."""
    pixels = np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")).astype(float)
    background = np.median(pixels.reshape(-1, 3), axis=0)
    x, y = map(round, locate(canvas, index))
    return float(np.abs(pixels[y - 1 : y + 2, x - 1 : x + 2] - background).max())


def test_columns_are_axes_and_filters_leave_out(page, tmp_path, atlas):
    head_map = aw.HeadMap(atlas, method="pca")
    scatter = aw.HeadScatter(head_map, x="depth", y="induction", color_by="model")
    page.set_viewport_size({"width": 1000, "height": 800})
    page.goto(scatter.to_html(tmp_path / "page.html").as_uri())
    canvas = wait_until_drawn(page)
    table = head_map.table
    seen = np.array([locate(canvas, index) for index in range(N)])
    assert np.corrcoef(seen[:, 0], table["depth"])[0, 1] > 0.9999
    assert np.corrcoef(-seen[:, 1], table["induction"])[0, 1] > 0.9999
    top = int(table["induction"].argmax())
    assert stands_out(canvas, top) > 20

    page.mouse.move(*on_page(canvas, top))
    tip = page.locator(f'.aw-hover-tip[data-head="{table["name"][top]}"]')
    tip.wait_for()
    assert "Mean pattern over 2 passages, in words" in tip.inner_text()
    assert tip.locator("canvas").is_visible()
    page.mouse.move(2, 2)

    page.get_by_role("button", name="Filter", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the search for a head
    page.keyboard.press("Tab")
    page.keyboard.type("@6 l1")
    page.locator(f'{CANVAS}[data-visible="4"]').wait_for()
    assert page.locator(".aw-shown-count").inner_text() == f"4 of {N} heads"
    for index, name in enumerate(table["name"]):
        assert (locate_or_none(canvas, index) is not None) == name.startswith("toy-induction@6:L1")
    page.get_by_role("button", name="Take this filter away").click()
    page.locator(f'{CANVAS}[data-visible="{N}"]').wait_for()

    # an axis is found by typing, and the points go there
    up = page.get_by_role("combobox", name="Up")
    up.click()
    page.keyboard.type("previous token")
    page.keyboard.press("Enter")
    assert up.input_value() == "previous token"
    page.wait_for_timeout(300)
    seen = np.array([locate(canvas, index) for index in range(N)])
    assert np.corrcoef(-seen[:, 1], table["previous_token"])[0, 1] > 0.9999


def test_training_is_stepped_through_by_keyboard_and_played(page, tmp_path, atlas):
    head_map = aw.HeadMap(atlas, method="pca")
    page.goto(aw.HeadScatter(head_map).to_html(tmp_path / "page.html").as_uri())
    canvas = wait_until_drawn(page)
    assert canvas.get_attribute("data-visible") == str(N)
    rest = [locate(canvas, index) for index in range(N)]
    slider = page.get_by_role("slider", name="Checkpoint")
    slider.focus()
    for model in ("toy-induction@0", "toy-induction@6", "toy-induction"):
        page.keyboard.press("ArrowRight")
        page.locator(f'{CANVAS}[data-visible="8"]').wait_for()
        assert slider.get_attribute("aria-valuetext") == model
        page.wait_for_timeout(200)
        for index, of in enumerate(head_map.table["model"]):
            found = locate_or_none(canvas, index)
            assert (found is not None) == (of == model)
            assert found is None or found == pytest.approx(rest[index], abs=0.1)
    page.get_by_role("button", name="Play the training").click()
    page.wait_for_function("Number(document.querySelector('.aw-course-slider').value) % 1 > 0.1")
    page.get_by_role("button", name="Play the training").wait_for(timeout=30_000)
    assert slider.get_attribute("aria-valuetext") == "toy-induction", "it stops at the end"
    page.get_by_role("button", name="All checkpoints").click()
    page.locator(f'{CANVAS}[data-visible="{N}"]').wait_for()


def locate_or_none(canvas: Any, index: int) -> tuple[float, float] | None:
    try:
        return locate(canvas, index)
    except ValueError:
        return None
