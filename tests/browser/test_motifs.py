"""Motif overlays, in a real browser: the right cells are outlined in the motif's colour, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from canvas import read_canvas

import attn_widgets as aw

PROMPT = "The cat sat on the mat. The cat sat on the"
N = 12


def previous_token_trace() -> aw.Trace:
    """Return one head that looks at the token before, exactly."""
    pattern = np.eye(N, k=-1)
    pattern[0, 0] = 1
    return aw.Trace.from_arrays(pattern, [f"t{i}" for i in range(N)])


def outlined(page: Any) -> Any:
    """Return, as bool [query, key], which cells have overlay colour along their borders."""
    cells, overlay = read_canvas(page.locator(".aw-heatmap-canvas")), read_canvas(page.locator(".aw-motif-canvas"))
    left, top = cells.origin
    size = cells.cell
    drawn = np.zeros((N, N), bool)
    for query in range(N):
        for key in range(N):
            x0, x1 = ((left + (key + i) * size) * overlay.ratio for i in (0, 1))
            y0, y1 = ((top + (query + i) * size) * overlay.ratio for i in (0, 1))
            cell = overlay.pixels[int(y0) : int(y1), int(x0) : int(x1), 3] > 100
            inner = size * overlay.ratio * 0.3
            middle = overlay.pixels[int(y0 + inner) : int(y1 - inner), int(x0 + inner) : int(x1 - inner), 3]
            assert middle.max(initial=0) == 0, "an overlay covers the middle of a cell, where the pattern is read"
            drawn[query, key] = cell.mean() > 0.1
    return drawn


def colours(page: Any) -> set[tuple[int, ...]]:
    """Return the opaque colours of the overlay."""
    pixels = read_canvas(page.locator(".aw-motif-canvas")).pixels.reshape(-1, 4)
    return {tuple(map(int, pixel[:3])) for pixel in np.unique(pixels[pixels[:, 3] > 250], axis=0)}


def rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


@pytest.mark.parametrize(
    ("motif", "cells"),
    [
        ("previous_token", lambda q, k: k == q - 1),
        ("current_token", lambda q, k: (k == q) & (q >= 1)),
        ("first_token", lambda q, k: k == 0),
        ("recent_band", lambda q, k: (q - k >= 0) & (q - k < 8)),
    ],
)
def test_a_motif_outlines_its_own_cells_in_its_own_colour(page, tmp_path, motif, cells):
    heatmap = aw.AttentionHeatmap(previous_token_trace(), overlays=[motif])
    page.goto(heatmap.to_html(tmp_path / "page.html").as_uri())
    page.locator(f'.aw-motif-canvas[data-motifs="{motif}"]').wait_for()
    query, key = np.indices((N, N))
    inside = cells(query, key)
    drawn = outlined(page)
    # a band is outlined as a whole: its border cells carry the line, and nothing outside it does
    assert not drawn[~_touching(inside)].any()
    assert drawn[inside].mean() > (0.2 if motif == "recent_band" else 0.9)
    assert any(
        max(abs(a - b) for a, b in zip(rgb(aw.MOTIFS[motif].color), c, strict=True)) <= 12 for c in colours(page)
    )


def _touching(inside: Any) -> Any:
    """Return the cells inside and those that share a border with them, where half of a line may lie."""
    padded = np.pad(inside, 1)
    return padded[1:-1, 1:-1] | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]


def test_auto_shows_what_the_head_has_and_the_legend_says_how_much(page, tmp_path):
    trace = previous_token_trace()
    page.goto(aw.AttentionHeatmap(trace, overlays=["auto"]).to_html(tmp_path / "page.html").as_uri())
    canvas = page.locator('.aw-motif-canvas[data-motifs*="previous_token"]')
    canvas.wait_for()
    row = page.locator('.aw-motif-row[data-motif="previous_token"]')
    scores = aw.motif_scores(trace)
    assert f"{scores['previous_token'][0, 0]:.2f}" in row.inner_text()
    assert "first_token" not in canvas.get_attribute("data-motifs")
    assert "-" in page.locator('.aw-motif-row[data-motif="induction"]').inner_text(), "no token repeats: not measurable"


def test_pointing_at_a_motif_dims_everything_outside_it(page, tmp_path):
    heatmap = aw.AttentionHeatmap(previous_token_trace(), overlays=["previous_token"])
    page.goto(heatmap.to_html(tmp_path / "page.html").as_uri())
    page.locator('.aw-motif-canvas[data-motifs="previous_token"]').wait_for()
    page.locator('.aw-motif-row[data-motif="previous_token"]').hover()
    page.locator('.aw-motif-canvas[data-dim="previous_token"]').wait_for()
    cells = read_canvas(page.locator(".aw-heatmap-canvas"))
    left, top = cells.origin

    def veil(query: int, key: int) -> int:
        overlay = read_canvas(page.locator(".aw-motif-canvas"))
        x, y = ((o + (i + 0.5) * cells.cell) * overlay.ratio for o, i in ((left, key), (top, query)))
        return int(overlay.pixels[int(y), int(x), 3])

    assert all(veil(q, q - 1) == 0 for q in range(1, N))
    assert all(veil(q, k) > 60 for q in range(2, N, 3) for k in range(0, q - 1, 2))
    page.mouse.move(0, 0)
    page.locator(".aw-motif-canvas[data-dim]:not([data-dim=''])").wait_for(state="detached")
    assert veil(5, 1) == 0


def test_the_grid_sorts_and_filters_by_a_score(page, tmp_path, toy):
    trace = aw.capture(toy, PROMPT)
    scores = aw.motif_scores(trace)
    grid = aw.HeadGrid(trace, sort_by="induction")
    page.goto(grid.to_html(tmp_path / "page.html").as_uri())
    canvas = page.locator('.aw-grid-canvas[data-sort="induction"]')
    canvas.wait_for()
    expected = [name for name, _ in scores.top("induction", 8)]
    assert canvas.get_attribute("data-order").split(",") == expected
    grid.min_score = 0.3
    page.goto(grid.to_html(tmp_path / "page.html").as_uri())
    canvas.wait_for()
    kept = [name for name, score in scores.top("induction", 8) if score >= 0.3]
    assert canvas.get_attribute("data-order").split(",") == kept
    assert 0 < len(kept) < 8


def test_switches_in_the_browser_are_traits_in_the_kernel(open_notebook, page):
    notebook = open_notebook(
        f"import attn_widgets as aw\nrun = aw.AttentionRun('toy-induction', {PROMPT!r})\n"
        "heatmap, grid = aw.AttentionHeatmap(run, layer=0, head=1), aw.HeadGrid(run, motif='dominant')",
        "heatmap",
        "grid",
    )
    row = page.locator('.aw-motif-row[data-motif="previous_token"]').first
    row.locator("input, button").first.click()
    notebook.wait_for("heatmap.overlays", ["previous_token"])
    page.locator('.aw-motif-canvas[data-motifs="previous_token"]').wait_for()
    notebook.execute("heatmap.overlays = ['auto', 'induction']; grid.sort_by = 'previous_token'")
    page.locator('.aw-motif-canvas[data-motifs*="induction"]').wait_for()
    page.locator('.aw-grid-canvas[data-sort="previous_token"]').wait_for()
    assert page.locator(".aw-grid-canvas").get_attribute("data-order").startswith("L0H1")
    notebook.execute("run.prompt = 'The dog sat.'")
    page.wait_for_function(
        "document.querySelector('.aw-motif-row[data-motif=\"duplicate_token\"]').innerText.includes('-')"
    )
