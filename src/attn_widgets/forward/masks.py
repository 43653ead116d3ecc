"""The mask that a layer's attention was given -> what it is: causal, a sliding window, a bias by offset; or a refusal.

A mask has a cell for every query and key. What is kept is a rule that makes it again, and the rule is compared with
every cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# cells that are compared at a time
_CELLS = 2**22


@dataclass(frozen=True, eq=False)
class Mask:
    """A rule that makes a mask.

    Attributes
    ----------
    causal : bool
    window : int
        A query sees a key only if it is less than this many positions away; 0 for no window.
    bias : numpy.ndarray or None
        `[1 or head, 2 * seq - 1]`, float32: what is added to the score, by `query - key + seq - 1`.
    """

    causal: bool
    window: int = 0
    bias: NDArray[np.float32] | None = None


def recognised(mask: Tensor | None, causal: bool, n: int) -> Mask:
    """What a mask is.

    Parameters
    ----------
    mask : Tensor or None
        `[1, 1 or head, seq, seq]`: True where a key is seen, or numbers added to the scores. None: all keys are seen,
        or those before, as `causal` says.
    causal : bool
    n : int
        How many tokens there are.

    Raises
    ------
    ValueError
        If it is none of those that can be kept.
    """
    if mask is None:
        return Mask(causal)
    if mask.ndim != 4 or mask.shape[0] != 1 or tuple(mask.shape[2:]) != (n, n):
        raise ValueError(f"its mask has shape {tuple(mask.shape)}; expected [1, head, query, key] of {n} tokens")
    seen = _seen(mask[0])
    # the first query sees nothing ahead, the last one all that its window lets it see
    causal = causal if n == 1 else not bool(seen[:, 0, 1:].any())
    back = int(seen[0, -1].sum())
    rule = Mask(causal, 0 if back == n else back, _bias(mask[0], seen))
    for start in range(0, n, max(1, _CELLS // (n * len(mask[0])))):
        rows = slice(start, min(start + max(1, _CELLS // (n * len(mask[0]))), n))
        if not _makes(rule, mask[0][:, rows], rows, n):
            raise ValueError(
                "its mask is neither causal, nor a sliding window, nor all keys, nor a bias by distance: it differs "
                f"among queries {rows.start} to {rows.stop - 1}"
            )
    return rule


def _seen(mask: Tensor) -> Tensor:
    return mask if mask.dtype == torch.bool else mask > torch.finfo(mask.dtype).min / 2


def _bias(mask: Tensor, seen: Tensor) -> NDArray[np.float32] | None:
    """By offset, as the first and the last query have it; what is not seen by them is 0."""
    if mask.dtype == torch.bool:
        return None
    edges = torch.where(seen[:, [0, -1]], mask[:, [0, -1]], 0).float()
    # the first query is at offsets 0, -1, -2 ... from the keys, the last at n - 1, n - 2 ... 0
    bias = torch.cat([edges[:, 0, 1:].flip(-1), edges[:, 1].flip(-1)], -1)
    return bias.cpu().numpy() if bool(bias.any()) else None


def _makes(rule: Mask, mask: Tensor, rows: slice, n: int) -> bool:
    """Whether the rule makes these rows of a mask, `[head, row, key]`."""
    places = torch.arange(n, device=mask.device)
    offset = places[rows, None] - places
    expected = torch.ones_like(offset, dtype=torch.bool)
    if rule.causal:
        expected &= offset >= 0
    if rule.window:
        expected &= offset < rule.window
        if not rule.causal:
            expected &= offset > -rule.window
    seen = _seen(mask)
    if not bool((seen == expected).all()):
        return False
    if mask.dtype == torch.bool:
        return True
    bias = torch.zeros(1, 2 * n - 1) if rule.bias is None else torch.from_numpy(rule.bias)
    added = bias.to(mask.device)[:, offset + n - 1]
    return bool(torch.equal(torch.where(seen, mask.float(), 0), torch.where(seen, added, 0)))
