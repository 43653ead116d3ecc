"""What is shown first is what is there to be seen."""

from __future__ import annotations

import numpy as np
import pytest

import attn_widgets as aw
from attn_widgets.widgets.first_token import first_share


def with_sink(share, n=12):
    """Two layers of three heads, each row with so much on the first token and the rest on itself."""
    pattern = np.eye(n, dtype=np.float32) * (1 - share)
    pattern[:, 0] += share
    return aw.Trace.from_arrays(np.broadcast_to(pattern, (2, 3, n, n)).copy(), [f"t{i}" for i in range(n)])


@pytest.mark.parametrize("widget", [aw.AttentionHeatmap, aw.HeadGrid])
@pytest.mark.parametrize(("share", "scale"), [(0.8, "exclude_first"), (0.2, "linear")])
def test_the_first_token_is_left_out_where_it_has_most_of_the_attention(widget, share, scale):
    shown = widget(with_sink(share))
    assert shown.scale == scale
    assert shown.trace_info["first_share"] == pytest.approx(share, abs=1e-6)


def test_a_scale_that_is_chosen_stays():
    trace = with_sink(0.8)
    assert aw.AttentionHeatmap(trace, scale="linear").scale == "linear"
    assert aw.HeadGrid(trace, scale="log").scale == "log"


def test_one_row_has_no_choice_and_no_share():
    assert first_share(aw.Trace.from_arrays(np.ones((1, 1, 1, 1), np.float32), ["a"])) == 0.0


def test_of_a_long_prompt_nothing_is_measured_and_all_is_shown():
    n = 1300
    pattern = np.zeros((1, 1, n, n), np.float32)
    pattern[..., 0] = 1
    heatmap = aw.AttentionHeatmap(aw.Trace.from_arrays(pattern, ["t"] * n))
    assert heatmap.scale == "linear"
    assert heatmap.trace_info["first_share"] == 0.0


def test_it_is_measured_once(monkeypatch):
    trace = with_sink(0.7)
    aw.HeadGrid(trace)
    monkeypatch.setattr("attn_widgets.widgets.first_token._measured", lambda trace: pytest.fail("measured again"))
    assert aw.AttentionHeatmap(trace).scale == "exclude_first"
