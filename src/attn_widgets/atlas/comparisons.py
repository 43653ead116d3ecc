"""The models of an atlas -> distances between their heads, neighbours, maps, groups: each made when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.comparing import Compared, compared
from attn_widgets.atlas.models_there import ModelsThere
from attn_widgets.heads.clusters import HeadClusters, cluster_heads
from attn_widgets.heads.clusters import Method as Clustering
from attn_widgets.heads.distances import HeadDistances
from attn_widgets.heads.embed import Method, embed_heads
from attn_widgets.heads.mean_distances import distances_from, mean_distances, nearest_heads
from attn_widgets.heads.quality import ClassQuality, class_quality

FloatArray = NDArray[np.floating[Any]]
Unit = Literal["auto", "token", "word"]


_NUMBERED = ("average", "complete", "single", "ward")
_CLUSTERS = 8


class Comparisons:
    """What an atlas says about how unlike its heads are.

    Parameters
    ----------
    folder : Path
    models : ModelsThere
    """

    def __init__(self, folder: Path, models: ModelsThere) -> None:
        self._folder, self._models = folder, models
        self._heads_there = models.heads
        self._of = [model.name for model in models.values() for _ in range(model.size)]
        self._compared: dict[tuple[Unit, int], Compared] = {}
        self._nearest: dict[tuple[Any, ...], tuple[NDArray[np.intp], FloatArray]] = {}
        self._embedded: dict[tuple[Any, ...], FloatArray] = {}

    def text(self, passage: str) -> str:
        """The text of a passage, by its id."""
        raise NotImplementedError

    def distances(self, *, unit: Unit = "auto", prompts: int = 64) -> HeadDistances:
        """How unlike every two heads are; see `head_distances`.

        The space is fitted once, to what is there at the time, and kept in the folder if it can be written to: models
        that come later find their place in it.

        Parameters
        ----------
        unit : {"auto", "token", "word"}
            What positions are; "auto": words where there are several models.
        prompts : int
            On how many passages heads are compared, at most: of those of which profiles are kept and that every model
            has read, those with the smallest ids.

        Returns
        -------
        HeadDistances
            Its matrix is float32: 400 MB for 10,000 heads.

        Raises
        ------
        ValueError
            If the models have read no such passage in common.
        """
        found = self._points(unit, prompts)
        return HeadDistances(
            matrix=mean_distances(found.points),
            heads=tuple(self._heads_there),
            models=tuple(self._of),
            prompts=tuple(self.text(passage) for passage in found.passages),
            space=found.space,
        )

    def nearest(
        self, head: str, k: int = 5, model: str | None = None, *, unit: Unit = "auto", prompts: int = 64
    ) -> list[tuple[str, float]]:
        """The heads most like one, of all models or of one; the matrix of all distances is not made.

        Returns
        -------
        list of (str, float)
            Name and distance, the nearest first, without the head itself.

        Raises
        ------
        ValueError
            If there is no such head or model, or k is not positive.
        """
        return self._near([head], k, model, unit, prompts)

    def neighbours(self, k: int = 5, *, unit: Unit = "auto", prompts: int = 64) -> tuple[NDArray[np.intp], FloatArray]:
        """The k nearest of every head; the matrix of all distances is not made.

        Returns
        -------
        numpy.ndarray, numpy.ndarray
            `[head, k]`, in the order of `heads`: their rows, the nearest first, and how far they are.

        Raises
        ------
        ValueError
            If k is not from 1 to the number of the other heads.
        """
        if not 1 <= k < len(self._heads_there):
            raise ValueError(f"k is {k}; expected from 1 to {len(self._heads_there) - 1}, the number of other heads")
        key = (k, unit, prompts)
        if key not in self._nearest:
            self._nearest[key] = nearest_heads(self._points(unit, prompts).points, k)
        return self._nearest[key]

    def compared_on(self, *, unit: Unit = "auto", prompts: int = 64) -> tuple[str, ...]:
        """The ids of the passages that distances are of."""
        return self._points(unit, prompts).passages

    def candidates(
        self, heads: Sequence[str], k: int = 10, model: str | None = None, *, unit: Unit = "auto", prompts: int = 64
    ) -> list[tuple[str, float]]:
        """The heads nearest to several references, by the mean of the distances to them; the references left out.

        Returns
        -------
        list of (str, float)
            Name and mean distance, the nearest first.

        Raises
        ------
        ValueError
            If there is none, or no such head or model, or k is not positive.
        """
        if isinstance(heads, str) or not len(heads):
            raise ValueError(f"heads is {heads!r}; expected a list of at least one head")
        return self._near(heads, k, model, unit, prompts)

    def embed(
        self, method: Method = "isomap", n_components: int = 2, *, unit: Unit = "auto", prompts: int = 64
    ) -> FloatArray:
        """A point for each head, `[head, component]`, in the order of `heads`; see `embed_heads`. Made once."""
        key = (method, n_components, unit, prompts)
        if key not in self._embedded:
            distances = self.distances(unit=unit, prompts=prompts)
            self._embedded[key] = embed_heads(distances, method, n_components=n_components)
        return self._embedded[key]

    def clusters(self, n_clusters: int | None = None, method: Clustering = "complete", **options: Any) -> HeadClusters:
        """Heads in groups; see `cluster_heads`.

        Parameters
        ----------
        n_clusters : int, optional
            Default: 8 where the method does not find the number by itself and no `distance_threshold` is given.
        method : {"average", "complete", "single", "ward", "hdbscan", "leiden"}
        **options
            `distance_threshold`, `min_cluster_size`, `n_neighbors`, `resolution` or `random_state`.

        Returns
        -------
        HeadClusters
        """
        if n_clusters is None and method in _NUMBERED and options.get("distance_threshold") is None:
            n_clusters = min(_CLUSTERS, len(self._heads_there))
        return cluster_heads(self.distances(), n_clusters=n_clusters, method=method, **options)

    def quality(self, labels: Any) -> ClassQuality:
        """How well the distances keep heads of one class together; see `class_quality`."""
        return class_quality(self.distances(), labels)

    def _near(
        self, heads: Sequence[str], k: int, model: str | None, unit: Unit, prompts: int
    ) -> list[tuple[str, float]]:
        if k < 1:
            raise ValueError(f"k is {k}; expected at least 1")
        rows = [self._heads_there.index(self._models.full_name(head)) for head in heads]
        away = distances_from(self._points(unit, prompts).points, np.array(rows, dtype=np.intp)).mean(axis=0)
        away[rows] = np.inf
        if model is not None:
            wanted = self._models[model].name
            away[[name != wanted for name in self._of]] = np.inf
        order = np.argsort(away, kind="stable")[:k]
        return [(self._heads_there[i], float(away[i])) for i in order if np.isfinite(away[i])]

    def _cluster_column(self) -> NDArray[np.int64]:
        """`[head]`, the cluster of each; -1 where distances cannot be had."""
        try:
            # no cluster of one head because it is far from all: a cluster is as wide as its two farthest heads
            return self.clusters().labels
        except ValueError:
            return np.full(len(self._heads_there), -1, dtype=np.int64)

    def _points(self, unit: Unit, prompts: int) -> Compared:
        key = (unit, prompts)
        if key not in self._compared:
            self._compared[key] = compared(self._folder, list(self._models.values()), unit, prompts)
        return self._compared[key]
