"""What stays of a widget in a notebook: a picture of its state, a line of words, a page; and how it is turned off."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

import attn_widgets as aw
from attn_widgets.stills.colors import ramp

PROMPT = "The cat sat on the mat. The cat sat on the"
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def run(toy):
    return aw.AttentionRun(toy, PROMPT)


@pytest.fixture(scope="module")
def head_map(toy):
    return aw.HeadMap(aw.capture(toy, ["The cat sat on the mat.", "Tom has a red apple. Tom has"]))


@pytest.fixture(scope="module")
def widgets(run, head_map):
    return {
        "AttentionHeatmap": aw.AttentionHeatmap(run, layer=1, head=1, overlays=["auto"]),
        "HeadGrid": aw.HeadGrid(run, motif="dominant"),
        "FreezePanel": aw.FreezePanel(aw.FrozenRun(run), layer=1),
        "HeadScatter": aw.HeadScatter(head_map, color_by="motif"),
        "HeadCard": aw.HeadCard(head_map, "L1H1"),
    }


@pytest.fixture
def shown():
    """What a cell displays, as Jupyter would keep it."""
    InteractiveShell.instance()

    def keep(work):
        with capture_output() as captured:
            work()
        return [(output.data, output.metadata) for output in captured.outputs]

    yield keep
    InteractiveShell.clear_instance()


def picture(bundle) -> Image.Image:
    return Image.open(io.BytesIO(bundle["image/png"])).convert("RGB")


def colors_in(image: Image.Image) -> set[tuple[int, int, int]]:
    return {color for _, color in image.getcolors(1 << 24)}


@pytest.mark.parametrize("name", ["AttentionHeatmap", "HeadGrid", "FreezePanel", "HeadScatter", "HeadCard"])
def test_every_widget_has_a_picture_and_words_beside_its_view(widgets, name):
    widget = widgets[name]
    data, about = widget._repr_mimebundle_()
    assert data[VIEW]["model_id"] == widget.model_id
    assert data["text/plain"].startswith(f"{name} of ")
    assert "object at" not in data["text/plain"]
    assert "\n" not in data["text/plain"]
    assert len(data["image/png"]) <= 150_000
    of_picture = about["image/png"]
    assert picture(data).size == (2 * of_picture["width"], 2 * of_picture["height"])
    assert of_picture["alt"] == data["text/plain"]


def test_the_words_name_model_head_length_and_what_the_head_does(run):
    widget = aw.AttentionHeatmap(run, layer=1, head=0)
    scores = aw.motif_scores(run.trace)
    first, induction = (scores[name][1, 0] for name in ("first_token", "induction"))
    words = widget._repr_mimebundle_()[0]["text/plain"]
    assert words.startswith("AttentionHeatmap of toy-induction, L1H0, 13 tokens: ")
    assert f"induction {induction:.2f}" in words
    widget.unit = "word"
    assert f"{widget.trace.n_keys} words" in widget._repr_mimebundle_()[0]["text/plain"]
    assert np.isfinite(first)


def test_the_picture_is_made_once_for_a_state_and_again_for_another(run):
    widget = aw.AttentionHeatmap(run, layer=1)
    first = widget._repr_mimebundle_()[0]["image/png"]
    assert widget._repr_mimebundle_()[0]["image/png"] is first
    for name, value in (("head", 1), ("query", 5), ("scale", "log"), ("palette", "magma"), ("unit", "word")):
        setattr(widget, name, value)
        after = widget._repr_mimebundle_()[0]["image/png"]
        assert after != first, name
        first = after


@pytest.mark.parametrize("palette", ["blues", "viridis", "magma"])
@pytest.mark.parametrize("scale", ["linear", "log", "row_max", "exclude_first"])
def test_cells_have_the_colours_of_their_values(run, palette, scale):
    widget = aw.AttentionHeatmap(run, layer=1, head=1, palette=palette, scale=scale)
    pattern = run.trace.head("L1H1").astype(float)
    shown = {
        "linear": pattern,
        "log": np.maximum(0, 1 + np.log10(np.maximum(pattern, 1e-12)) / 4),
        "row_max": pattern / pattern.max(1, keepdims=True),
        "exclude_first": pattern / np.maximum(pattern[:, 1:].sum(1, keepdims=True), 1e-9),
    }[scale]
    image = np.asarray(picture(widget._repr_mimebundle_()[0]))
    side = 420 * 2 // 13
    last = np.flatnonzero((image != 255).any(axis=(1, 2)))[-1]
    colors = ramp(palette)
    for query, key in [(12, 6), (9, 7), (8, 2), (12, 12), (5, 1)]:
        y = last - side // 2 - side * (12 - query)
        x = (92 + 4) * 2 + side * key + side // 2
        expected = colors[min(255, int(shown[query, key] * 256))]
        assert np.abs(image[y, x].astype(int) - expected).max() <= 3, (query, key)


def test_the_grid_shows_the_selected_head_in_its_frame_and_motifs_in_their_colours(run):
    grid = aw.HeadGrid(run)
    assert (0xD9, 0x48, 0x0F) in colors_in(picture(grid._repr_mimebundle_()[0]))
    purple = tuple(int(aw.MOTIFS["induction"].color[i : i + 2], 16) for i in (1, 3, 5))
    assert purple not in colors_in(picture(grid._repr_mimebundle_()[0]))
    grid.motif = "dominant"
    assert purple in colors_in(picture(grid._repr_mimebundle_()[0]))


def test_points_stand_where_their_columns_say_and_filters_leave_the_others_out(head_map):
    scatter = aw.HeadScatter(head_map, x="layer", y="head", filters={"layer": [1, 1]}, color_by="motif")
    colors = colors_in(picture(scatter._repr_mimebundle_()[0]))
    wanted = set(head_map.table["motif"][head_map.table["layer"] == 1]) & set(aw.MOTIFS)
    others = set(head_map.table["motif"]) & set(aw.MOTIFS) - wanted
    for motif in wanted:
        assert tuple(int(aw.MOTIFS[motif].color[i : i + 2], 16) for i in (1, 3, 5)) in colors
    axes = scatter._figure().axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("layer", "head")
    assert sum(len(one.get_offsets()) for one in axes.collections) == 4
    assert others


def test_pictures_can_be_turned_off_and_other_options_are_refused(run):
    widget = aw.AttentionHeatmap(run)
    try:
        aw.options.static_picture = False
        data, _ = widget._repr_mimebundle_()
        assert set(data) == {"text/plain", VIEW}
        assert "13 tokens" in data["text/plain"]
    finally:
        aw.options.static_picture = True
    with pytest.raises(AttributeError, match="did you mean 'static_picture'"):
        aw.options.static_pictures = False
    with pytest.raises(TypeError, match="expected True or False"):
        aw.options.static_picture = "no"


def test_a_widget_that_cannot_be_drawn_is_shown_all_the_same(run, monkeypatch, caplog):
    widget = aw.AttentionHeatmap(run)
    monkeypatch.setattr(type(widget), "_draw", lambda self: 1 / 0)
    data, _ = widget._repr_mimebundle_()
    assert VIEW in data
    assert "ZeroDivisionError" in caplog.text


def test_a_long_prompt_has_a_picture_at_once(toy):
    n = 1400
    pattern = np.tri(n, k=0, dtype=np.float32) * 1e-6
    pattern[np.arange(n), np.maximum(0, np.arange(n) - 700)] = 1
    pattern /= pattern.sum(-1, keepdims=True)
    widget = aw.AttentionHeatmap(aw.Trace.from_arrays(pattern, [f"t{i}" for i in range(n)]), palette="viridis")
    data, _ = widget._repr_mimebundle_()
    image = np.asarray(picture(data))
    yellow = np.argwhere((np.abs(image.astype(int) - ramp("viridis")[255]) <= 3).all(-1))
    # the stripe is there although only one row in five was looked at: it goes down to the last row
    assert len({y for y, _ in yellow}) > 0.9 * 2 * 140 * 2
    assert len(data["image/png"]) <= 150_000


def test_snapshot_puts_the_present_picture_below_the_cell(run, shown):
    widget = aw.AttentionHeatmap(run, layer=1, head=1)
    widget.head = 2
    ((data, about),) = shown(widget.snapshot)
    assert VIEW not in data
    assert data["image/png"] == widget._repr_mimebundle_()[0]["image/png"]
    assert about["image/png"]["alt"] == data["text/plain"]
    assert "L1H2" in data["text/plain"]


def test_static_puts_the_whole_page_below_the_cell_and_says_how_large_it_is(run, shown):
    widget = aw.AttentionHeatmap(run, layer=1, head=1)
    ((data, _),) = shown(widget.static)
    html = data["text/html"]
    size = re.search(r"([\d.]+) (MB|kB) of this notebook", html)
    assert size
    assert float(size[1]) * {"MB": 1e6, "kB": 1e3}[size[2]] == pytest.approx(len(html), rel=0.6)
    assert html.count("<iframe") == 1
    assert "data:image/png;base64," in html.partition("<iframe")[0]
    with pytest.raises(ValueError, match=r"more than max_bytes, 1 kB.*heads=\[\.\.\.\].*to_html\(path\)"):
        widget.static(max_bytes=1000)


def test_pictures_need_no_matplotlib_and_widgets_no_pillow_until_they_are_shown():
    code = (
        "import sys, attn_widgets as aw, numpy as np; "
        "w = aw.AttentionHeatmap(aw.Trace.from_arrays(np.tri(3) / [[1], [2], [3]], list('abc'))); "
        "assert 'PIL' not in sys.modules; w._repr_mimebundle_(); "
        "assert w._still is not None; assert 'matplotlib' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
