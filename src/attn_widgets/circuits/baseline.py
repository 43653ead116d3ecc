"""A trace, a prompt, or what was frozen before -> Recording: the baseline that other runs are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from attn_widgets.forward.capturing import is_list_of_prompts
from attn_widgets.forward.recording import Recording, record
from attn_widgets.models import Model
from attn_widgets.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.circuits.freezing import Frozen
    from attn_widgets.forward.capturing import OnePrompt

    Baseline: TypeAlias = Trace | Frozen | OnePrompt
    Baselines: TypeAlias = Sequence[Baseline]

# a trace may be stored in float16, or have been captured on another device
_SAME_PATTERN = 5e-3


def record_baseline(model: Model, given: Any) -> Recording:
    """Run a baseline in the model's own precision; what `freeze` returned has run already, and is not run again.

    Parameters
    ----------
    model : Model
    given : Trace, Frozen, str or array of int
        A trace's tokens are run again, and its patterns compared.

    Returns
    -------
    Recording

    Raises
    ------
    ValueError
        If the trace was not made by this model or has no token ids, or the model cannot be frozen or read the prompt.
    """
    known = getattr(given, "baseline", None)
    if isinstance(known, Recording):
        if not model.same_as(given.model):
            raise ValueError(
                f"trace is {given!r}, which holds another model object; pass its own, .model, or a trace instead"
            )
        return known
    if not isinstance(given, Trace):
        if is_list_of_prompts(given) or not (isinstance(given, str) or hasattr(given, "__len__")):
            raise ValueError(
                f"trace is a {type(given).__name__}; expected a Trace, such as capture(model, prompt) returns, or one "
                "prompt, text or token ids"
            )
        return record(model, model.encode(given), check=True)
    if given.token_ids is None:
        raise ValueError(
            "trace has no token ids, so the model cannot run its prompt again; use a trace of capture(model, prompt), "
            "or give token_ids to Trace.from_arrays"
        )
    baseline = record(model, model.encode(given.token_ids), check=True)
    n = len(baseline.ids)
    expected = (model.n_layers, model.n_heads, n, n)
    if given.shape != expected:
        raise ValueError(
            f"trace has patterns of shape {given.shape}, but {model.name} makes {expected}; was it captured "
            "from another model?"
        )
    for layer, pattern in enumerate(baseline.patterns):
        off = np.abs(pattern.float().cpu().numpy() - given.attention.of(layer)).max()
        if off > _SAME_PATTERN:
            raise ValueError(
                f"trace has other patterns than {model.name} makes of its tokens (layer {layer} is off by {off:.2g}); "
                "was it captured from another model? To hold patterns of your own, pass patterns={head: array}"
            )
    return baseline


def text_of(model: Model, given: Any) -> str:
    """What a baseline reads, for people."""
    if isinstance(given, str):
        return given
    known = getattr(given, "baseline", None)
    ids = known.ids if isinstance(known, Recording) else getattr(given, "token_ids", given)
    return "" if ids is None else model.tokenizer.decode(model.encode(ids))
