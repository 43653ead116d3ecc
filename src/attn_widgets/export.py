"""Widgets -> one offline HTML file that needs no kernel and no network."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar, Protocol

from attn_widgets.buffers import Path as Place
from attn_widgets.buffers import without_bytes
from attn_widgets.bundles import bundle

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
.unopened {{ font: 15px/1.5 system-ui, sans-serif; animation: unopened 1s step-end }}
@keyframes unopened {{ from {{ visibility: hidden }} }}
@media print {{ :root {{ color-scheme: light }} }}
</style>
</head>
<body>
<main id="attn-widgets-root">
<p class="unopened">The widgets of this page could not be opened.
Its file may be damaged or cut short, or scripts are not allowed to run here.</p>
</main>
<script type="application/json" id="attn-widgets">{state}</script>
<script type="module">{standalone}</script>
</body>
</html>
"""


class Exportable(Protocol):
    """What a widget must offer to stand on a page."""

    # the name of its built JavaScript and CSS; a subclass has that of its base
    _bundle: ClassVar[str]

    @property
    def page_title(self) -> str:
        """What a page is called by default."""
        ...

    def page_state(self) -> dict[str, Any]:
        """Traits, complete without a kernel."""
        ...


def write_page(
    widgets: Sequence[Exportable],
    path: str | Path,
    *,
    title: str | None = None,
    heads: Sequence[str | tuple[int, int]] | None = None,
    detail: str | int = "overview",
    rows: Sequence[int] | None = None,
) -> Path:
    """Write widgets to one HTML file, one below the other, with their selections linked.

    Parameters
    ----------
    widgets : sequence of AttentionHeatmap and HeadGrid
    path : str or Path
        Written over if it exists.
    title : str, optional
        Of the page; default the model's name, or the head's.
    heads : list of str or (int, int), optional
        The heads that the page holds large patterns of; default all.
    detail : {"overview", "exact"} or int
        How fine those of long prompts are; see `AttentionHeatmap.to_html`.
    rows : list of int, optional
        Queries whose rows are there exactly, whatever the detail; default those that are locked.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If there is no widget, or the page would be too large for a browser.
    TypeError
        If something else than a widget of this package is given.
    """
    path = Path(path)
    path.write_text(page_text(widgets, title=title, heads=heads, detail=detail, rows=rows), encoding="utf-8")
    return path


def page_text(
    widgets: Sequence[Exportable],
    *,
    title: str | None = None,
    heads: Sequence[str | tuple[int, int]] | None = None,
    detail: str | int = "overview",
    rows: Sequence[int] | None = None,
) -> str:
    """What `write_page` writes."""
    if not widgets:
        raise ValueError("widgets is empty; expected at least one")
    for widget in widgets:
        if not hasattr(widget, "page_state"):
            raise TypeError(f"widgets holds a {type(widget).__name__}; expected widgets of attn_widgets")
    names = list(dict.fromkeys(widget._bundle for widget in widgets))
    with ExitStack() as chosen:
        for widget in widgets:
            if hasattr(widget, "chosen_for_page"):
                chosen.enter_context(widget.chosen_for_page(heads, detail, rows))
        entries = _entries(widgets)
    page = {
        "modules": {name: bundle(f"{name}.js") for name in names},
        "styles": {name: bundle(f"{name}.css") for name in names},
        "widgets": entries,
    }
    # "<" never stands in the data as such: a token may read "</script>"
    state = json.dumps(page, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return _PAGE.format(
        title=html.escape(title or widgets[0].page_title or "Attention patterns"),
        state=state,
        standalone=bundle("standalone.js"),
    )


def _entries(widgets: Sequence[Exportable]) -> list[dict[str, Any]]:
    """States and buffers; bytes that several widgets have, such as the motifs of one trace, are there once."""
    entries: list[dict[str, Any]] = []
    places: dict[bytes, tuple[int, int]] = {}
    for number, widget in enumerate(widgets):
        found: list[tuple[Place, bytes]] = []
        state = without_bytes(widget.page_state(), [], found)
        buffers: list[tuple[Place, str | tuple[int, int]]] = []
        for path, data in found:
            here = (number, len(buffers))
            first = places.setdefault(data, here)
            buffers.append((path, base64.b64encode(data).decode("ascii") if first == here else first))
        entries.append({"module": widget._bundle, "state": state, "buffers": buffers})
    return entries
