"""The public names, each listed once: `__init__.py` resolves them on first use."""

from . import atlas as atlas
from . import circuits as circuits
from . import compute as compute
from . import export as export
from . import figures as figures
from . import forward as forward
from . import heads as heads
from . import models as models
from . import motifs as motifs
from . import stills as stills
from . import trace as trace
from . import widgets as widgets
from .atlas.atlas import Atlas as Atlas
from .atlas.building import build_atlas as build_atlas
from .atlas.corpus import passages as passages
from .atlas.ready import ready_atlas as ready_atlas
from .circuits.ablation import ablate as ablate
from .circuits.attribution import attribute as attribute
from .circuits.composed_paths import paths as paths
from .circuits.freezing import freeze as freeze
from .compute.attention_run import AttentionRun as AttentionRun
from .compute.frozen_run import FrozenRun as FrozenRun
from .compute.head_map import HeadMap as HeadMap
from .forward.capturing import capture as capture
from .forward.generation import generate as generate
from .heads.clusters import cluster_heads as cluster_heads
from .heads.distances import head_distances as head_distances
from .heads.embed import embed_heads as embed_heads
from .heads.features import head_features as head_features
from .heads.known import known_heads as known_heads
from .heads.labels import label_heads as label_heads
from .heads.quality import class_quality as class_quality
from .models import load_model as load_model
from .motifs.registry import MOTIFS as MOTIFS
from .motifs.registry import register_motif as register_motif
from .motifs.scoring import motif_scores as motif_scores
from .settings import options as options
from .trace import Trace as Trace
from .widgets.card import HeadCard as HeadCard
from .widgets.freeze import FreezePanel as FreezePanel
from .widgets.grid import HeadGrid as HeadGrid
from .widgets.heatmap import AttentionHeatmap as AttentionHeatmap
from .widgets.links import link as link
from .widgets.scatter import HeadScatter as HeadScatter

__version__: str
