"""The exported page of 12 x 12 heads and 64 tokens: its size, and that it works with no network."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from chromium import chromium
from synthetic import random_patterns
from table import Row

import attn_widgets as aw

_LAYERS, _HEADS, _TOKENS = 12, 12, 64
_BUDGET = 1_500_000
_HEATMAP_IS_OF = "head => document.querySelector('.aw-heatmap-canvas')?.dataset.key?.endsWith(head)"


def bench() -> list[Row]:
    tokens = [f" word{i}" for i in range(_TOKENS)]
    trace = aw.Trace.from_arrays(random_patterns(_LAYERS, _HEADS, _TOKENS), tokens)
    what = f"exported page, {_LAYERS} x {_HEADS} x {_TOKENS}"
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = aw.export.write_page([aw.HeadGrid(trace), aw.AttentionHeatmap(trace)], Path(folder) / "page.html")
        size = path.stat().st_size
        found = _open_offline(browser, path)
    return [
        Row(what, f"{size / 1e6:.2f} MB", "", "", f"< {_BUDGET / 1e6} MB", size < _BUDGET),
        Row(f"{what}, no network", found or "opens; linking is alive", "", "", "works", not found),
    ]


def _open_offline(browser: Any, path: Path) -> str:
    """What goes wrong without a network; "" if nothing does."""
    from playwright.sync_api import TimeoutError as NeverHappened

    context = browser.new_context(offline=True)
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    try:
        page.wait_for_function(_HEATMAP_IS_OF, arg="/0/0", timeout=20_000)
        grid = page.locator(".aw-grid-canvas[data-key]")
        at = {name: float(grid.get_attribute(f"data-{name}")) for name in ("origin-x", "origin-y", "cell", "gap")}
        layer, head = 3, 5
        pitch, middle = at["cell"] + at["gap"], at["cell"] / 2
        grid.click(
            position={"x": at["origin-x"] + head * pitch + middle, "y": at["origin-y"] + layer * pitch + middle},
            force=True,
        )
        page.wait_for_function(_HEATMAP_IS_OF, arg=f"/{layer}/{head}", timeout=5_000)
    except NeverHappened as error:
        errors.append(str(error).splitlines()[0])
    outside = [url for url in asked if url.startswith(("http:", "https:", "ws:", "wss:"))]
    return "; ".join([*errors, *(f"asked for {url}" for url in outside)])
