"""Rows of features, some at a time -> which of them vary, their means and covariance, as of all rows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


class Moments:
    """Means and covariance of features `[row, feature]` that come in parts; nothing of the parts is kept.

    Sums are taken in float64, about the means of the first part, so that little is lost to rounding where features
    vary little about a large mean.
    """

    def __init__(self) -> None:
        self.n_rows = 0

    def add(self, rows: NDArray[Any]) -> None:
        """Take in more rows, `[row, feature]`."""
        rows = rows.astype(np.float64)
        known = np.isfinite(rows)
        rows = np.where(known, rows, 0)
        if not self.n_rows:
            self._about = rows.mean(axis=0)
            self._finite = np.ones(rows.shape[1], bool)
            self._least, self._most = rows.min(axis=0), rows.max(axis=0)
            self._sum = np.zeros(rows.shape[1])
            self._products = np.zeros((rows.shape[1],) * 2)
        self._finite &= known.all(axis=0)
        self._least, self._most = np.minimum(self._least, rows.min(axis=0)), np.maximum(self._most, rows.max(axis=0))
        rows -= self._about
        self._sum += rows.sum(axis=0)
        self._products += rows.T @ rows
        self.n_rows += len(rows)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """`[feature]`: those that have a value in every row, and not the same one in all."""
        largest = np.maximum(np.abs(self._least), np.abs(self._most))
        # float32 rounds what is constant
        varies: NDArray[np.bool_] = self._most - self._least > 1e-6 * largest
        return self._finite & varies

    @property
    def mean(self) -> FloatArray:
        """`[feature]`."""
        mean: FloatArray = self._about + self._sum / self.n_rows
        return mean

    @property
    def covariance(self) -> FloatArray:
        """`[feature, feature]`, over all rows (not one less)."""
        off = self._sum / self.n_rows
        covariance: FloatArray = self._products / self.n_rows - np.outer(off, off)
        return covariance
