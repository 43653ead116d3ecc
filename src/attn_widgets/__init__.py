"""Look inside attention: heatmaps, head grids and the computations behind them, in a notebook.

Names are resolved on first use, so that `import attn_widgets` costs nothing and does not import torch.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attn_widgets import export as export
    from attn_widgets import figures as figures
    from attn_widgets.capture import capture as capture
    from attn_widgets.compute.attention_run import AttentionRun as AttentionRun
    from attn_widgets.compute.frozen_run import FrozenRun as FrozenRun
    from attn_widgets.compute.head_map import HeadMap as HeadMap
    from attn_widgets.freeze.ablation import ablate as ablate
    from attn_widgets.freeze.attribution import attribute as attribute
    from attn_widgets.freeze.frozen import freeze as freeze
    from attn_widgets.freeze.paths import paths as paths
    from attn_widgets.heads.clusters import cluster_heads as cluster_heads
    from attn_widgets.heads.distances import head_distances as head_distances
    from attn_widgets.heads.embed import embed_heads as embed_heads
    from attn_widgets.heads.features import head_features as head_features
    from attn_widgets.heads.known import known_heads as known_heads
    from attn_widgets.heads.labels import label_heads as label_heads
    from attn_widgets.models import load_model as load_model
    from attn_widgets.motifs.registry import MOTIFS as MOTIFS
    from attn_widgets.motifs.registry import register_motif as register_motif
    from attn_widgets.motifs.scores import motif_scores as motif_scores
    from attn_widgets.trace import Trace as Trace
    from attn_widgets.widgets.freeze_panel import FreezePanel as FreezePanel
    from attn_widgets.widgets.head_card import HeadCard as HeadCard
    from attn_widgets.widgets.head_grid import HeadGrid as HeadGrid
    from attn_widgets.widgets.head_scatter import HeadScatter as HeadScatter
    from attn_widgets.widgets.heatmap import AttentionHeatmap as AttentionHeatmap
    from attn_widgets.widgets.link import link as link

__version__ = "0.1.0"

_HOME = {
    "load_model": "attn_widgets.models",
    "Trace": "attn_widgets.trace",
    "capture": "attn_widgets.capture",
    "MOTIFS": "attn_widgets.motifs.registry",
    "motif_scores": "attn_widgets.motifs.scores",
    "register_motif": "attn_widgets.motifs.registry",
    "freeze": "attn_widgets.freeze.frozen",
    "ablate": "attn_widgets.freeze.ablation",
    "attribute": "attn_widgets.freeze.attribution",
    "paths": "attn_widgets.freeze.paths",
    "cluster_heads": "attn_widgets.heads.clusters",
    "embed_heads": "attn_widgets.heads.embed",
    "known_heads": "attn_widgets.heads.known",
    "label_heads": "attn_widgets.heads.labels",
    "head_features": "attn_widgets.heads.features",
    "head_distances": "attn_widgets.heads.distances",
    "AttentionRun": "attn_widgets.compute.attention_run",
    "FrozenRun": "attn_widgets.compute.frozen_run",
    "HeadMap": "attn_widgets.compute.head_map",
    "AttentionHeatmap": "attn_widgets.widgets.heatmap",
    "FreezePanel": "attn_widgets.widgets.freeze_panel",
    "HeadGrid": "attn_widgets.widgets.head_grid",
    "HeadScatter": "attn_widgets.widgets.head_scatter",
    "HeadCard": "attn_widgets.widgets.head_card",
    "link": "attn_widgets.widgets.link",
}
_ROOMS = ("export", "figures", "models", "trace", "motifs", "heads", "widgets", "compute")

__all__ = [
    "AttentionHeatmap",
    "AttentionRun",
    "FreezePanel",
    "FrozenRun",
    "HeadCard",
    "HeadGrid",
    "HeadMap",
    "HeadScatter",
    "MOTIFS",
    "Trace",
    "ablate",
    "attribute",
    "capture",
    "cluster_heads",
    "embed_heads",
    "export",
    "figures",
    "freeze",
    "head_distances",
    "head_features",
    "known_heads",
    "label_heads",
    "link",
    "load_model",
    "motif_scores",
    "paths",
    "register_motif",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    if name in _ROOMS:
        return import_module(f"attn_widgets.{name}")
    raise AttributeError(f"module 'attn_widgets' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


class _Package(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        # importing the module attn_widgets.capture would otherwise put it in the place of the function of that name
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
