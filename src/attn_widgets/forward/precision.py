"""A model's dtype -> what sums are made in, and how far from exact they may be."""

from __future__ import annotations

import torch

# many models compute their norms in float32, whatever they are loaded in
_TOLERANCE = {torch.float64: 1e-6, torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 5e-2}


def tolerance(dtype: torch.dtype) -> float:
    """Largest relative difference that rounding explains; anything above it is another computation."""
    return _TOLERANCE.get(dtype, 1e-4)


def summing(dtype: torch.dtype) -> torch.dtype:
    """What terms are summed in: float32, or the model's own where that is more."""
    return torch.float64 if dtype == torch.float64 else torch.float32
