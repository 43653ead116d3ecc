"""Run a model again with its attention patterns held: what moves, apart from where it moves from."""

from attn_widgets.freeze.ablation import Ablation, ablate
from attn_widgets.freeze.attribution import Attribution, NotExact, attribute
from attn_widgets.freeze.effects import Effect, Effects
from attn_widgets.freeze.frozen import Frozen, freeze
from attn_widgets.freeze.linearity import Linearity
from attn_widgets.freeze.paths import Paths, paths

__all__ = [
    "Ablation",
    "Attribution",
    "Effect",
    "Effects",
    "Frozen",
    "Linearity",
    "NotExact",
    "Paths",
    "ablate",
    "attribute",
    "freeze",
    "paths",
]
