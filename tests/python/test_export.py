"""The exported page holds all that is needed, and no token can break it."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest
from synthetic import random_patterns

import attn_widgets as aw


def state_of(path):
    text = path.read_text("utf-8")
    return text, json.loads(
        re.search(r'<script type="application/json" id="attn-widgets">(.*?)</script>', text, re.S)[1]
    )


def test_the_page_holds_every_pattern_and_asks_for_nothing_from_outside(toy_trace, tmp_path):
    path = aw.AttentionHeatmap(toy_trace, layer=1, head=3).to_html(tmp_path / "page.html")
    text, page = state_of(path)
    (widget,) = page["widgets"]
    assert len(widget["state"]["archive"]) == 8
    buffers = {tuple(where): base64.b64decode(data) for where, data in widget["buffers"]}
    rows, keys = np.tril_indices(toy_trace.n_keys)
    for index, entry in enumerate(widget["state"]["archive"]):
        codes = np.frombuffer(buffers["archive", index, "data"], "<u2")
        expected = toy_trace.patterns[entry["layer"], entry["head"]][rows, keys]
        np.testing.assert_allclose(codes * entry["scale"], expected, atol=1e-5)
    outside = re.findall(r'(?:src|href)\s*=\s*["\']?https?:|import\s*\(?["\']https?:|fetch\(["\']http', text)
    assert outside == []


def test_tokens_that_look_like_markup_stay_tokens(tmp_path):
    tokens = ["</script><script>alert(1)</script>", "<!--", "&amp;"]
    trace = aw.Trace.from_arrays(random_patterns(1, 1, 3), tokens, model_name="<b>m</b>")
    text, page = state_of(aw.HeadGrid(trace).to_html(tmp_path / "page.html"))
    assert page["widgets"][0]["state"]["trace_info"]["tokens"] == tokens
    assert "<script>alert" not in text
    assert "<title>&lt;b&gt;m&lt;/b&gt;</title>" in text


def test_twelve_by_twelve_by_64_fits_the_budget(tmp_path):
    trace = aw.Trace.from_arrays(random_patterns(12, 12, 64), [f" word{i}" for i in range(64)])
    path = aw.export.write_page([aw.HeadGrid(trace), aw.AttentionHeatmap(trace)], tmp_path / "page.html")
    assert path.stat().st_size < 1_500_000


def test_only_what_works_without_python_is_offered(toy, tmp_path):
    run = aw.AttentionRun(toy, "The cat sat.")
    heatmap, grid = aw.AttentionHeatmap(run, kind="score"), aw.HeadGrid(run, scale="exclude_first")
    _, page = state_of(aw.export.write_page([heatmap, grid], tmp_path / "page.html"))
    first, second = (widget["state"] for widget in page["widgets"])
    assert first["trace_info"]["kinds"] == ["pattern", "score"]
    assert {entry["kind"] for entry in first["archive"]} == {"pattern", "score"}
    assert not first["editable"]
    assert second["scales"] == ["exclude_first"]


def test_what_cannot_be_exported_is_refused(toy_trace, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="widgets is empty"):
        aw.export.write_page([], tmp_path / "page.html")
    with pytest.raises(TypeError, match="widgets holds a Trace"):
        aw.export.write_page([toy_trace], tmp_path / "page.html")
    monkeypatch.setattr("attn_widgets.widgets.pattern_widget._PAGE_BYTES", 100)
    with pytest.raises(ValueError, match="MB of patterns, more than a browser opens well"):
        aw.AttentionHeatmap(toy_trace).to_html(tmp_path / "page.html")


class Mine(aw.AttentionHeatmap):
    """A widget of a user, in a module of its own."""

    note = "mine"


def test_a_subclass_stands_on_a_page_as_what_it_is_made_of(toy_trace, tmp_path):
    _, page = state_of(Mine(toy_trace, layer=1, head=2).to_html(tmp_path / "page.html"))
    (widget,) = page["widgets"]
    assert widget["module"] == "heatmap"
    assert set(page["modules"]) == set(page["styles"]) == {"heatmap"}
    assert (widget["state"]["layer"], widget["state"]["head"]) == (1, 2)
