"""Clusters, classes or a column of names -> the group of each point, and a colour for each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.clusters import HeadClusters
from attn_widgets.heads.members import members_of
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.stills.points import CATEGORIES as COLORS


@dataclass(frozen=True)
class Groups:
    """Which group a point belongs to.

    Attributes
    ----------
    names, colors : tuple of str
        One a group.
    sizes : tuple of int
        How many points belong to each.
    first, second : numpy.ndarray
        `[point]`, int: its groups, -1 for none.
    """

    names: tuple[str, ...]
    colors: tuple[str, ...]
    sizes: tuple[int, ...]
    first: NDArray[np.int64]
    second: NDArray[np.int64]


def groups_of(
    given: HeadClusters | Mapping[str, Any] | Sequence[Any] | NDArray[Any],
    heads: Sequence[str],
    models: Sequence[str],
) -> Groups:
    """Sort points into groups.

    Parameters
    ----------
    given
        Clusters, classes as for `members_of`, or a name for each point, "" or "none" for no group.
    heads, models : sequence of str
        Of each point.

    Raises
    ------
    ValueError
        If clusters are of other heads, or a class has a head that is not among these.
    """
    members: dict[str, NDArray[Any]]
    if isinstance(given, HeadClusters):
        if given.heads != tuple(heads):
            raise ValueError(
                f"color_by is clusters of {len(given.heads)} heads; expected those of the {len(heads)} here"
            )
        members = {f"cluster {cluster}": np.flatnonzero(given.labels == cluster) for cluster in given}
    elif isinstance(given, Mapping):
        members = dict(members_of(given, heads, models, "color_by")) if given else {}
    else:
        values = np.array([_text(value) for value in given], dtype=object)
        found = [value for value in dict.fromkeys(values) if value not in ("", "none")]
        members = {value: np.flatnonzero(values == value) for value in found}
    members = {name: points for name, points in members.items() if len(points)}
    first, second = np.full((2, len(heads)), -1, dtype=np.int64)
    for group, points in enumerate(members.values()):
        for point in points:
            if first[point] < 0:
                first[point] = group
            elif second[point] < 0:
                second[point] = group
    motifs = all(name in MOTIFS for name in members)
    return Groups(
        names=tuple(members),
        colors=tuple(MOTIFS[name].color if motifs else COLORS[i % len(COLORS)] for i, name in enumerate(members)),
        sizes=tuple(len(points) for points in members.values()),
        first=first,
        second=second,
    )


def _text(value: Any) -> str:
    """A name; what is missing in a table is no name."""
    return "" if value is None or value != value else str(value)
