"""What a canvas shows, read back from its pixels."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray

_READ = """canvas => {
  const { width, height } = canvas;
  const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  let text = '';
  for (let i = 0; i < pixels.length; i += 32768) text += String.fromCharCode(...pixels.subarray(i, i + 32768));
  return { width, height, css: canvas.getBoundingClientRect().width, pixels: btoa(text), data: { ...canvas.dataset } };
}"""


@dataclass(frozen=True)
class Canvas:
    """Pixels [y, x, rgba] of a canvas, and where it says its cells are."""

    pixels: NDArray[np.uint8]
    ratio: float
    data: dict[str, str]

    @property
    def origin(self) -> tuple[float, float]:
        """Left and top of the first cell, in CSS pixels."""
        return float(self.data["originX"]), float(self.data["originY"])

    @property
    def cell(self) -> float:
        return float(self.data["cell"])

    def cells(self, n_queries: int, n_keys: int) -> NDArray[np.uint8]:
        """Colours [query, key, rgb] at the centres of the cells."""
        left, top = self.origin
        x = ((left + (np.arange(n_keys) + 0.5) * self.cell) * self.ratio).astype(int)
        y = ((top + (np.arange(n_queries) + 0.5) * self.cell) * self.ratio).astype(int)
        return self.pixels[y[:, None], x[None, :], :3]


def read_canvas(locator: Any) -> Canvas:
    """Read a canvas's pixels and data attributes."""
    read = locator.evaluate(_READ)
    pixels = np.frombuffer(base64.b64decode(read["pixels"]), np.uint8).reshape(read["height"], read["width"], 4)
    return Canvas(pixels, read["width"] / read["css"], read["data"])


def steady(locator: Any) -> tuple[Canvas, dict[str, float]]:
    """Read a canvas, and its box on the page, once both hold still: a new notebook still moves what is in it."""
    locator.scroll_into_view_if_needed()
    shown, box = read_canvas(locator), locator.bounding_box()
    for _ in range(50):
        locator.page.wait_for_timeout(150)
        before, (shown, box) = (shown.data, box), (read_canvas(locator), locator.bounding_box())
        if before == (shown.data, box):
            break
    return shown, box


def cell_point(canvas: Any, query: int, key: int) -> tuple[float, float]:
    """Return the middle of a heatmap's cell, on the page."""
    shown, box = steady(canvas)
    left, top = shown.origin
    return box["x"] + left + (key + 0.5) * shown.cell, box["y"] + top + (query + 0.5) * shown.cell


def head_point(grid: Any, layer: int, head: int) -> tuple[float, float]:
    """Return the middle of a grid's thumbnail, on the page."""
    shown, box = steady(grid)
    left, top = shown.origin
    step = shown.cell + float(shown.data["gap"])
    column, row = (layer, head) if shown.data["layers"] == "across" else (head, layer)
    return box["x"] + left + column * step + shown.cell / 2, box["y"] + top + row * step + shown.cell / 2


def viridis(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Colours [..., rgb] that matplotlib gives to values in [0, 1]."""
    return matplotlib.colormaps["viridis"](np.clip(values, 0, 1), bytes=True)[..., :3]


def assert_shows(canvas: Canvas, pattern: NDArray[Any], *, causal: bool = True) -> None:
    """Fail unless the canvas shows this pattern, cell by cell, in matplotlib's viridis."""
    n_queries, n_keys = pattern.shape
    seen, expected = canvas.cells(n_queries, n_keys).astype(int), viridis(pattern).astype(int)
    visible = np.tri(n_queries, n_keys, dtype=bool) if causal else np.ones_like(pattern, bool)
    # one step of a 256-colour palette moves a channel by up to 4
    off = np.abs(seen - expected).max(-1) * visible
    query, key = np.unravel_index(off.argmax(), off.shape)
    assert off.max() <= 6, (
        f"query {query}, key {key} is {seen[query, key]}, expected {expected[query, key]} for "
        f"{pattern[query, key]:.4f} ({json.dumps(canvas.data)})"
    )
    assert np.ptp(expected[visible], axis=0).max() > 40, "the pattern is too plain to prove anything"
