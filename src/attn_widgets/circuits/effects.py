"""Logits of two prompts' tokens with two prompts' patterns -> how much of a change went through OV and QK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from attn_widgets.circuits.alignment import Alignment
from attn_widgets.models import Model


@dataclass(frozen=True, eq=False)
class Effect:
    """What changing the prompt did to one number.

    Attributes
    ----------
    cells : numpy.ndarray
        `[tokens, patterns]`, 2 x 2, float64: index 0 is the baseline's, 1 the other prompt's.
    """

    cells: NDArray[np.float64]

    @property
    def total(self) -> float:
        """Both changed."""
        return float(self.cells[1, 1] - self.cells[0, 0])

    @property
    def ov(self) -> float:
        """Only the tokens changed: what is moved, through the values."""
        return float(self.cells[1, 0] - self.cells[0, 0])

    @property
    def qk(self) -> float:
        """Only the patterns changed: where it is moved from."""
        return float(self.cells[0, 1] - self.cells[0, 0])

    @property
    def interaction(self) -> float:
        """What neither does alone: total - OV - QK."""
        return self.total - self.ov - self.qk

    def __repr__(self) -> str:
        return f"<Effect: total {self.total:+.4g} = OV {self.ov:+.4g}, QK {self.qk:+.4g}, both {self.interaction:+.4g}>"


@dataclass(frozen=True, eq=False, repr=False)
class Effects:
    """The 2 x 2 of tokens and patterns at one query; made by `Frozen.effects`.

    Attributes
    ----------
    model : Model
    logits : Tensor
        `[tokens, patterns, vocab]`: index 0 is the baseline's, 1 the other prompt's.
    query : int
        Position in the other prompt.
    """

    model: Model
    logits: Tensor
    query: int

    def __repr__(self) -> str:
        return f"<Effects on {self.model.name} at query {self.query}: KL {self.kl()!r}>"

    def logit(self, token: str | int) -> Effect:
        """Effect on the logit of one token.

        Raises
        ------
        ValueError
            If `token` is no single token.
        """
        return self._of(lambda logits: logits[..., self.model.token_id(token)])

    def logit_difference(self, token: str | int, versus: str | int) -> Effect:
        """Effect on the logit of one token less that of another; raises as `logit`."""
        a, b = self.model.token_id(token), self.model.token_id(versus, "versus")
        return self._of(lambda logits: logits[..., a] - logits[..., b])

    def kl(self) -> Effect:
        """Kullback-Leibler divergence from the baseline's next-token distribution, in nats (0 for the baseline)."""

        def divergence(logits: Tensor) -> Tensor:
            log = logits.log_softmax(-1)
            return (log[0, 0].exp() * (log[0, 0] - log)).sum(-1)

        return self._of(divergence)

    def _of(self, measure: Callable[[Tensor], Tensor]) -> Effect:
        # to the CPU first: not every device has float64
        return Effect(measure(self.logits.cpu().double()).numpy())


def effects_at(
    model: Model, base: Sequence[Tensor], other: Sequence[Tensor], query: int, alignment: Alignment
) -> Effects:
    """Put the logits of four runs together at one query.

    Parameters
    ----------
    model : Model
    base, other : two Tensors each
        `[seq, vocab]`: the tokens of the baseline, and of the other prompt, first with the patterns of the baseline,
        then with those of the other prompt.
    query : int
        Position in the other prompt; negative counts from the end of each.
    alignment : Alignment
        How the other prompt lies on the baseline.

    Returns
    -------
    Effects

    Raises
    ------
    ValueError
        If `query` is not in both.
    """
    at_base = alignment.base_position(query)
    rows = [torch.stack([logits[at_base] for logits in base]), torch.stack([logits[query] for logits in other])]
    return Effects(model, torch.stack(rows), query % alignment.n_new)
