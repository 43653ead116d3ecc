"""`capture` of long prompts: time and memory of queries and keys beside the model's own forward pass, and of patterns.

The model's own forward is with sdpa attention, keeps no keys and values, and makes logits of the last token alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from table import Row, interleaved, ratio

import attn_widgets as aw

# tokens, and how many times each is run, in turn
_SIZES = {512: 5, 2048: 3, 4096: 2, 8192: 2}
# beyond that patterns have no room
_MOST_PATTERNS = 2048
_TIME_BUDGET, _MEMORY_BUDGET = 1.15, 1.3
_TEXT = "When Mary and John went to the store, Mary gave a book to John. "


def bench() -> list[Row]:
    return [row for tokens in _SIZES for row in _of(tokens)]


def _of(tokens: int) -> list[Row]:
    name = f"queries and keys of {tokens:,} tokens, smollm2-135m"
    times = _apart(tokens, "times")
    seconds, own = times["queries_keys"], times["forward"]
    memory, forward = _apart(tokens, "queries_keys"), _apart(tokens, "forward")
    rows = [
        Row(
            f"capture: {name}",
            f"{seconds:.2f} s",
            f"the model's own sdpa forward {own:.2f} s",
            f"{times['ratio']:.3f}",
            f"<= {_TIME_BUDGET}",
            times["ratio"] <= _TIME_BUDGET,
        ),
        Row(
            f"peak memory: {name}",
            f"{memory['grown'] / 1e6:.0f} MB above the model (its own forward: {forward['grown'] / 1e6:.0f} MB)",
            f"kept {memory['kept'] / 1e6:.0f} MB",
            f"{memory['grown'] / memory['kept']:.2f}",
            f"<= {_MEMORY_BUDGET}",
            memory["grown"] <= _MEMORY_BUDGET * memory["kept"],
        ),
        Row(
            f"one head's pattern: {name}",
            f"{times['head'] * 1000:.0f} ms",
            f"four of its rows {times['rows'] * 1000:.2f} ms",
            "",
        ),
    ]
    if tokens <= _MOST_PATTERNS:
        patterns = _apart(tokens, "patterns")
        rows.append(
            Row(
                f"the same, of patterns kept, {tokens:,} tokens",
                f"{patterns['seconds']:.2f} s",
                f"kept {patterns['kept'] / 1e6:.0f} MB",
                f"{patterns['seconds'] / own:.2f} forward passes",
            )
        )
    return rows


def _apart(tokens: int, what: str) -> dict[str, float]:
    """Run in a process of its own, which finds no memory that earlier work left behind."""
    done = subprocess.run([sys.executable, __file__, str(tokens), what], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"long_capture.py {tokens} {what} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(tokens: int, what: str) -> None:
    """Print what one measurement found."""
    import torch
    from peak_memory import peak_growth

    from attn_widgets.models.beneath import beneath

    model = aw.load_model("smollm2-135m", device="cpu")
    # encoded whole it might be longer than the model can read
    ids = (model.encode(_TEXT) * (tokens // 10))[:tokens]
    own = beneath(model.lens, "sdpa")

    @torch.no_grad()
    def forward(n: int) -> Any:
        return own(torch.tensor([ids[:n]]), use_cache=False, logits_to_keep=1).logits

    works: dict[str, Callable[[int], Any]] = {
        "queries_keys": lambda n: aw.capture(model, ids[:n], keep="queries_keys"),
        "patterns": lambda n: aw.capture(model, ids[:n], keep="patterns"),
        "forward": forward,
    }
    # what is made once, such as thread pools and the comparison of both models, is not the work's
    for work in works.values():
        work(16)
    if what == "times":
        del works["patterns"]
        seconds = interleaved({name: lambda work=work: work(tokens) for name, work in works.items()}, _SIZES[tokens])
        trace = works["queries_keys"](tokens)
        parts = {"head": lambda: trace.head("L9H4"), "rows": lambda: trace.rows("L10H4", [0, 1, 2, -1])}
        best = {name: min(times) for name, times in {**seconds, **interleaved(parts, 3)}.items()}
        print(json.dumps({**best, "ratio": ratio(seconds["queries_keys"], seconds["forward"])}))
        return
    start = time.perf_counter()
    grown, result = peak_growth(lambda: works[what](tokens))
    kept = getattr(result, "nbytes", 0) if what != "forward" else 0
    print(json.dumps({"seconds": time.perf_counter() - start, "grown": grown, "kept": kept}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
