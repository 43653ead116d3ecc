"""Features -> points in 16 dimensions, and the fitted part of it, kept for heads that come later."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.features import Features
from attn_widgets.heads.moments import Moments
from attn_widgets.heads.space_file import read_fields, write_fields
from attn_widgets.trace import Unit

FloatArray = NDArray[np.floating[Any]]

N_COMPONENTS = 16


@dataclass(frozen=True, eq=False, repr=False)
class HeadSpace:
    """A space in which heads that look alike are close together. Make one with `HeadSpace.fit`.

    Features that never vary or have no value somewhere are dropped. The others are centred, divided by their standard
    deviation, or in a profile by the fixed scale of their family, and turned to their first principal components. What
    was fitted is kept, so that heads of another model find their place among those already there.

    Attributes
    ----------
    kind : str
        The kind of features.
    names : tuple of str
        All features, those dropped included.
    kept : numpy.ndarray
        `[feature]`, bool.
    mean, deviation : numpy.ndarray
        `[kept feature]`: what is taken off each, and what it is then divided by.
    components : numpy.ndarray
        `[component, kept feature]`, orthonormal rows, the direction with the most variance first.
    variance : numpy.ndarray
        `[component]`, the variance along each.
    unit : {"token", "word"}
        What the positions of the patterns were: features of tokens have no place among those of words.
    """

    kind: str
    names: tuple[str, ...]
    kept: NDArray[np.bool_]
    mean: FloatArray
    deviation: FloatArray
    components: FloatArray
    variance: FloatArray
    unit: Unit = "token"

    def __repr__(self) -> str:
        kept = int(self.kept.sum())
        words = " of words" if self.unit == "word" else ""
        return (
            f"<HeadSpace of {self.kind}{words}: {kept} of {len(self.names)} features, "
            f"{len(self.components)} components>"
        )

    @classmethod
    def fit(cls, features: Features | Sequence[Features], n_components: int = N_COMPONENTS) -> HeadSpace:
        """Find the space of some heads.

        Parameters
        ----------
        features : Features or sequence of Features
            One for each model, of one kind and unit. Every head on every prompt counts the same.
        n_components : int
            The most components; fewer where the features vary in fewer directions.

        Returns
        -------
        HeadSpace

        Raises
        ------
        ValueError
            If the kinds or units differ, or no feature varies.
        """
        models = [features] if isinstance(features, Features) else list(features)
        return cls.fit_parts(models, n_components)

    @classmethod
    def fit_parts(cls, parts: Iterable[Features], n_components: int = N_COMPONENTS) -> HeadSpace:
        """Find the space of heads that do not fit into memory: as `fit`, of features that come one after the other.

        Parameters
        ----------
        parts : iterable of Features
            Of one kind and unit; several may be of one model. None is kept.
        n_components : int

        Returns
        -------
        HeadSpace
        """
        moments, first = Moments(), None
        for one in parts:
            first = first or one
            if one.kind != first.kind:
                raise ValueError(f"features are of kinds {sorted({one.kind, first.kind})}; expected one kind")
            if one.unit != first.unit:
                raise ValueError(
                    "features are some of tokens and some of words; expected one unit: trace.words() for all"
                )
            moments.add(one.rows().reshape(-1, len(one.names)))
        if first is None:
            raise ValueError("features has none; a space needs those of several heads")
        kept = moments.kept
        if not kept.any():
            raise ValueError(
                f"none of {len(kept)} features varies between {moments.n_rows} heads and prompts; a space needs "
                "several heads, on prompts of more than two tokens"
            )
        covariance = moments.covariance[np.ix_(kept, kept)]
        deviation = np.sqrt(np.diag(covariance))
        if first.scales is not None:
            deviation = np.array([first.scales[group] for group in np.array(first.groups)[kept]])
        variance, directions = np.linalg.eigh(covariance / np.outer(deviation, deviation))
        order = np.argsort(-variance)[:n_components]
        order = order[variance[order] > 1e-10 * variance.max()]
        components = directions[:, order].T
        # eigenvectors have no sign of their own: the largest entry is positive
        largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
        return cls(
            kind=first.kind,
            names=first.names,
            kept=kept,
            mean=moments.mean[kept],
            deviation=deviation,
            components=components * np.sign(largest),
            variance=variance[order],
            unit=first.unit,
        )

    def transform(self, features: Features) -> FloatArray:
        """Place heads in the space.

        Parameters
        ----------
        features : Features
            Of the kind that the space was fitted to; of any model.

        Returns
        -------
        numpy.ndarray
            `[trace, head, component]`, float64, the heads layer by layer. A feature without a value counts as the
            mean of what was fitted.

        Raises
        ------
        ValueError
            If the features are of another kind or unit.
        """
        if features.kind != self.kind:
            raise ValueError(f"features are {features.kind!r}; expected {self.kind!r}, as the space was fitted to")
        if features.names != self.names:
            raise ValueError(
                f"features are {len(features.names)} numbers of kind {self.kind!r}; the space was fitted to "
                f"{len(self.names)}, by another version of the package. Fit it again"
            )
        if features.unit != self.unit:
            right = "[trace.words() for trace in traces]" if self.unit == "word" else "traces of tokens"
            raise ValueError(
                f"features are of {features.unit}s; the space was fitted to {self.unit}s. Measure {right}, or fit a "
                "space to these"
            )
        scaled = (features.rows()[..., self.kept] - self.mean) / self.deviation
        points: FloatArray = np.where(np.isfinite(scaled), scaled, 0) @ self.components.T
        return points

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the space to one safetensors file; `HeadSpace.load` reads it back exactly.

        With `head_distances(traces, space=HeadSpace.load(path))` another model's heads are placed in it.
        """
        return write_fields(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> HeadSpace:
        """Read a space that `save` wrote.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is damaged, or is not a space.
        """
        defaults = {field.name: field.default for field in fields(cls) if field.default is not MISSING}
        return cls(**read_fields(path, tuple(field.name for field in fields(cls)), defaults))
