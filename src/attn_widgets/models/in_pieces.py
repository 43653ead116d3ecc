"""A Hugging Face model -> the same, whose MLPs take a long prompt some positions at a time: less memory, same numbers.

What is kept of a long prompt grows with its length, and so do an MLP's wide hidden layers: they would take a third of
it again.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

import torch
from torch import Tensor, nn

# positions that go through an MLP at a time; products of fewer rows would be slower
ROWS = 512


def mlps_in_pieces(model: nn.Module) -> None:
    """Change the model, which must be nobody else's, so that its MLPs go piece by piece.

    Only those of which it is plain that a position does not touch another: they have linear maps, activations and
    dropout, and take one argument. Mixtures of experts stay as they are.
    """
    for name, module in model.named_modules():
        if name.rpartition(".")[2] == "mlp" and _by_position(module):
            module.forward = _in_pieces(module.forward)


def _by_position(module: nn.Module) -> bool:
    parameters = signature(module.forward).parameters.values()
    required = [one for one in parameters if one.default is Parameter.empty]
    if len(required) != 1 or required[0].kind is not Parameter.POSITIONAL_OR_KEYWORD:
        return False
    parts = list(module.modules())[1:]
    maps = [part for part in parts if isinstance(part, nn.Linear) or type(part).__name__ == "Conv1D"]
    others = [part for part in parts if part not in maps]
    return len(maps) >= 2 and not any(True for part in others for _ in part.parameters())


def _in_pieces(forward: Callable[..., Any]) -> Callable[..., Any]:
    def pieces(hidden: Tensor, *more: Any, **named: Any) -> Any:
        if more or named or hidden.ndim != 3 or hidden.shape[1] <= ROWS:
            return forward(hidden, *more, **named)
        whole = torch.empty_like(hidden)
        for start in range(0, hidden.shape[1], ROWS):
            whole[:, start : start + ROWS] = forward(hidden[:, start : start + ROWS])
        return whole

    return pieces
