"""Open a model: a name or a model object -> a Model that `capture` and the widgets understand."""

from attn_widgets.models.load import load_model
from attn_widgets.models.model import Model

__all__ = ["Model", "load_model"]
