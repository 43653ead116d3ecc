"""Two lengths and a side -> which positions of two prompts belong together; patterns moved from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Side = Literal["left", "right"]

# a row that keeps less of its mass says nothing about the keys that are left
_LEAST_MASS = 1e-3


@dataclass(frozen=True)
class Alignment:
    """How a new prompt of `n_new` tokens lies on a baseline of `n_base`.

    Left: position i belongs to position i. Right: the last positions belong together.
    """

    n_base: int
    n_new: int
    side: Side | None = None

    @property
    def same(self) -> bool:
        return self.n_base == self.n_new

    @property
    def base(self) -> slice:
        """Positions of the baseline that have one in the new prompt."""
        return _part(self.n_base, min(self.n_base, self.n_new), self.side)

    @property
    def new(self) -> slice:
        """Positions of the new prompt that have one in the baseline."""
        return _part(self.n_new, min(self.n_base, self.n_new), self.side)

    def pattern(self, pattern: Tensor) -> tuple[Tensor, Tensor]:
        """Move patterns onto the new prompt.

        Parameters
        ----------
        pattern : Tensor
            `[head, query, key]` of the baseline.

        Returns
        -------
        Tensor, Tensor
            `[head, query, key]` of the new prompt; rows whose keys are only partly there are renormalised.
            `[head, query]`, bool: the rows that could be moved. The others have no counterpart, or had
            less than 1e-3 of their attention on keys that have one.
        """
        heads = pattern.shape[0]
        if self.same:
            return pattern, torch.ones(pattern.shape[:2], dtype=torch.bool, device=pattern.device)
        part = pattern[:, self.base, self.base]
        mass = part.sum(-1, keepdim=True)
        kept = mass >= _LEAST_MASS
        part = torch.where(kept, part / torch.where(kept, mass, 1), 0)
        moved = pattern.new_zeros(heads, self.n_new, self.n_new)
        moved[:, self.new, self.new] = part
        rows = torch.zeros(heads, self.n_new, dtype=torch.bool, device=pattern.device)
        rows[:, self.new] = kept[..., 0]
        return moved, rows

    def put(self, held: Tensor, live: Tensor) -> Tensor:
        """Take the positions of `live` (`[..., seq, width]`) that have a counterpart from `held`; a new tensor."""
        out = live.clone()
        out[..., self.new, :] = held[..., self.base, :]
        return out

    def back(self) -> Alignment:
        """How the baseline lies on the new prompt."""
        return Alignment(self.n_new, self.n_base, self.side)

    def base_position(self, position: int) -> int:
        """Position in the baseline that belongs to one in the new prompt.

        A negative one counts from the end of each.

        Raises
        ------
        ValueError
            If there is none.
        """
        shared = min(self.n_base, self.n_new)
        if -shared <= position < 0:
            return position
        if not self.new.start <= position < self.new.stop:
            raise ValueError(
                f"query is {position}, which is not in both prompts; expected {self.new.start} to {self.new.stop - 1}, "
                f"or -{shared} to -1, which counts from the end of each"
            )
        return int(position - self.new.start + self.base.start)


def align(n_base: int, n_new: int, side: Side | None) -> Alignment:
    """Check that a new prompt can be laid on the baseline.

    Raises
    ------
    ValueError
        If the lengths differ and no side is given, or the side is unknown.
    """
    if side not in (None, "left", "right"):
        raise ValueError(f'align is {side!r}; expected "left", "right" or None')
    if n_base != n_new and side is None:
        raise ValueError(
            f"tokens has {n_new} tokens, but the baseline has {n_base}, so its patterns do not fit. Make them the "
            'same length, or pass align="left" or align="right": positions without a counterpart then stay live'
        )
    return Alignment(n_base, n_new, side)


def _part(n: int, shared: int, side: Side | None) -> slice:
    return slice(n - shared, n) if side == "right" else slice(0, shared)
