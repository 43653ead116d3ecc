"""Motif scores and features of heads made of queries and keys, beside the same of their patterns; time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from table import Row

import attn_widgets as aw

# (tokens, layers, heads of a layer): as many cells in each but the last
_SIZES = ((512, 4, 9), (2048, 2, 3), (8192, 1, 1))
_WIDTH = 64
_WORKS: dict[str, Callable[[aw.Trace], Any]] = {"motif scores": aw.motif_scores, "profile": aw.head_features}


def bench() -> list[Row]:
    rows = []
    for name in _WORKS:
        for tokens, layers, heads in _SIZES:
            long, short = (_apart(name, tokens, layers, heads, held) for held in ("queries_keys", "patterns"))
            cells = layers * heads * tokens**2
            rows.append(
                Row(
                    f"{name}, {layers * heads} heads of {tokens:,} tokens, of queries and keys",
                    f"{long['seconds'] / cells * 1e9:.1f} ns a cell, +{long['grown'] / 1e6:.0f} MB",
                    f"of patterns {short['seconds'] / cells * 1e9:.1f} ns, +{short['grown'] / 1e6:.0f} MB "
                    f"and {short['held'] / 1e6:.0f} MB held",
                    f"{long['seconds'] / short['seconds']:.2f}",
                )
            )
    return rows


def _apart(*what: Any) -> dict[str, float]:
    """Memory is looked at in a process of its own."""
    command = [sys.executable, __file__, *map(str, what)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(name: str, tokens: int, layers: int, heads: int, held: str) -> None:
    """Print the time that one measurement takes, and how far memory grows."""
    import time

    from peak_memory import peak_growth

    def trace(n: int) -> aw.Trace:
        draw = np.random.default_rng(0)
        queries, keys = (draw.standard_normal((layers, heads, n, _WIDTH), dtype=np.float32) for _ in range(2))
        made = aw.Trace.from_queries_keys(3 * queries, keys, [f"w{i % 200}" for i in range(n)])
        return made if held == "queries_keys" else aw.Trace.from_arrays(made.patterns, made.tokens)

    work = _WORKS[name]
    work(trace(64))
    measured = trace(tokens)
    start = time.perf_counter()
    grown, _ = peak_growth(lambda: work(measured))
    print(json.dumps({"seconds": time.perf_counter() - start, "grown": grown, "held": measured.nbytes}))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5])
