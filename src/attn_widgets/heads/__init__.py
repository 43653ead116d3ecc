"""What heads do, and what they have in common."""

from attn_widgets.heads.labels import HeadLabels, label_heads

__all__ = ["HeadLabels", "label_heads"]
