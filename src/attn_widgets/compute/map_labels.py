"""Labels that a map is given, of one model or of several -> those of each model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attn_widgets.heads.members import members_of


def labels_of_models(labels: Any, heads: Sequence[str], models: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Model -> class -> its heads, without the model in front; `heads` and `models` are one a head."""
    found: dict[str, dict[str, list[str]]] = {model: {} for model in models}
    if labels is not None:
        for label, rows in members_of(labels, heads, models).items():
            for row in rows:
                found[models[row]].setdefault(label, []).append(heads[row].rpartition(":")[2])
    return found
