"""Traces, scores, distances, effects -> matplotlib figures for papers: the views of the widgets as vector graphics.

Figures are made without pyplot: nothing global changes, and nothing has to be closed. Save with
`figure.savefig("head.pdf")`; a notebook shows the returned figure by itself. `figure.axes[0]` are its axes. With
`ax=` all draw on axes of yours, and return the figure that these are in.
"""

from attn_widgets.figures.card import head_card
from attn_widgets.figures.distances import distance_matrix
from attn_widgets.figures.effect_parts import effects
from attn_widgets.figures.grid import head_grid
from attn_widgets.figures.likely import next_tokens
from attn_widgets.figures.logit_parts import attribution
from attn_widgets.figures.map import head_map
from attn_widgets.figures.pattern import heatmap
from attn_widgets.figures.quality import class_quality
from attn_widgets.figures.table import motif_table

__all__ = [
    "attribution",
    "class_quality",
    "distance_matrix",
    "effects",
    "head_card",
    "head_grid",
    "head_map",
    "heatmap",
    "motif_table",
    "next_tokens",
]
