"""Importing the package is cheap, and its names are where they are said to be."""

from __future__ import annotations

import subprocess
import sys

import pytest

import attn_widgets as aw


def test_import_does_not_bring_torch():
    heavy = ("torch", "transformer_lens", "transformers", "matplotlib", "sklearn")
    code = f"import sys, attn_widgets; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


OWN_ARRAYS = """
import sys
import numpy as np
import attn_widgets as aw
patterns = np.tril(np.ones((2, 3, 5, 5), np.float32))
patterns /= patterns.sum(-1, keepdims=True)
trace = aw.Trace.from_arrays(patterns, list("abcde"))
for widget in (aw.AttentionHeatmap, aw.HeadGrid):
    widget(trace).to_html(sys.argv[1])
heavy = ["torch", "transformers", "pandas", "scipy", "sklearn", "matplotlib"]
rooms = [f"attn_widgets.{room}" for room in ("models", "forward", "heads", "circuits", "atlas")]
print([name for name in heavy + rooms if name in sys.modules])
"""


def test_widgets_of_ones_own_arrays_bring_nothing_heavy(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", OWN_ARRAYS, tmp_path / "page.html"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert "attn-widgets-root" in (tmp_path / "page.html").read_text("utf-8")


def test_every_public_name_is_there_and_an_unknown_one_is_explained():
    for name in aw.__all__:
        assert getattr(aw, name) is not None
        assert name in dir(aw)
    with pytest.raises(AttributeError, match="has no attribute 'HeatMap'; did you mean 'HeadMap'"):
        _ = aw.HeatMap
    with pytest.raises(AttributeError, match="has no attribute 'xyz'; it has Atlas, AttentionHeatmap"):
        _ = aw.xyz


def test_a_function_is_not_hidden_by_the_module_of_its_name():
    code = "import attn_widgets.forward.capturing, attn_widgets as aw; aw.AttentionRun; print(callable(aw.capture))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
