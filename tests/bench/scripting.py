"""How long scripts run in each frame of a Chromium page, from a trace of the browser's own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

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
# with it the main thread hands a frame to be painted
_END_OF_FRAME = "Commit"
_CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"]


class Frame(NamedTuple):
    """Milliseconds of scripting: time of the processor, and by the clock with what else the machine did meanwhile."""

    own: float
    clock: float


def longest_frames(browser: Any, page: Any, event: str, work: Callable[[], Any]) -> list[Frame]:
    """Return the longest frame of each step of `work`; a step begins with an event of this type.

    What runs between two frames, such as the answer of a kernel, counts to the frame that follows it.
    """
    browser.start_tracing(page=page, categories=_CATEGORIES)
    work()
    trace = json.loads(browser.stop_tracing())["traceEvents"]
    thread = _main_thread(trace)
    steps: list[Frame] = []
    own, clock, busy_until = 0.0, 0.0, 0.0
    for entry in sorted((e for e in trace if (e["pid"], e["tid"]) == thread), key=lambda e: e["ts"]):
        name = entry["name"]
        if name == "EventDispatch" and entry["args"]["data"]["type"] == event:
            steps.append(Frame(0.0, 0.0))
        if name in _SCRIPTING and entry["ph"] == "X" and entry["ts"] >= busy_until:
            busy_until = entry["ts"] + entry["dur"]
            own += entry["tdur"] / 1000
            clock += entry["dur"] / 1000
        if name == _END_OF_FRAME:
            if steps:
                steps[-1] = max(steps[-1], Frame(own, clock))
            own, clock = 0.0, 0.0
    return [step for step in steps if step.own > 0]


def _main_thread(trace: list[dict[str, Any]]) -> tuple[int, int]:
    """The thread that runs the most scripts: a browser has several renderers."""
    counts = Counter((e["pid"], e["tid"]) for e in trace if e["name"] in ("FunctionCall", "FireAnimationFrame"))
    return counts.most_common(1)[0][0]
