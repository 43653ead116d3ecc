"""From opening a page of 12 x 12 heads to seeing all of it, beside BertViz and CircuitsVis.

Each page is opened in a browser of its own, which has painted a line of text and a canvas before, as a reader's
browser has: starting its graphics process takes as long whatever is opened. "Seen" means: every head of the overview
has been drawn by the page's script, and two more animation frames have begun since, so that the browser has had its
turn to paint.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rivals
from chromium import chromium
from synthetic import random_patterns
from table import Row

import attn_widgets as aw

_LAYERS, _HEADS, _TOKENS = 12, 12, 128
_TIMEOUT = 400
_OURS = "attn_widgets"
_BUDGETS = {"BertViz": 50, "CircuitsVis": 100}
# CircuitsVis takes a minute or two
_ROUNDS = {"BertViz": 3, "CircuitsVis": 1}

# the first frame in which `drawn` is true, and two more
_WATCH = """(() => {
  const drawn = () => document.body !== null && (%s);
  const look = () => requestAnimationFrame(drawn() ? () => requestAnimationFrame(() => {
    window.seenAfter = performance.now();
  }) : look);
  look();
})()"""
# something to paint, and two frames more
_WARM_UP = """data:text/html,<p>text</p><canvas></canvas><script>
document.querySelector('canvas').getContext('2d').fillText('text', 9, 9);
requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = true; }));
</script>"""
# a chart of CircuitsVis has colour in its middle
_PAINTED = "c => c.width && c.height && c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[3] > 0"


@dataclass(frozen=True)
class Contender:
    """How to write a page and, in JavaScript, when it is drawn and whether all of it is there."""

    write: Callable[[Path], None]
    drawn: str
    complete: str


def bench() -> list[Row]:
    heads = _LAYERS * _HEADS
    patterns = random_patterns(_LAYERS, _HEADS, _TOKENS)
    tokens = [f" word{i}" for i in range(_TOKENS)]

    def write_ours(path: Path) -> None:
        trace = aw.Trace.from_arrays(patterns, tokens)
        aw.export.write_page([aw.HeadGrid(trace), aw.AttentionHeatmap(trace)], path)

    contenders = {
        _OURS: Contender(
            write_ours,
            "document.querySelector('.aw-grid-canvas[data-key]') && "
            "document.querySelector('.aw-heatmap-canvas[data-key]')",
            "!document.querySelector('[role=alert]:not(:empty)')",
        ),
        "BertViz": Contender(
            lambda path: _write(path, rivals.bertviz(patterns, tokens)),
            # one synchronous task draws all heads, so the last one is enough to look for
            f"document.getElementById('attn_background_{_LAYERS - 1}_{_HEADS - 1}')",
            f"document.querySelectorAll('#vis line').length === {patterns.size}",
        ),
        "CircuitsVis": Contender(
            lambda path: _write(path, rivals.circuitsvis(patterns, tokens)[0]),
            # one small chart a head and the selected one in full size
            f"document.querySelectorAll('canvas').length === {heads + 1} && "
            f"[...document.querySelectorAll('canvas')].slice(-2).every({_PAINTED})",
            f"[...document.querySelectorAll('canvas')].every({_PAINTED})",
        ),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.html" for name in contenders}
        python = {name: _timed(lambda name=name: contenders[name].write(paths[name])) for name in contenders}
        for rival, rounds in _ROUNDS.items():
            for name in (_OURS, rival) * rounds:
                seconds[name].append(_seen_after(paths[name], contenders[name]))
        seconds[_OURS].append(_seen_after(paths[_OURS], contenders[_OURS]))
    return _rows(seconds, python)


def _rows(seconds: dict[str, list[float]], python: dict[str, float]) -> list[Row]:
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    rows = []
    for rival, budget in _BUDGETS.items():
        sooner = middle[rival] / middle[_OURS]
        rows.append(
            Row(
                f"first pixels, {_LAYERS} x {_HEADS} x {_TOKENS}",
                f"{middle[_OURS]:.2f} s",
                f"{rival} {middle[rival]:.1f} s",
                f"1/{sooner:.0f}",
                f">= {budget}x sooner",
                sooner >= budget,
            )
        )
    times = [f"{name} {python[name]:.1f} s" for name in _BUDGETS]
    ratios = [f"1/{python[name] / python[_OURS]:.1f}" for name in _BUDGETS]
    rows.append(
        Row("Python to make and write that page", f"{python[_OURS]:.2f} s", ", ".join(times), ", ".join(ratios))
    )
    return rows


def _seen_after(path: Path, contender: Contender) -> float:
    """Seconds from the start of the navigation, as the page itself counts them."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(_TIMEOUT * 1000)
        page.goto(_WARM_UP)
        page.wait_for_function("window.painted")
        rivals.answer_for_cdn(page)
        page.add_init_script(_WATCH % contender.drawn)
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_function("window.seenAfter", timeout=_TIMEOUT * 1000)
        if not page.evaluate(contender.complete):
            raise RuntimeError(f"{path.name} is not complete although it looked drawn")
        after: Any = page.evaluate("window.seenAfter")
        return float(after) / 1000


def _write(path: Path, page: str) -> None:
    path.write_text(page, encoding="utf-8")


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
