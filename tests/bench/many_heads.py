"""A scatter of 10,000 heads of an atlas: bytes sent, until it is drawn, frames while it is pointed at and filtered.

What it shows is made of an atlas of the toy's checkpoints, whose heads are drawn again and again with a little noise:
how long an atlas takes to compare so many heads is measured elsewhere, here the widget is.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from chromium import chromium
from large_map import _CHANGE_A_LINE, _STEPS, _frames, _intervals, _open, _point
from table import Row

import attn_widgets as aw
from attn_widgets.heads.mean_distances import nearest_heads
from attn_widgets.motifs.observers import Observers

_MODELS, _LAYERS, _HEADS = 10, 25, 40
_BYTES_BUDGET = 6_000_000
_SCRIPTING_BUDGET, _FRAME_BUDGET = 16.0, 3.0
_TEXTS = [
    "The cat sat on the mat. The cat sat on the mat. The cat sat on the mat.",
    "When Mary and John went to the store, Mary gave a book to John.",
]


class Many:
    """Answers what a map asks of an atlas, for 10,000 heads."""

    def __init__(self, atlas: aw.Atlas) -> None:
        self.on_columns = Observers()
        draw = np.random.default_rng(0)
        n = _MODELS * _LAYERS * _HEADS
        rows = draw.integers(0, len(atlas.heads), n)
        table = atlas.heads.iloc[rows].copy()
        numbers = table.select_dtypes("float").columns
        table[numbers] += draw.normal(0, 0.02, (n, len(numbers)))
        model, layer, head = np.indices((_MODELS, _LAYERS, _HEADS)).reshape(3, -1)
        table["model"] = [f"model-{i}" for i in model]
        table["layer"], table["head"], table["depth"] = layer, head, layer / (_LAYERS - 1)
        names = [f"model-{m}:L{i}H{j}" for m, i, j in zip(model, layer, head, strict=True)]
        self._table = table.set_index(pd.Index(names, name="name"))
        spot = atlas.embed("pca")
        self._points = spot[rows] + draw.normal(0, 0.03 * np.ptp(spot), (n, 2))
        of = np.concatenate([atlas.mean_patterns(one).reshape(8, *_shape(atlas)) for one in atlas.models])
        self._patterns = of[rows].reshape(_MODELS, _LAYERS, _HEADS, *_shape(atlas))

    @property
    def heads(self) -> pd.DataFrame:
        return self._table

    def embed(self, *args: Any, **options: Any) -> Any:
        return self._points

    def neighbours(self, k: int, **options: Any) -> Any:
        return nearest_heads(self._points[None], k)

    def compared_on(self, **options: Any) -> tuple[str, ...]:
        return ()

    def mean_patterns(self, model: str) -> Any:
        return self._patterns[int(model.partition("-")[2])]

    def add_columns(self, columns: Any) -> None:
        raise NotImplementedError


def bench() -> list[Row]:
    models = [{"model": "toy-induction", "checkpoint": k, "device": "cpu"} for k in (0, 6, 11)]
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        many = Many(aw.build_atlas(models, _TEXTS, Path(folder) / "atlas", progress=False))
        scatter = aw.HeadScatter(aw.HeadMap(many), color_by="motif", x="depth", y="induction")
        what = f"map of {len(scatter.names):,} heads of an atlas"
        sent = _bytes(scatter)
        page, seconds = _open(browser, scatter, Path(folder) / "page.html")
        rows = [
            Row(
                f"{what}: bytes sent",
                ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in sent.items()),
                f"{len(scatter.columns)} columns",
                f"{sum(sent.values()) / 1e6:.1f} MB",
                f"<= {_BYTES_BUDGET / 1e6:.0f} MB",
                sum(sent.values()) <= _BYTES_BUDGET,
            ),
            Row(f"{what}: drawn, page opened from disk", f"{seconds:.2f} s"),
        ]
        line = statistics.median(_intervals(page, lambda: page.evaluate(_CHANGE_A_LINE, _STEPS)))
        rows.append(_frames(browser, page, f"{what} pointed at", _point, line, _FRAME_BUDGET))
        page.get_by_role("button", name="Filter", exact=True).click()
        slider = page.get_by_role("slider", name="Least depth")
        _slide(page, slider)
        slid = _intervals(page, lambda: _slide(page, slider))
        rows.append(
            Row(
                f"{what}: a filter by depth moved, 20 steps",
                f"frame {statistics.median(slid):.0f} ms, 95% under {np.percentile(slid, 95):.0f} ms",
                f"frames in which a line changes {line:.0f} ms",
                f"{statistics.median(slid) / line:.1f}",
            )
        )
    return rows


def _shape(atlas: aw.Atlas) -> tuple[int, int]:
    return atlas.mean_patterns(atlas.models[0]).shape[2:]


def _bytes(scatter: aw.HeadScatter) -> dict[str, int]:
    columns = sum(len(column.get("data", column.get("codes"))["data"]) for column in scatter.columns)
    spread = sum(len(column["spread"]["data"]) for column in scatter.columns if "spread" in column)
    near = len(scatter.neighbours["data"]) + len(scatter.neighbour_distances["data"])
    thumbs = len(scatter.thumbs["data"]["data"])
    return {"points": len(scatter.points["data"]), "columns": columns + spread, "neighbours": near, "thumbs": thumbs}


def _slide(page: Any, slider: Any) -> None:
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
    page.keyboard.press("Home")
    page.wait_for_timeout(300)
