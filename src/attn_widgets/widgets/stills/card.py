"""HeadCard -> its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.stills.card import Card, Row, draw_card
from attn_widgets.tiles import matrix_of
from attn_widgets.widgets.stills.pattern import pattern_of

if TYPE_CHECKING:
    from attn_widgets.widgets.card import HeadCard


def draw(widget: HeadCard) -> tuple[bytes, int, int]:
    """The PNG of what is on show, with its width and height in CSS pixels."""
    card = widget.card
    thumbs = np.frombuffer(card["thumbs"]["data"], np.uint8).reshape(card["thumbs"]["shape"]) / np.float32(255)
    causal = [cells > 0 for cells in card["thumbs"]["cells"]]
    n = len(card["columns"])
    rows = []
    for place, row in enumerate(card["rows"]):
        about = row["relation"] if row["relation"] == "self" else f"{row['relation']}, {row['distance']:.2f} away"
        motif = row["motif"]
        words = [about, f"{motif['label']} {motif['score']}" if motif else "", *row["classes"]]
        here = slice(place * n, (place + 1) * n)
        rows.append(Row(row["name"], "; ".join(filter(None, words)), list(thumbs[here]), causal[here]))
    windows = []
    prompts = [column["prompt"] for column in card["columns"]]
    column = prompts.index(widget.prompt) if widget.prompt in prompts else 0
    for name in dict.fromkeys((widget.current, widget.beside)):
        shown = widget._shown(name, column, widget.unit)
        head = (shown.layer, shown.head)
        windows.append((name, pattern_of(matrix_of(shown.trace, head), shown.trace, head, palette=widget.palette)))
    title = f"{widget.current} beside {widget.beside}, between {widget.unit}s"
    return draw_card(Card(title, windows, [one["text"] for one in card["columns"]], rows, widget.palette))
