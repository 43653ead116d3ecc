"""From a key pressed in a linked grid or heatmap in JupyterLab to the other head painted, and where the time goes.

Patterns of SmolLM2's size: 30 layers x 9 heads x 128 tokens. Each head is gone to twice: the first time the kernel
sends it, the second time the browser has it. What the kernel and the browser say to each other is heard at the
connection: `asked` is the time until the message leaves, `answered` until the pattern has come, `painted` the rest,
which ends with the frame in which the plot shows the head and the grid marks it.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from chromium import chromium
from lab import LabNotebook
from lab_server import jupyterlab, page_of, start_kernel, write_notebook
from table import Row

_SETUP = """
import numpy as np, attn_widgets as aw
rng = np.random.default_rng(0)
patterns = np.tril(rng.gamma(0.1, size=(30, 9, 128, 128)) + 1e-4)
patterns /= patterns.sum(-1, keepdims=True)
trace = aw.Trace.from_arrays(patterns.astype(np.float32), [f" word{i}" for i in range(128)])
heatmap, grid = aw.AttentionHeatmap(trace), aw.HeadGrid(trace)
aw.link(heatmap, grid)
"""
_HEARD = """() => {
  window.heard = [];
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.anyMessage.connect((_, { direction, msg }) => window.heard.push({
    at: performance.now(),
    direction,
    type: msg.header.msg_type,
    traits: Object.keys(msg.content.data?.state ?? {}),
    bytes: (msg.buffers ?? []).reduce((sum, buffer) => sum + buffer.byteLength, 0),
    made: Date.parse(msg.header.date) - performance.timeOrigin,
  }));
}"""
# one step: {at: when it was painted, and all that was heard until then}, in ms since the key
_STEP = """async ([key, head]) => {
  const plot = document.querySelector('.aw-plot');
  const canvas = document.querySelector('.aw-heatmap-canvas');
  const grid = document.querySelector('.aw-grid');
  await new Promise(requestAnimationFrame);
  await new Promise(resolve => setTimeout(resolve, 7));
  window.heard.length = 0;
  const start = performance.now();
  plot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const there = () => canvas.dataset.key.endsWith(head)
    && grid.getAttribute('aria-label').includes('L' + head.slice(1).replace('/', 'H') + ' ');
  // asked for after the page's own frame work of a frame, which is what is to be seen
  while (!there()) await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
  const at = performance.now() - start;
  await new Promise(resolve => setTimeout(resolve, 400));
  return { at, heard: window.heard.map(one => ({ ...one, at: one.at - start, made: one.made - start })) };
}"""


def bench() -> list[Row]:
    first, again = steps()
    rows = []
    for what, taken, before in (("first visit", first, 119), ("seen before", again, 80)):
        middle = statistics.median(step["at"] for step in taken)
        parts = ", ".join(f"{name} {value:.0f}" for name, value in split(taken).items())
        rows.append(
            Row(
                f"head switch in JupyterLab, 30 x 9 x 128, {what}",
                f"{middle:.0f} ms",
                parts,
                "",
                f"<= {before / 2:.0f} ms",
                middle <= before / 2,
            )
        )
    return rows


def split(taken: list[dict[str, Any]]) -> dict[str, float]:
    """Medians in ms: until the message leaves, the pattern comes, and it is painted."""
    parts: dict[str, list[float]] = {}
    for step in taken:
        sent = [one["at"] for one in step["heard"] if one["direction"] == "send" and "head" in one["traits"]]
        came = [one["at"] for one in step["heard"] if one["direction"] == "recv" and one["bytes"] > 0]
        begun = 0.0
        for name, times in (("asked", sent), ("answered", came)):
            if times and times[0] <= step["at"]:
                parts.setdefault(name, []).append(times[0] - begun)
                begun = times[0]
        parts.setdefault("painted", []).append(step["at"] - begun)
    return {name: statistics.median(times) for name, times in parts.items()}


def steps(count: int = 8) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Heads gone to for the first time, and again."""
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        folder = Path(place)
        with jupyterlab(folder) as url:
            write_notebook(folder / "switch.ipynb", [_SETUP, "heatmap", "grid"])
            start_kernel(url, "switch.ipynb")
            page = browser.new_page(viewport={"width": 1280, "height": 2000})
            notebook = LabNotebook(page, page_of(url, "switch.ipynb"))
            notebook.run_all(180)
            page.wait_for_selector(".aw-heatmap-canvas[data-key]")
            page.wait_for_selector(".aw-grid-canvas[data-key]")
            page.wait_for_timeout(3000)
            page.evaluate(_HEARD)
            there = [page.evaluate(_STEP, ["ArrowRight", f"/0/{head}"]) for head in range(1, count + 1)]
            back = [page.evaluate(_STEP, ["ArrowLeft", f"/0/{head}"]) for head in range(count - 1, -1, -1)]
            notebook.shut_down()
            return there[1:], back[1:]
