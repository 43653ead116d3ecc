"""A model and what is held -> how far its logits are from an affine function of the token embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.circuits.alignment import Alignment
from attn_widgets.circuits.hold import Hold
from attn_widgets.forward.precision import tolerance
from attn_widgets.models import Model
from attn_widgets.models.places import TOKEN_EMBEDDING


@dataclass(frozen=True)
class Linearity:
    """Superposition measured: f(x + y) + f(0) - f(x) - f(y).

    Attributes
    ----------
    error : float
        The largest it became, in logits, over all pairs, positions and tokens.
    relative : float
        The same, as a share of the largest f(x) - f(0).
    linear : bool
        Whether that is no more than rounding.
    reasons : tuple of str
        What is not linear; empty if nothing.
    """

    error: float
    relative: float
    linear: bool
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        if self.linear:
            return (
                f"Linear here: the logits are an affine function of the token embeddings (superposition error "
                f"{self.error:.2g})."
            )
        return f"Not linear (superposition error {self.error:.2g}): {'; '.join(self.reasons)}."


def measure(model: Model, hold: Hold, everything: Hold, seq: int, n: int, seed: int) -> Linearity:
    """Measure superposition with `hold`, and where it fails say what `hold` leaves free that `everything` does not."""
    error, size, rounding = _superposition(model, hold, seq, n, seed)
    reasons: list[str] = []
    if error > rounding:
        free = int((~hold.held).sum())
        if free:
            reasons.append(f"the patterns of {free} of {hold.held.numel()} heads are not held")
        if model.mlp_places and not hold.mlps and everything.mlps:
            reasons.append("the MLPs are not held (mlps=True)")
        if model.norm_places and not hold.scales:
            reasons.append("the norms are not held (norms=True)")
        rest, _, rounding = _superposition(model, everything, seq, 1, seed) if reasons else (error, size, rounding)
        if rest > rounding:
            reasons.append(
                f"something else in {model.name} is not linear either, such as a cap on the logits (with all of these "
                f"held the error is still {rest:.2g})"
            )
    return Linearity(error, error / size, not reasons, tuple(reasons))


def _superposition(model: Model, hold: Hold, seq: int, n: int, seed: int) -> tuple[float, float, float]:
    """Largest superposition error, largest f(x) - f(0), and the error that rounding may make."""
    hooks = hold.hooks(Alignment(seq, seq))
    generator = torch.Generator().manual_seed(seed)

    def random_tokens() -> list[int]:
        return torch.randint(model.n_logits, (seq,), generator=generator).tolist()

    def run(ids: Sequence[int], embedding: Tensor | None = None) -> tuple[Tensor, Tensor]:
        used: list[Tensor] = []

        def embed(tensor: Tensor, hook: Any) -> Tensor:
            used[:] = [tensor if embedding is None else embedding]
            return used[0]

        logits = model.run(ids, [(TOKEN_EMBEDDING, embed), *hooks])
        return used[0], logits.cpu().double()

    error = size = largest = 0.0
    for _ in range(n):
        ids = random_tokens()
        x, of_x = run(ids)
        y, of_y = run(random_tokens())
        _, of_nothing = run(ids, torch.zeros_like(x))
        _, of_both = run(ids, x + y)
        error = max(error, float((of_both + of_nothing - of_x - of_y).abs().max()))
        size = max(size, float((of_x - of_nothing).abs().max()))
        largest = max(largest, float(of_both.abs().max()))
    # what is held may be far larger than what moves, and is rounded too: a part of the logits themselves is allowed
    bound = tolerance(model.dtype)
    return error, max(size, 1e-9), bound * max(size, largest / 10)
