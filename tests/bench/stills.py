"""What the picture that a notebook keeps costs its cell, and how large it is: 12 layers x 12 heads x 128 tokens."""

from __future__ import annotations

import statistics
import subprocess
import sys

from synthetic import random_patterns
from table import Row, interleaved, ratio

import attn_widgets as aw

_REPETITIONS = 9
_BUDGET, _MOST_BYTES = 0.15, 150_000
# the first picture of a process brings Pillow
_FIRST = """
import time, numpy as np, attn_widgets as aw
patterns = np.tril(np.ones((12, 12, 64, 64), np.float32))
patterns /= patterns.sum(-1, keepdims=True)
widget = aw.AttentionHeatmap(aw.Trace.from_arrays(patterns, list(map(str, range(64)))))
start = time.perf_counter()
widget._repr_mimebundle_()
print(time.perf_counter() - start)
"""


def bench() -> list[Row]:
    trace = aw.Trace.from_arrays(random_patterns(12, 12, 128), [f" t{i}" for i in range(128)])
    widgets = {
        "AttentionHeatmap": aw.AttentionHeatmap(trace, overlays=["auto"]),
        "HeadGrid": aw.HeadGrid(trace, motif="dominant"),
    }
    first = [float(subprocess.check_output([sys.executable, "-c", _FIRST])) for _ in range(3)]
    rows = [_row("first picture of a process, own arrays 12 x 12 x 64", statistics.median(first), "", "", 0)]
    for name, widget in widgets.items():

        def draw(widget: aw.AttentionHeatmap | aw.HeadGrid = widget) -> None:
            widget._still = None
            widget._repr_mimebundle_()

        def figure(widget: aw.AttentionHeatmap | aw.HeadGrid = widget) -> None:
            widget._figure().canvas.draw()

        draw()
        figure()
        seconds = interleaved({"still": draw, "figure": figure}, _REPETITIONS)
        assert widget._still is not None
        against = f"by matplotlib {statistics.median(seconds['figure']):.2f} s"
        found = f"{ratio(seconds['still'], seconds['figure']):.2f}"
        rows.append(
            _row(f"picture of {name}", statistics.median(seconds["still"]), against, found, len(widget._still.png))
        )
    return rows


def _row(what: str, seconds: float, against: str, found: str, size: int) -> Row:
    measured = f"{1000 * seconds:.0f} ms" + (f", {size / 1000:.0f} kB" if size else "")
    return Row(what, measured, against, found, "< 150 ms, 150 kB", seconds < _BUDGET and size <= _MOST_BYTES)
