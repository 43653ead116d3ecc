"""Values -> 16-bit codes, value = offset + scale * code; the largest error is half of scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

CODES = 65535


@dataclass(frozen=True)
class Coding:
    """How values are written.

    Attributes
    ----------
    offset, scale : float
        value = offset + scale * code.
    masked : bool
        Whether code 0 means "no value".
    """

    offset: float
    scale: float
    masked: bool = False

    @classmethod
    def between(cls, low: float, high: float, *, masked: bool = False, signed: bool = False) -> Coding:
        """Codes for the values from low to high; of signed ones 0 has a code of its own, in the middle."""
        if signed:
            high = max(abs(low), abs(high))
            low = -high
        first = 1 if masked else 0
        scale = (high - low) / (CODES - first - signed) or 1.0
        return cls(low - first * scale, scale, masked)

    @classmethod
    def of(cls, cells: FloatArray, *, masked: bool = False, signed: bool = False) -> Coding:
        """Codes for these values: from 0 on unless they are masked or signed."""
        seen = np.isfinite(cells)
        if not seen.any():
            return cls.between(0.0, 0.0, masked=masked, signed=signed)
        high = float(cells.max(where=seen, initial=-np.inf))
        low = float(cells.min(where=seen, initial=np.inf)) if masked or signed else 0.0
        return cls.between(low, high, masked=masked, signed=signed)

    def codes(self, cells: FloatArray) -> NDArray[np.uint16]:
        """`cells` as little-endian uint16 of the same shape; those that are not finite get 0."""
        scaled = cells.astype(np.float32)
        scaled -= np.float32(self.offset)
        scaled /= np.float32(self.scale)
        np.rint(scaled, out=scaled)
        np.nan_to_num(scaled, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        np.clip(scaled, 0, CODES, out=scaled)
        return scaled.astype("<u2")

    def about(self) -> dict[str, Any]:
        """What the browser must know to read the codes."""
        return {"offset": self.offset, "scale": self.scale, "masked": self.masked}
