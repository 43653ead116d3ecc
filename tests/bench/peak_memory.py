"""A process of its own: how far resident memory grows while one piece of work runs, printed as JSON."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from smollm2 import open_both

import attn_widgets as aw

_TOKENS = 512


def peak_growth(work: Callable[[], Any]) -> tuple[int, Any]:
    """Bytes of resident memory at the worst moment above those before, and what the work returned."""
    before = psutil.Process().memory_info().rss
    if _reset_peak():
        result = work()
        return _peak() - before, result
    return _sampled(work, before)


def _reset_peak() -> bool:
    """Make Linux forget the highest resident size so far."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    # some sandboxes accept the command and do nothing
    return _peak() < psutil.Process().memory_info().rss + 2**23


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return sys.maxsize


def _sampled(work: Callable[[], Any], before: int) -> tuple[int, Any]:
    """Look every half millisecond, where the system keeps no peak that can be reset."""
    highest, done, process = before, threading.Event(), psutil.Process()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.0005):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = work()
    finally:
        done.set()
        watcher.join()
    return highest - before, result


def main(what: str) -> None:
    """Print how much `capture`, or the model's own forward pass, takes."""
    import torch

    hugging_face, model, ids = open_both()
    ids = ids[:_TOKENS]

    @torch.no_grad()
    def forward(n: int) -> Any:
        return hugging_face(torch.tensor([ids[:n]]), use_cache=False).logits.shape

    work = {"capture": lambda n: aw.capture(model, ids[:n]), "forward": forward}[what]
    work(16)  # what is made once, such as thread pools, is not the work's
    grown, result = peak_growth(lambda: work(_TOKENS))
    kept = result.patterns.nbytes if what == "capture" else 0
    print(json.dumps({"grown": grown, "kept": kept, "tokens": _TOKENS}))


if __name__ == "__main__":
    main(sys.argv[1])
