"""Run a model again with its attention patterns held: what moves, apart from where it moves from."""

from attn_widgets.circuits.ablation import Ablation, ablate
from attn_widgets.circuits.attribution import Attribution, NotExact, attribute
from attn_widgets.circuits.composed_paths import Paths, paths
from attn_widgets.circuits.effects import Effect, Effects
from attn_widgets.circuits.freezing import Frozen, freeze
from attn_widgets.circuits.linearity import Linearity

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
