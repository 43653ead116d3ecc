"""The table of heads -> which share of them is in each cluster, class or motif, by depth or by model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from attn_widgets.heads.clusters import HeadClusters
from attn_widgets.names import near_miss

if TYPE_CHECKING:
    import pandas as pd

By = Literal["depth", "model"]


def trends(heads: pd.DataFrame, by: By, of: str | HeadClusters, bins: int) -> pd.DataFrame:
    """Shares of heads; see `Atlas.trends`.

    Parameters
    ----------
    heads : pandas.DataFrame
        As `Atlas.heads`.
    by : {"depth", "model"}
    of : str or HeadClusters
        A column of the table, or other clusters of the same heads.
    bins : int
    """
    import pandas as pd

    if by not in ("depth", "model"):
        raise ValueError(f'by is {by!r}; expected "depth" or "model"')
    if bins < 1:
        raise ValueError(f"bins is {bins}; expected at least 1")
    if isinstance(of, HeadClusters):
        group = of.to_frame()["cluster"].reindex(heads.index)
        if group.isna().any():
            raise ValueError("of is clusters of other heads; expected what atlas.clusters() returned")
        group = group.astype(int)
    elif of in heads.columns and of != "classes":
        group = heads[of].replace("", "none")
    else:
        raise ValueError(f"of is {of!r}; {near_miss(str(of), heads.columns.drop('classes'))}")
    rows = heads["model"] if by == "model" else _binned(heads["depth"], bins)
    counted = pd.crosstab(rows.rename(by), group.rename(group.name), dropna=False)
    counted = counted.loc[counted.sum(axis=1) > 0]
    if by == "model":
        counted = counted.loc[list(dict.fromkeys(heads["model"]))]
    shares = counted.div(counted.sum(axis=1), axis=0)
    shares.insert(0, "n_heads", counted.sum(axis=1))
    return shares


def _binned(depth: pd.Series, bins: int) -> pd.Series:
    """Bins of one width over 0 to 1, each with its lower edge, the last with both."""
    import pandas as pd

    edges = np.linspace(0, 1, bins + 1)
    # a depth that is an edge is in the bin that begins there, whatever rounding left of it
    at = np.minimum(np.floor(depth.to_numpy() * bins + 1e-9).astype(int), bins - 1)
    intervals = pd.IntervalIndex.from_breaks(edges.round(6), closed="left")
    return pd.Series(intervals[at], index=depth.index)
