"""Token ids and hooks -> logits: one forward pass, in eval mode and without gradients. Needs torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from attn_widgets.models import Model

# a TransformerLens hook: its function gets the tensor and the hook point, and may return a new tensor
Hook = tuple[str, Callable[..., Any]]


def forward(model: Model, ids: Sequence[int], hooks: Sequence[Hook], return_type: str | None = "logits") -> Any:
    """Run the model once on one prompt.

    Parameters
    ----------
    model : Model
    ids : sequence of int
        `[seq]`.
    hooks : sequence of (name, function)
        Several on one name run in this order, each on what the one before returned.
    return_type : str or None
        As for TransformerLens; None makes no logits.

    Returns
    -------
    torch.Tensor or None
        Logits `[1, seq, vocab]`.
    """
    import torch

    tokens = torch.tensor([list(ids)], device=model.device)
    with evaluating(model.lens), torch.no_grad():
        return model.lens.run_with_hooks(tokens, fwd_hooks=list(hooks), return_type=return_type)


@contextmanager
def evaluating(lens: Any) -> Iterator[None]:
    """Eval mode for the time being: dropout would break up the rows. Held norm scales are meant, and no warning."""
    # eval() goes through thousands of modules, some of them many times: a tenth of a short forward pass
    training = [module for module in lens.modules() if module.training]
    if training:
        lens.eval()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="A forward hook edited hook_scale")
            yield
    finally:
        for module in training:
            module.training = True
