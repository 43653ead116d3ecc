"""From a key or a click to the canvas with the next head, in JupyterLab on SmolLM2: seen before or not, a grid or none.

Every step is timed where it happens: in the page by `head_switch.js`, in the kernel around `set_state`. Both clocks are
this machine's. "Painted" is the first task that the page runs after the frame that drew the head.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from canvas import head_point
from chromium import chromium
from lab import LabNotebook
from lab_server import running_lab, write_notebook
from smollm2 import TEXT
from table import Row

_TOKENS, _STEPS = 128, 20
_PATTERN = 10_000  # bytes: only a message with a pattern is larger
_BESIDE, _SEEN = "first visit, from the head beside it", "seen before"
# a head far from all that were shown: the pointer rested on it, or it is clicked in passing and nothing was asked ahead
_FAR, _AT_ONCE = "first visit, pointed at and clicked", "first visit, clicked at once"
_BUDGETS = {_BESIDE: 60, _FAR: 60, _SEEN: 40}  # ms with a linked grid
_SETUP = f"""
import time
import attn_widgets as aw, ipywidgets
model = aw.load_model('smollm2-135m', device='cpu')
run = aw.AttentionRun(model, model.encode({TEXT * 20!r})[:{_TOKENS}])
calls = []

def timed(widget):
    original = widget.set_state
    def set_state(data):
        start = time.time()
        original(data)
        calls.append((type(widget).__name__, start * 1000, time.time() * 1000))
    widget.set_state = set_state
    return widget

alone = timed(aw.AttentionHeatmap(run))
grid, linked = timed(aw.HeadGrid(run)), timed(aw.AttentionHeatmap(run))
tie = aw.link(grid, linked)
box = ipywidgets.VBox([alone])
"""
_STAGES = {
    "key handled": lambda s: s["handled"] - s["key"],
    "message out": lambda s: s["sent"] - s["handled"],
    "on its way to the kernel": lambda s: s["began"] - s["sent"],
    "kernel": lambda s: s["ended"] - s["began"],
    "on its way back": lambda s: s["received"] - s["ended"],
    "unpacked, drawn": lambda s: s["drawn"] - s["received"],
    "painted": lambda s: s["painted"] - s["drawn"],
}
_HERE_STAGES = {
    "key handled": lambda s: s["handled"] - s["key"],
    "drawn": lambda s: s["drawn"] - s["handled"],
    "painted": lambda s: s["painted"] - s["drawn"],
}


def bench() -> list[Row]:
    rows = []
    for (visit, place), switches in measured().items():
        times = [s["painted"] - s["key"] for s in switches]
        middle = statistics.median(times)
        budget = _BUDGETS.get(visit) if place == "grid linked" else None
        rows.append(
            Row(
                f"head switch in JupyterLab, {visit}, {place}",
                f"{middle:.0f} ms",
                split(switches),
                "",
                f"< {budget} ms" if budget else "",
                middle < budget if budget else None,
            )
        )
    return rows


def split(switches: Sequence[Mapping[str, Any]]) -> str:
    """The median of each step, in ms."""
    waited = [s for s in switches if "received" in s]
    # one or two of many may have been fetched ahead
    asked = len(waited) > len(switches) / 2
    stages, switches = (_STAGES, waited) if asked else (_HERE_STAGES, switches)
    return ", ".join(f"{name} {statistics.median(map(of, switches)):.0f}" for name, of in stages.items())


def measured(setup: str = _SETUP) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Steps right through heads that were not seen, then left through the same ones; times of each in ms."""
    found = {}
    with tempfile.TemporaryDirectory() as name, running_lab(Path(name)) as url, chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.add_init_script(path=Path(__file__).with_suffix(".js"))
        notebook = LabNotebook(page, write_notebook(url, Path(name) / "switch.ipynb", [setup, "box"]))
        notebook.run_all(240)
        for place, children in (("alone", "[alone]"), ("grid linked", "[grid, linked]")):
            notebook.execute(f"box.children = {children}")
            page.locator(".aw-heatmap-canvas[data-key]").wait_for()
            page.wait_for_timeout(2000)
            page.evaluate("watchCanvas(document.querySelector('.aw-heatmap-canvas'))")
            page.locator(".aw-plot").focus()
            for visit, key in ((_BESIDE, "ArrowRight"), (_SEEN, "ArrowLeft")):
                found[visit, place] = _steps(notebook, lambda _, key=key: page.keyboard.press(key))
        grid = page.locator(".aw-grid-canvas")
        for visit, first, rest in ((_FAR, 1, 200), (_AT_ONCE, 0, 0)):
            # every other layer and head, so that none lies beside another
            points = [head_point(grid, 7 - first + 2 * (i // 4), first + 2 * (i % 4)) for i in range(_STEPS)]
            step = partial(_click, page, points, rest)
            found[visit, place] = _steps(notebook, step)
        notebook.shut_down()
    return found


def _click(page: Any, points: Sequence[tuple[float, float]], rest: int, i: int) -> None:
    page.mouse.move(*points[i])
    page.wait_for_timeout(rest)
    page.mouse.down()
    page.mouse.up()


def _steps(notebook: LabNotebook, step: Callable[[int], None]) -> list[dict[str, Any]]:
    page = notebook.page
    notebook.execute("calls.clear()")
    page.evaluate("window.switches.length = 0")
    for i in range(_STEPS):
        step(i)
        page.wait_for_function("window.switches.at(-1).painted", polling=50)
        # all that the kernel has to say is said, and nothing is under way
        page.wait_for_timeout(400)
    origin = page.evaluate("performance.timeOrigin")
    calls = [(who, start - origin, end - origin) for who, start, end in notebook.ask("calls")]
    switches = page.evaluate("window.switches")
    for this, until in zip(switches, [*(s["key"] for s in switches[1:]), float("inf")], strict=True):
        _complete(this, [call for call in calls if this["key"] <= call[1] < until])
    return list(switches)


def _complete(switch: dict[str, Any], calls: list[tuple[str, float, float]]) -> None:
    """Add when the message went out, what the kernel did, and when the pattern came, where it was asked for."""
    switch["calls"] = calls
    pattern = next((at for at, size in switch["in"] if size > _PATTERN and at < switch["drawn"]), None)
    if pattern is None:
        return
    began, ended = next((start, end) for who, start, end in calls if who == "AttentionHeatmap")
    sent = max(at for at, _ in switch["out"] if at < began)
    switch |= {"sent": sent, "began": began, "ended": ended, "received": pattern}
