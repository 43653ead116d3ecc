"""Sums of scores -> the table of all heads, one row each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.atlas.as_table import OF_MOTIFS
from attn_widgets.atlas.of_model import OfModel, Sums
from attn_widgets.atlas.other_columns import other_columns
from attn_widgets.heads.known import known_heads
from attn_widgets.motifs import naming
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.names import head_name

if TYPE_CHECKING:
    import pandas as pd


def heads_table(models: Mapping[str, OfModel], sums: Mapping[str, Mapping[str, Sums]]) -> pd.DataFrame:
    """Put the rows of all models one after the other.

    Parameters
    ----------
    models : dict
        Name -> model.
    sums : dict
        Name of a model -> kind of passage -> sums.
    """
    import pandas as pd

    return pd.concat([_rows(model, sums[name].values()) for name, model in models.items()])


def _rows(model: OfModel, parts: Iterable[Sums]) -> pd.DataFrame:
    import pandas as pd

    names = model.names()
    sums = Sums.all_of(parts, len(names), model.size)
    layer, head = np.indices((model.n_layers, model.n_heads)).reshape(2, -1)
    short = [head_name(int(one), int(other)) for one, other in zip(layer, head, strict=True)]
    known = known_heads(model.name.partition("~")[0], own={})
    classes = [list(known.of(name)) for name in short]
    columns: dict[str, Any] = {
        "model": model.name,
        "layer": layer,
        "head": head,
        "depth": layer / max(model.n_layers - 1, 1),
        "n_passages": sums.passages,
    }
    mean, std = sums.mean, sums.std
    columns["motif"] = dominant(names, mean)
    columns["class"] = [own[0] if own else "" for own in classes]
    columns["classes"] = classes
    for i, name in enumerate(names):
        columns[name] = mean[i]
        if not name.endswith(OF_MOTIFS[1:]):
            columns[f"{name}_std"] = std[i]
    columns.update(other_columns(model))
    return pd.DataFrame(columns, index=pd.Index([f"{model.name}:{name}" for name in short], name="name"))


def dominant(names: list[str], mean: Any) -> list[str]:
    """The motif that each head is named by, as `MotifScores.dominant` does.

    Parameters
    ----------
    names : list of str
        Of the scores.
    mean : numpy.ndarray
        `[score, head]`.
    """
    motifs = [motif for motif in MOTIFS.values() if motif.name in names and motif.name != "first_token"]
    score, lift, bits = (
        np.stack([mean[names.index(f"{motif.name}{of}")] for motif in motifs])[:, None] for of in OF_MOTIFS
    )
    there = naming.present(score, bits, [motif.present_from for motif in motifs], naming.MIN_SCORE, naming.MIN_BITS)
    best = naming.dominant(there, lift, bits)[0]
    return [motifs[at].name if at >= 0 else "none" for at in best]
