"""`cluster_heads`: how unlike every two heads are -> HeadClusters, heads in groups of those that look alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.communities import communities
from attn_widgets.heads.distances import HeadDistances
from attn_widgets.heads.matrix import as_matrix, head_names
from attn_widgets.names import head_name, parse_head

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.floating[Any]]
Method = Literal["average", "complete", "single", "ward", "hdbscan", "leiden"]

_LINKAGES = ("average", "complete", "single", "ward")
_METHODS = (*_LINKAGES, "hdbscan", "leiden")
_NAMES = {"hdbscan": "HDBSCAN", "leiden": "Leiden"}
# to lay out the leaves of more heads takes longer than to find their clusters, and nobody can look at the tree
_ORDERED = 1500


@dataclass(frozen=True, eq=False, repr=False)
class HeadClusters(Mapping[int, list[str]]):
    """Cluster -> the heads in it. `clusters[0]` is the largest.

    Attributes
    ----------
    labels : numpy.ndarray
        `[head]`, int: the cluster of each head, from 0, the largest first; -1 for a head in none.
    heads : tuple of str
        The names, as in the distances.
    method : str
    linkage : numpy.ndarray or None
        For hierarchical methods, the merges as `scipy.cluster.hierarchy` has them, `[head - 1, 4]`, ordered so that
        neighbouring leaves of a dendrogram are alike where there are at most 1,500 heads. None for the other methods.
    """

    labels: NDArray[np.int64]
    heads: tuple[str, ...]
    method: str
    linkage: FloatArray | None = None

    def __getitem__(self, cluster: int) -> list[str]:
        if cluster not in range(len(self)):
            raise KeyError(f"cluster is {cluster!r}; there are {len(self)}, from 0")
        return [self.heads[i] for i in np.flatnonzero(self.labels == cluster)]

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __len__(self) -> int:
        return int(self.labels.max(initial=-1)) + 1

    def __repr__(self) -> str:
        lines = [f"<HeadClusters, {self.method}: {len(self)} clusters of {len(self.heads)} heads>"]
        for cluster, members in self.items():
            more = f" and {len(members) - 8} more" if len(members) > 8 else ""
            lines.append(f"  {cluster}: {', '.join(members[:8])}{more}")
        if self.unclustered:
            lines.append(f"  in none: {len(self.unclustered)}")
        return "\n".join(lines)

    @property
    def unclustered(self) -> list[str]:
        """The heads in no cluster."""
        return [self.heads[i] for i in np.flatnonzero(self.labels < 0)]

    def of(self, head: str | tuple[int, int]) -> int:
        """The cluster of a head; -1 for none.

        Raises
        ------
        ValueError
            If there is no such head.
        """
        name = head_name(*parse_head(head)) if head not in self.heads else head
        if name not in self.heads:
            raise ValueError(f"head is {name}; expected one of {self.heads[0]} to {self.heads[-1]}")
        return int(self.labels[self.heads.index(str(name))])

    def to_frame(self) -> pd.DataFrame:
        """A table for pandas, one row a head, with the column `cluster`."""
        import pandas as pd

        return pd.DataFrame({"cluster": self.labels}, index=pd.Index(list(self.heads), name="name"))


def cluster_heads(
    distances: HeadDistances | FloatArray,
    *,
    n_clusters: int | None = None,
    distance_threshold: float | None = None,
    method: Method = "average",
    min_cluster_size: int = 5,
    n_neighbors: int = 15,
    resolution: float = 1.0,
    random_state: int = 0,
) -> HeadClusters:
    """Group the heads that look alike.

    Parameters
    ----------
    distances : HeadDistances or numpy.ndarray
        Or a matrix of your own, `[head, head]`; its heads are called by the numbers of their rows.
    n_clusters : int, optional
        How many clusters: merging stops when so many are left.
    distance_threshold : float, optional
        The distance at which to cut the tree instead: what merges no higher stays together. In the unit of the
        distances.
    method : {"average", "complete", "single", "ward", "hdbscan", "leiden"}
        The first four are hierarchical: clusters merge, the nearest first, where the distance between two is the
        mean, the largest or the smallest over their heads, or, for Ward, what merging adds to the squares about the
        middles, as if the distances were Euclidean (Ward 1963, "Hierarchical Grouping to Optimize an Objective
        Function"), which distances averaged over prompts nearly are. HDBSCAN (Campello et al. 2013, "Density-Based
        Clustering Based on Hierarchical Density Estimates") finds the number of clusters by itself, and leaves out
        heads that are like no others. Leiden (Traag et al. 2019, "From Louvain to Leiden: guaranteeing well-connected
        communities") finds groups with more ties inside than chance would give, in a graph that ties every head to its
        nearest; it finds their number too, and needs `pip install "attn_widgets[leiden]"`.
    min_cluster_size : int
        For HDBSCAN, the fewest heads that make a cluster.
    n_neighbors : int
        For Leiden, to how many of its nearest each head is tied; all others, where there are fewer.
    resolution : float
        For Leiden, more than 0: the higher, the more clusters.
    random_state : int
        For Leiden, which draws at random; the same number gives the same clusters.

    Returns
    -------
    HeadClusters

    Raises
    ------
    ValueError
        If not exactly one of `n_clusters` and `distance_threshold` is given for a hierarchical method, or one is for
        another; or an argument is out of range.
    ImportError
        If `method` is "leiden" and leidenalg is not installed.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> near_and_far = [[0, 1, 9], [1, 0, 9], [9, 9, 0]]
    >>> aw.cluster_heads(near_and_far, n_clusters=2)
    <HeadClusters, average: 2 clusters of 3 heads>
      0: 0, 1
      1: 2
    """
    matrix = as_matrix(distances)
    heads = head_names(distances, matrix)
    if method not in _METHODS:
        raise ValueError(f"method is {method!r}; expected one of {', '.join(map(repr, _METHODS))}")
    if method not in _LINKAGES:
        for name, value in (("n_clusters", n_clusters), ("distance_threshold", distance_threshold)):
            if value is not None:
                raise ValueError(f"{name} is {value}, but {_NAMES[method]} finds the clusters by itself")
        if method == "hdbscan":
            found = _dense(matrix, min_cluster_size)
        else:
            found = communities(matrix, n_neighbors, resolution, random_state)
        return HeadClusters(_largest_first(found), heads, method)
    tree = merges(matrix, method)
    return HeadClusters(_largest_first(_cut(tree, n_clusters, distance_threshold)), heads, method, tree)


def merges(matrix: FloatArray, method: str = "average") -> FloatArray:
    """The tree of merges, `[head - 1, 4]` as in scipy, its leaves ordered as `HeadClusters.linkage` says."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    if len(matrix) < 2:
        raise ValueError(f"distances are of {len(matrix)} heads; expected at least 2")
    tree: FloatArray = linkage(
        squareform(matrix, checks=False), method=method, optimal_ordering=len(matrix) <= _ORDERED
    )
    return tree


def _cut(tree: FloatArray, n_clusters: int | None, distance_threshold: float | None) -> NDArray[np.int64]:
    from scipy.cluster.hierarchy import cut_tree, fcluster

    heads, highest = len(tree) + 1, tree[-1, 2]
    if (n_clusters is None) == (distance_threshold is None):
        given = "neither was given" if n_clusters is None else "both were given"
        raise ValueError(
            "pass n_clusters=, how many clusters, or distance_threshold=, the distance at which to cut, up to "
            f"{highest:.3g}; {given}"
        )
    if distance_threshold is not None:
        if not distance_threshold >= 0:
            raise ValueError(
                f"distance_threshold is {distance_threshold}; expected a distance, from 0 to {highest:.3g}"
            )
        return np.asarray(fcluster(tree, distance_threshold, criterion="distance"), dtype=np.int64)
    if n_clusters not in range(1, heads + 1):
        raise ValueError(f"n_clusters is {n_clusters}; expected from 1 to {heads}, the number of heads")
    return np.asarray(cut_tree(tree, n_clusters=n_clusters)[:, 0], dtype=np.int64)


def _dense(matrix: FloatArray, min_cluster_size: int) -> NDArray[np.int64]:
    from sklearn.cluster import HDBSCAN

    if not 2 <= min_cluster_size <= len(matrix):
        raise ValueError(
            f"min_cluster_size is {min_cluster_size}; expected from 2 to {len(matrix)}, the number of heads"
        )
    found = HDBSCAN(min_cluster_size=min_cluster_size, metric="precomputed", copy=True).fit_predict(matrix)
    return np.asarray(found, dtype=np.int64)


def _largest_first(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Clusters numbered by size, those of one size by their first head; negative ones stay -1."""
    found, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    kept = found >= 0
    order = np.lexsort((first[kept], -sizes[kept]))
    numbers = {int(label): place for place, label in enumerate(found[kept][order])}
    return np.array([numbers.get(int(label), -1) for label in labels], dtype=np.int64)
