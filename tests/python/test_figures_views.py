"""Figures of whole views: grid, card, next tokens, attribution; `ax=` in all; and those that widgets write."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

import attn_widgets as aw

PROMPT = "The cat sat on the mat. The cat sat on the"


@pytest.fixture(scope="module")
def run(toy):
    return aw.AttentionRun(toy, PROMPT)


@pytest.fixture(scope="module")
def frozen_run(run):
    frozen_run = aw.FrozenRun(run)
    frozen_run.prompt = "The dog sat on the mat. The cat sat on the"
    return frozen_run


@pytest.fixture(scope="module")
def head_map(toy):
    return aw.HeadMap(aw.capture(toy, ["The cat sat on the mat.", "Tom has a red apple. Tom has"]))


def test_the_grid_has_a_picture_of_every_head_with_the_colours_of_its_pattern(toy_trace):
    axes = aw.figures.head_grid(toy_trace, palette="viridis").axes[0]
    images = {(round(np.mean(i.get_extent()[2:])), round(np.mean(i.get_extent()[:2]))): i for i in axes.get_images()}
    assert set(images) == {tuple(head) for head in np.ndindex(toy_trace.n_layers, toy_trace.n_heads)}
    shown = images[1, 2].get_array()
    inside = np.tri(toy_trace.n_keys, dtype=bool)
    np.testing.assert_allclose(shown[inside], toy_trace.head("L1H2")[inside], atol=1e-6)
    assert np.ma.getmaskarray(shown)[~inside].all()


def test_motifs_frame_heads_of_the_grid_and_a_head_is_marked(toy_trace):
    axes = aw.figures.head_grid(toy_trace, motif="dominant", head="L1H2").axes[0]
    dominant = aw.motif_scores(toy_trace).dominant()
    frames = [patch for patch in axes.patches if patch.get_label() != "head"]
    assert len(frames) == int((dominant != "none").sum())
    assert all(to_hex(frame.get_edgecolor()) == aw.MOTIFS[frame.get_label()].color for frame in frames)
    (marked,) = [patch for patch in axes.patches if patch.get_label() == "head"]
    assert (round(marked.get_y() + marked.get_height() / 2), round(marked.get_x() + marked.get_width() / 2)) == (1, 2)


def test_next_tokens_are_bars_as_long_as_their_probabilities(frozen_run):
    found = frozen_run.next_tokens
    axes = aw.figures.next_tokens(found, runs=["live", "frozen"], top=3).axes[0]
    wide = sorted(patch.get_width() for patch in axes.patches)
    rows = found.rows[:3]
    assert wide == pytest.approx(sorted(row.probabilities[run] for row in rows for run in ("live", "frozen")))
    with pytest.raises(ValueError, match=r"runs is \['lve'\]; expected some of baseline, live, frozen"):
        aw.figures.next_tokens(found, runs=["lve"])


def test_bars_of_an_attribution_add_up_to_the_logit(toy):
    split = aw.attribute(toy, aw.capture(toy, PROMPT))
    axes = aw.figures.attribution(split, top=3).axes[0]
    bars = {patch.get_label(): patch.get_width() for patch in axes.patches}
    assert bars.pop("logit") == pytest.approx(split.logit)
    assert sum(bars.values()) == pytest.approx(split.logit, abs=1e-4)
    assert len(bars) == 4
    with pytest.raises(TypeError, match=r"expected what attn_widgets\.attribute returns"):
        aw.figures.attribution(split.logit)


def test_a_card_has_a_row_for_each_relative_and_a_column_for_each_prompt(head_map):
    axes = aw.figures.head_card(head_map, "L1H1").axes[0]
    rows = [label.get_text().split("\n")[0].split(",")[0] for label in axes.get_yticklabels()]
    assert rows[0] == "L1H1"
    assert len(axes.get_images()) == 2 * len(rows)
    with pytest.raises(ValueError, match="head is 'L9H9'; expected one of L0H0"):
        aw.figures.head_card(head_map, "L9H9")


def test_a_difference_of_two_traces_is_drawn_around_zero(toy, toy_trace):
    other = aw.capture(toy, toy_trace.text)
    axes = aw.figures.heatmap(toy_trace, "L1H1", motifs=None, less=other).axes[0]
    assert axes.collections[0].norm.vmin == -axes.collections[0].norm.vmax
    np.testing.assert_allclose(axes.collections[0].get_array().compressed(), 0, atol=1e-6)
    with pytest.raises(ValueError, match="less has patterns"):
        aw.figures.heatmap(toy_trace, "L1H1", less=aw.capture(toy, "The cat"))


def test_locked_positions_are_framed(toy_trace):
    axes = aw.figures.heatmap(toy_trace, "L1H1", motifs=None, query=5, key=2).axes[0]
    assert {patch.get_label(): (patch.get_x(), patch.get_y()) for patch in axes.patches} == {
        "query": (-0.5, 4.5),
        "key": (1.5, -0.5),
    }
    with pytest.raises(ValueError, match="query is 99; expected a position from 0"):
        aw.figures.heatmap(toy_trace, "L1H1", query=99)


def test_every_figure_draws_on_axes_that_are_given(toy, toy_trace, frozen_run, head_map):
    distances = head_map.distances
    split = aw.attribute(toy, aw.capture(toy, PROMPT))
    draw = {
        "heatmap": lambda ax: aw.figures.heatmap(toy_trace, "L1H1", ax=ax),
        "head_grid": lambda ax: aw.figures.head_grid(toy_trace, motif="dominant", ax=ax),
        "head_card": lambda ax: aw.figures.head_card(head_map, "L1H1", ax=ax),
        "next_tokens": lambda ax: aw.figures.next_tokens(frozen_run.next_tokens, ax=ax),
        "attribution": lambda ax: aw.figures.attribution(split, ax=ax),
        "effects": lambda ax: aw.figures.effects(frozen_run.effects.kl(), ax=ax),
        "head_map": lambda ax: aw.figures.head_map(head_map.points, distances, color_by=head_map.classes, ax=ax),
        "distance_matrix": lambda ax: aw.figures.distance_matrix(distances, ax=ax),
        "motif_table": lambda ax: aw.figures.motif_table(aw.motif_scores(toy_trace), ax=ax),
        "class_quality": lambda ax: aw.figures.class_quality(
            aw.class_quality(distances, {"some": list(distances.heads[:3])}), ax=ax
        ),
    }
    assert set(draw) == set(aw.figures.__all__)
    for name, on in draw.items():
        figure = Figure(figsize=(8, 4))
        left, right = figure.subplots(1, 2)
        size = tuple(figure.get_size_inches())
        assert on(left) is figure, name
        assert left.has_data() or left.get_images(), name
        assert not right.has_data(), name
        assert tuple(figure.get_size_inches()) == size, name


def test_widgets_write_what_they_show(run, frozen_run, head_map, tmp_path):
    panel = aw.FreezePanel(frozen_run, layer=1, head=1, kind="difference")
    heatmap = aw.AttentionHeatmap(run, layer=1, head=1, scale="log", palette="magma", unit="word", query=3)
    widgets = {
        "heatmap": heatmap,
        "grid": aw.HeadGrid(run, motif="dominant"),
        "panel": panel,
        "scatter": aw.HeadScatter(head_map, color_by="motif"),
        "card": aw.HeadCard(head_map, "L1H1"),
    }
    for name, widget in widgets.items():
        path = widget.to_png(tmp_path / f"{name}.png", dpi=100)
        width, height = Image.open(path).size
        assert min(width, height) > 150, name
        assert widget.to_svg(tmp_path / f"{name}.svg").read_text().count("<path") > 10, name
    figure = heatmap._figure()
    axes = figure.axes[0]
    assert axes.get_xlabel() == "key word"
    assert axes.collections[0].get_cmap().name == "magma"
    assert [patch.get_label() for patch in axes.patches] == ["query"]
    assert "difference" in panel._figure().axes[-1].get_ylabel()
