"""What `capture` costs above the model's own forward pass: time at 128 tokens, peak memory at 512."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from smollm2 import open_both
from table import Row, interleaved, ratio

import attn_widgets as aw

_TOKENS, _REPETITIONS = 128, 9
_PROCESSES = 3
_TIME_BUDGET, _MEMORY_BUDGET = 1.10, 1.5


def bench() -> list[Row]:
    return [*_time(), *_memory()]


def _time() -> list[Row]:
    import torch

    hugging_face, model, ids = open_both()
    ids = ids[:_TOKENS]
    tokens = torch.tensor([ids])

    @torch.no_grad()
    def forward(**options: bool) -> None:
        hugging_face(tokens, use_cache=False, **options)

    @torch.no_grad()
    def wrapped() -> None:
        model.lens(tokens)

    works = {
        "capture": lambda: aw.capture(model, ids),
        "forward": forward,
        "forward keeping attentions": lambda: forward(output_attentions=True),
        "TransformerLens forward": wrapped,
    }
    interleaved(works, 2)  # warm up
    seconds = interleaved(works, _REPETITIONS)
    milliseconds = {name: f"{statistics.median(times) * 1000:.0f} ms" for name, times in seconds.items()}
    rows = []
    for name in list(works)[1:]:
        factor = ratio(seconds["capture"], seconds[name])
        budgeted = name == "forward"
        rows.append(
            Row(
                f"capture, smollm2-135m, {_TOKENS} tokens",
                milliseconds["capture"],
                f"{name} {milliseconds[name]}",
                f"{factor:.3f}",
                f"<= {_TIME_BUDGET}" if budgeted else "",
                factor <= _TIME_BUDGET if budgeted else None,
            )
        )
    return rows


def _memory() -> list[Row]:
    works = ("capture", "forward")
    runs: dict[str, list[dict[str, int]]] = {what: [] for what in works}
    for _ in range(_PROCESSES):
        for what in works:
            runs[what].append(_grown(what))
    peak, own = (int(statistics.median(run["grown"] for run in runs[what])) for what in works)
    kept, n = runs["capture"][0]["kept"], runs["capture"][0]["tokens"]
    return [
        Row(
            f"peak memory of capture, {n} tokens",
            f"{peak / 1e6:.0f} MB above the model",
            f"patterns kept {kept / 1e6:.0f} MB",
            f"{peak / kept:.2f}",
            f"<= {_MEMORY_BUDGET}",
            peak <= _MEMORY_BUDGET * kept,
        ),
        Row(
            "the same, without what a forward takes",
            f"{(peak - own) / 1e6:.0f} MB (a forward's own peak: {own / 1e6:.0f} MB)",
            f"patterns kept {kept / 1e6:.0f} MB",
            f"{(peak - own) / kept:.2f}",
        ),
    ]


def _grown(what: str) -> dict[str, int]:
    """Run in a process of its own, which finds no memory that earlier work left behind."""
    script = Path(__file__).with_name("peak_memory.py")
    done = subprocess.run([sys.executable, str(script), what], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"peak_memory.py {what} failed:\n{done.stderr[-2000:]}")
    grown: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return grown
