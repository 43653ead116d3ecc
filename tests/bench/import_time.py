"""Importing the package, and building a widget of one's own arrays; and that torch stays out."""

from __future__ import annotations

import statistics
import subprocess
import sys

from table import Row, interleaved

_REPETITIONS = 9
_BUDGET = 0.7
_BUDGET_OWN_ARRAYS = 0.15
_OWN_ARRAYS = """
import numpy as np, attn_widgets as aw
patterns = np.tril(np.ones((12, 12, 64, 64), np.float32))
patterns /= patterns.sum(-1, keepdims=True)
aw.AttentionHeatmap(aw.Trace.from_arrays(patterns, list(map(str, range(64)))))
"""
_TORCH_STAYS_OUT = "import sys, attn_widgets; sys.exit('torch' in sys.modules)"


def _python(code: str) -> int:
    return subprocess.run([sys.executable, "-c", code], check=False).returncode


def bench() -> list[Row]:
    codes = {
        "bare": "pass",
        "package": "import attn_widgets",
        "widget": "import attn_widgets; attn_widgets.AttentionHeatmap",
        "own arrays": _OWN_ARRAYS,
        # what a widget cannot do without
        "parts": "import numpy, anywidget",
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
        Row(
            "import, and AttentionHeatmap of own arrays, 12 x 12 x 64",
            f"{took['own arrays']:.3f} s",
            f"import numpy, anywidget {took['parts']:.3f} s",
            f"{took['own arrays'] / took['parts']:.2f}",
            f"< {_BUDGET_OWN_ARRAYS} s above numpy and anywidget",
            took["own arrays"] - took["parts"] < _BUDGET_OWN_ARRAYS,
        ),
    ]
