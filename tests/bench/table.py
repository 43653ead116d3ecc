"""What a benchmark found, and the table of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_HEADINGS = ("what", "measured", "against", "ratio", "budget", "")


@dataclass(frozen=True)
class Row:
    """One line of the table; `ok` is None where there is no budget."""

    what: str
    measured: str
    against: str = ""
    ratio: str = ""
    budget: str = ""
    ok: bool | None = None

    def cells(self) -> tuple[str, ...]:
        verdict = {True: "ok", False: "OVER", None: ""}[self.ok]
        return (self.what, self.measured, self.against, self.ratio, self.budget, verdict)


def table(rows: Iterable[Row]) -> str:
    """Rows as aligned text."""
    lines = [_HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "-" * max(map(len, text)), *text[1:]])


def interleaved(works: Mapping[str, Callable[[], Any]], repetitions: int) -> dict[str, list[float]]:
    """Seconds of each piece of work, in turns, so that a busy machine is busy for all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repetitions):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def ratio(seconds: list[float], against: list[float]) -> float:
    """Median of the ratios of what ran side by side."""
    return statistics.median(a / b for a, b in zip(seconds, against, strict=True))
