"""What heads do, and what they have in common."""

from attn_widgets.heads.distances import HeadDistances, head_distances
from attn_widgets.heads.features import Features, head_features
from attn_widgets.heads.labels import HeadLabels, label_heads
from attn_widgets.heads.space import HeadSpace

__all__ = [
    "Features",
    "HeadDistances",
    "HeadLabels",
    "HeadSpace",
    "head_distances",
    "head_features",
    "label_heads",
]
