"""Values of a matrix, a scale and a palette -> colours, as the browser has them (js/src/pattern/scale.ts, color.ts)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.patterns import first_excluded

FloatArray = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]

# the rows of the file: 256 colours each, of three bytes; written by js/src/pattern/color.ts, which a test compares
_NAMES = ("blues", "viridis", "cividis", "magma", "greys", "diverging")
_BLANK = (0xF2, 0xF3, 0xF5)
LOG_DECADES = 4


@cache
def ramp(palette: str) -> Pixels:
    """`[256, RGB]`, from low to high, in light."""
    every = np.frombuffer(Path(__file__).with_name("ramps.bin").read_bytes(), dtype=np.uint8)
    ramps: Pixels = every.reshape(len(_NAMES), 256, 3)
    chosen: Pixels = ramps[_NAMES.index(palette)]
    return chosen


def css(color: NDArray[Any]) -> str:
    """`#rrggbb`."""
    return "#" + "".join(f"{int(byte):02x}" for byte in color)


def indices(positions: FloatArray) -> NDArray[np.intp]:
    """Places on a colour bar, 0 to 1 -> indices into its ramp, as matplotlib has it."""
    found: NDArray[np.intp] = (np.clip(positions, 0, 1) * 256).astype(np.intp).clip(0, 255)
    return found


@dataclass(frozen=True)
class Coloring:
    """How a matrix is coloured.

    Attributes
    ----------
    positions : numpy.ndarray
        `[query, key]`: where each cell lies on the colour bar, 0 to 1; NaN where it has no value.
    low, high : float
        What the ends of the bar stand for.
    log : bool
    palette : str
    """

    positions: FloatArray
    low: float
    high: float
    log: bool
    palette: str

    def pixels(self) -> Pixels:
        """`[query, key, RGB]`."""
        blank = np.isnan(self.positions)
        colors = ramp(self.palette)[indices(np.where(blank, 0, self.positions))]
        colors[blank] = _BLANK
        return colors


def coloring(
    values: FloatArray, scale: str, palette: str, *, attention: bool = True, signed: bool = False, unit: bool = True
) -> Coloring:
    """Colour a matrix.

    Parameters
    ----------
    values : numpy.ndarray
        `[query, key]`; not finite where there is no value.
    scale : {"linear", "log", "row_max", "exclude_first"}
        Only attention has others than linear.
    palette : str
    attention, signed : bool
        As of `Matrix`.
    unit : bool
        Whether 1 is the most that a value can be, as in a pattern.
    """
    values = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    scale = scale if attention else "linear"
    seen = values[~np.isnan(values)]
    most = float(seen.max(initial=0.0)) if attention or signed or not seen.size else float(seen.max())
    if scale in ("row_max", "exclude_first"):
        return Coloring(row_by_row(values, scale), 0, 1, False, palette)
    if signed:
        most = float(np.abs(seen).max(initial=0.0)) or 1.0
        return Coloring((values + most) / (2 * most), -most, most, False, "diverging")
    low = float(seen.min(initial=0.0)) if attention or not seen.size else float(seen.min())
    low, high = (0.0, 1.0) if unit else (0.0 if attention else low, most)
    high = high if high > low else low + 1
    if scale != "log":
        return Coloring((values - low) / (high - low), low, high, False, palette)
    with np.errstate(divide="ignore"):
        positions = 1 + np.log10(np.maximum(values, 0) / high) / LOG_DECADES
    return Coloring(np.maximum(positions, 0), high * 10.0**-LOG_DECADES, high, True, palette)


def row_by_row(values: FloatArray, scale: str) -> FloatArray:
    """Rows by their own maximum, or by what is left of their sum without the first key."""
    if scale == "exclude_first":
        rest = first_excluded(np.nan_to_num(values)).astype(np.float64)
        rest[:, 0] = np.nan
        return np.where(np.isnan(values), np.nan, rest)
    most = np.max(values, axis=1, keepdims=True, initial=0.0, where=~np.isnan(values))
    return values / np.where(most > 0, most, np.nan)
