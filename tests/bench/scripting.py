"""How long scripts run in each frame of a Chromium page, from a trace of the browser's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

# devtools counts these as scripting; where one lies in another only the outer one counts
_SCRIPTING = frozenset(
    {
        "EvaluateScript",
        "EventDispatch",
        "FireAnimationFrame",
        "FunctionCall",
        "GCEvent",
        "MajorGC",
        "MinorGC",
        "RunMicrotasks",
        "TimerFire",
    }
)
_FRAME = "BeginMainThreadFrame"
_CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "devtools.timeline.frame"]


def milliseconds_a_frame(browser: Any, page: Any, work: Callable[[], Any]) -> list[float]:
    """Scripting in each frame that had any, while `work` ran.

    What runs between two frames, such as a message from the kernel, counts to the frame that follows it.
    """
    browser.start_tracing(page=page, categories=_CATEGORIES)
    work()
    events = json.loads(browser.stop_tracing())["traceEvents"]
    thread = _main_thread(events)
    mine = sorted((e for e in events if (e["pid"], e["tid"]) == thread), key=lambda e: e["ts"])
    frames, total, busy_until = [], 0.0, 0.0
    inside_frame = False
    for event in mine:
        if event["name"] == _FRAME:
            if inside_frame:
                frames.append(total)
                total = 0.0
            inside_frame = True
        elif event["name"] in _SCRIPTING and event["ph"] == "X" and event["ts"] >= busy_until:
            busy_until = event["ts"] + event["dur"]
            total += event["dur"] / 1000
    frames.append(total)
    return [frame for frame in frames if frame > 0]


def _main_thread(events: list[dict[str, Any]]) -> tuple[int, int]:
    """The renderer's thread that begins frames and runs the most scripts: a browser has several renderers."""
    counts: dict[tuple[int, int], int] = {}
    for event in events:
        if event["name"] in ("FunctionCall", "FireAnimationFrame"):
            thread = (event["pid"], event["tid"])
            counts[thread] = counts.get(thread, 0) + 1
    return max(counts, key=lambda thread: counts[thread])
