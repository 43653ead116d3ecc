"""Distances whose geometry is known because they are between points that were made."""

from __future__ import annotations

from typing import Any

import numpy as np

from attn_widgets.heads.distances import HeadDistances


def euclidean(points: Any) -> Any:
    """[point, point]."""
    points = np.asarray(points, dtype=float)
    return np.linalg.norm(points[:, None] - points[None], axis=-1)


def blobs(sizes: tuple[int, ...] = (12, 8, 5), components: int = 4, apart: float = 20, seed: int = 0) -> Any:
    """Groups of points of radius about 1, far from each other; and the group of each point."""
    draw = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    group = draw.permutation(group)
    centres = apart * np.eye(len(sizes), components)
    return centres[group] + draw.normal(size=(len(group), components)) / 2, group


def distances_of(points: Any, *, heads_in_layer: int = 5, models: tuple[str, ...] = ("made-up",)) -> HeadDistances:
    """Heads of one or several models of the same size, one a point."""
    number = len(points) // len(models)
    names = [f"L{i // heads_in_layer}H{i % heads_in_layer}" for i in range(number)]
    return HeadDistances(
        matrix=euclidean(points),
        heads=tuple(f"{model}:{name}" if len(models) > 1 else name for model in models for name in names),
        models=tuple(model for model in models for _ in names),
        prompts=("one", "two"),
        space=None,  # type: ignore[arg-type]
    )
