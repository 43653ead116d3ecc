"""Run a model again with its attention patterns held: what moves, apart from where it moves from."""

from attn_widgets.circuits.ablation import Ablation, ablate
from attn_widgets.circuits.attribution import Attribution, NotExact, attribute
from attn_widgets.circuits.composed_paths import Paths, paths
from attn_widgets.circuits.effects import Effect, Effects, EffectsOverPrompts
from attn_widgets.circuits.explanation import Explanation
from attn_widgets.circuits.freezing import Frozen, freeze
from attn_widgets.circuits.linearity import Linearity
from attn_widgets.circuits.of_weights import HeadWeights, head_weights
from attn_widgets.circuits.over_prompts import OverPrompts
from attn_widgets.circuits.score_parts import explain

__all__ = [
    "Ablation",
    "Attribution",
    "Effect",
    "Effects",
    "EffectsOverPrompts",
    "Explanation",
    "Frozen",
    "HeadWeights",
    "Linearity",
    "NotExact",
    "OverPrompts",
    "Paths",
    "ablate",
    "attribute",
    "explain",
    "freeze",
    "head_weights",
    "paths",
]
