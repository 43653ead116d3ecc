"""Importing the package, above the start of the interpreter itself; and that torch stays out."""

from __future__ import annotations

import statistics
import subprocess
import sys

from table import Row, interleaved

_REPETITIONS = 9
_BUDGET = 0.7
_TORCH_STAYS_OUT = "import sys, attn_widgets; sys.exit('torch' in sys.modules)"


def _python(code: str) -> int:
    return subprocess.run([sys.executable, "-c", code], check=False).returncode


def bench() -> list[Row]:
    codes = {
        "bare": "pass",
        "package": "import attn_widgets",
        "widget": "import attn_widgets; attn_widgets.AttentionHeatmap",
        "torch": "import torch",
    }
    for code in codes.values():
        _python(code)  # compile, and warm the disk cache
    seconds = interleaved({name: lambda code=code: _python(code) for name, code in codes.items()}, _REPETITIONS)
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    took = {name: middle[name] - middle["bare"] for name in codes}
    without_torch = _python(_TORCH_STAYS_OUT) == 0
    return [
        Row(
            "import attn_widgets",
            f"{took['package']:.3f} s, torch {'stays out' if without_torch else 'IS IMPORTED'}",
            f"import torch {took['torch']:.2f} s",
            f"{took['package'] / took['torch']:.3f}",
            f"< {_BUDGET} s, no torch",
            took["package"] < _BUDGET and without_torch,
        ),
        Row(
            "import attn_widgets.AttentionHeatmap",
            f"{took['widget']:.3f} s",
            f"import torch {took['torch']:.2f} s",
            f"{took['widget'] / took['torch']:.2f}",
        ),
    ]
