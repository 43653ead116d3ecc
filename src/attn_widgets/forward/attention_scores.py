"""A forward pass -> the attention scores: what went into the softmax whose output is the pattern."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_SOFTMAX = (torch.softmax, torch.Tensor.softmax, torch.nn.functional.softmax)


class ScoreRecorder(TorchFunctionMode):
    """While active, remembers the last softmax over a tensor of four axes.

    TransformerLens has a hook for scores, but for some models (those it builds itself, for one) it carries
    the pattern instead. What enters the softmax is right for all of them: scaled, biased, capped and masked.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: tuple[torch.Tensor, torch.Tensor] | None = None

    def __torch_function__(
        self, func: Any, types: Iterable[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in _SOFTMAX and result.ndim == 4:
            scores = args[0] if args else (kwargs or {})["input"]
            self._last = (scores, result)
        return result

    def take(self, pattern: torch.Tensor, causal: bool) -> torch.Tensor:
        """Return the scores of a pattern that has just been computed.

        Parameters
        ----------
        pattern : torch.Tensor
            `[1, head, query, key]`.
        causal : bool
            Whether later keys are masked, however the model does that.

        Returns
        -------
        torch.Tensor
            `[1, head, query, key]`, float32, -inf where masked.

        Raises
        ------
        ValueError
            If no softmax made this pattern.
        """
        return self.take_as_they_are(pattern, causal).float()

    def take_as_they_are(self, pattern: torch.Tensor, causal: bool) -> torch.Tensor:
        """As `take`, in the model's own dtype."""
        scores, weights = self._last or (None, None)
        self._last = None
        if scores is None or weights is None or weights.shape != pattern.shape:
            raise ValueError("scores cannot be had for this model: its pattern does not come out of a softmax")
        # models write a very low number for "masked"
        visible = scores > torch.finfo(scores.dtype).min / 2
        if causal:
            visible &= torch.ones(pattern.shape[-2:], dtype=torch.bool, device=scores.device).tril()
        if not torch.allclose(torch.where(visible, weights, 0).float(), pattern.float(), atol=1e-2):
            raise ValueError("scores cannot be had for this model: its pattern is not the softmax of its scores")
        return torch.where(visible, scores, -torch.inf)
