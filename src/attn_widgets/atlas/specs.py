"""What is given as a model -> how a worker opens it by itself; and what its weights are known by."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attn_widgets.models import Model, load_model

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

_EXPECTED = (
    'expected a name such as "smollm2-135m", the path of a folder, a dict of load_model\'s arguments such as '
    '{"model": "toy-induction", "checkpoint": 3}, or a function without arguments that returns a model'
)
# only the last: a worker goes through the blocks of one model, then of the next
_opened: list[tuple[Any, Model]] = []


@dataclass(frozen=True, eq=False)
class Spec:
    """How to open a model. It crosses to workers; the model does not.

    Attributes
    ----------
    how : str, dict, callable or model object
    travels : bool
        Whether another process can open it too: a model object is here only.
    """

    how: Any
    travels: bool = True

    def open(self) -> Model:
        """Open the model, or take the one that was opened last."""
        key = self.key
        if not _opened or _opened[0][0] != key:
            _opened.clear()
            _opened.append((key, self._open()))
        return _opened[0][1]

    @property
    def key(self) -> Any:
        """Equal for specs that open the same model."""
        return sorted(self.how.items(), key=str) if isinstance(self.how, Mapping) else self.how

    def _open(self) -> Model:
        import torch

        # weights that a model's files lack are drawn by chance: the same ones each time, or it would not be known again
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            return self._load()

    def _load(self) -> Model:
        if isinstance(self.how, Mapping):
            arguments = dict(self.how)
            return load_model(arguments.pop("model"), **arguments)
        if isinstance(self.how, Callable) and self.travels:  # type: ignore[arg-type]
            return load_model(self.how())
        return load_model(self.how)


def as_specs(models: Any, argument: str = "models") -> list[Spec]:
    """One model or several, each a spec.

    Raises
    ------
    TypeError
        If one of them is something else.
    ValueError
        If there is none, or a dict has no model.
    """
    given = list(models) if isinstance(models, (list, tuple)) else [models]
    if not given:
        raise ValueError(f"{argument} is empty; {_EXPECTED}")
    return [_as_spec(one, f"{argument}[{i}]" if len(given) > 1 else argument) for i, one in enumerate(given)]


def _as_spec(model: Any, argument: str) -> Spec:
    if isinstance(model, Spec):
        return model
    if isinstance(model, os.PathLike):
        return Spec(os.fspath(model))
    if isinstance(model, str):
        return Spec(model)
    if isinstance(model, Mapping):
        if "model" not in model:
            raise ValueError(f'{argument} is a dict without "model"; {_EXPECTED}')
        return Spec(dict(model), travels=isinstance(model["model"], (str, os.PathLike)))
    # a model can be called too
    if isinstance(model, Model) or hasattr(model, "parameters"):
        return Spec(model, travels=False)
    if callable(model):
        return Spec(model)
    raise TypeError(f"{argument} is a {type(model).__name__}; {_EXPECTED}")


def fingerprint(model: Model) -> str:
    """What a model's weights are known by: 24 hex digits of the SHA-256 of their names, shapes and bytes."""
    whole = hashlib.sha256(f"{model.n_layers} {model.n_heads} {model.dtype}".encode())
    for name, weight in model.weights():
        whole.update(f"{name} {tuple(weight.shape)} {weight.dtype}".encode())
        whole.update(_bytes(weight))  # type: ignore[arg-type]
    return whole.hexdigest()[:24]


def _bytes(weight: torch.Tensor) -> NDArray[np.uint8]:
    """As they lie in memory, whatever the dtype."""
    import torch

    plain = weight.detach().cpu().contiguous().reshape(-1)
    found: NDArray[np.uint8] = plain.view(torch.uint8).numpy()
    return found
