"""`measure_ablations`: a model and passages -> what becomes of the loss without each head; and means to put in place.

A model that reads both ways predicts no next token, and has no such numbers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.measuring import FEWEST_TOKENS
from attn_widgets.atlas.reading import ids_of
from attn_widgets.atlas.shards import open_shard
from attn_widgets.circuits.ablating_each import losses_without_each
from attn_widgets.circuits.ablation import How, token_losses
from attn_widgets.circuits.knock_out import mean_outputs
from attn_widgets.forward.recording import record
from attn_widgets.models import Model, load_model

if TYPE_CHECKING:
    import pyarrow as pa
    from torch import Tensor

    from attn_widgets.atlas.corpus import Passage
    from attn_widgets.atlas.settings import Settings

# what columns are called after
_SHORT: dict[How, str] = {"zero": "zero", "mean": "mean", "pattern_preserving": "pattern"}
NUMBERS = ("loss", "in_context", *(f"{of}_{how}" for of in ("ablation", "in_context") for how in _SHORT.values()))
# shorter passages have too few early and late tokens
FEWEST_IN_CONTEXT = 32


def measure_means(model: Any, passages: Sequence[Passage], settings: Settings, compared: Any = None) -> pa.Table:
    """What each head outputs on average over all positions of some passages, before the output matrix.

    Returns
    -------
    pyarrow.Table
        One row a head: `layer`, `head`, and `mean_output`, a list of `d_head` numbers; null if no passage can be read.
    """
    import pyarrow as pa

    model = load_model(model)
    read, left_out = _read(model, passages, settings)
    layer, head = _heads(model)
    places = list(zip(layer.tolist(), head.tolist(), strict=True))
    means = mean_outputs((record(model, ids, check=True) for _, ids in read), places) if read else {}
    values = [means[place].tolist() if means else None for place in places]
    return pa.table(
        {"layer": layer, "head": head, "mean_output": pa.array(values, pa.list_(pa.float64()))}
    ).replace_schema_metadata(_told(left_out))


def measure_ablations(model: Any, passages: Sequence[Passage], settings: Settings, means: Path) -> pa.Table:
    """Ablate every head by itself, three ways (see `ablate`), and keep what that does to the loss.

    Parameters
    ----------
    model : Model or anything `load_model` accepts
    passages : sequence of Passage
    settings : Settings
    means : Path
        Of the shard that `measure_means` filled: what a head's mean is.

    Returns
    -------
    pyarrow.Table
        One row a passage, layer and head, in this order; passages are left out as by `measure_patterns`. Columns:

        model, kind, passage, layer, head, n_tokens
            As in the shards of patterns.
        loss
            Of the passage's next tokens, as the model is: their mean, in nats.
        in_context
            The in-context score of the passage, as the model is: the mean loss of its last quarter of tokens less that
            of its second eighth, in nats; of 128 tokens, those from 96 on and those from 16 to 31. The lower, the more
            the model makes of what it has read (Olsson et al. 2022, "In-context Learning and Induction Heads", who
            take the 500th token less the 50th). Null of passages with fewer than 32 tokens.
        ablation_zero, ablation_mean, ablation_pattern
            How much the loss rises with the head's output replaced by zero, by its mean over the corpus, or by zero
            with every pattern held as it was; in nats a token.
        in_context_zero, in_context_mean, in_context_pattern
            How much the in-context score rises.

    Raises
    ------
    ValueError
        If the means are not there, or the heads' outputs are out of sight.
    """
    import pyarrow as pa

    model = load_model(model)
    read, left_out = _read(model, passages, settings)
    given = _means(means, model)
    layer, head = _heads(model)
    size = len(layer)
    columns: dict[str, Any] = {
        "model": pa.array([model.name] * size * len(read), pa.string()),
        "kind": pa.array([passage.kind for passage, _ in read for _ in range(size)], pa.string()),
        "passage": pa.array([passage.id for passage, _ in read for _ in range(size)], pa.string()),
        "layer": np.tile(layer, len(read)),
        "head": np.tile(head, len(read)),
        "n_tokens": np.repeat(np.array([len(ids) for _, ids in read], np.int32), size),
    }
    numbers = [_numbers(model, ids, given) for _, ids in read]
    for name in NUMBERS:
        values = np.concatenate([np.zeros(0, np.float32), *(one[name] for one in numbers)])
        columns[name] = pa.array(values, mask=np.isnan(values))
    return pa.table(columns).replace_schema_metadata(_told(left_out))


def _numbers(model: Model, ids: Sequence[int], means: Tensor | None) -> dict[str, NDArray[np.float32]]:
    """Of one passage, `[layer * head]`."""
    baseline = record(model, ids, check=True)
    before = _losses(token_losses(baseline.logits, baseline.ids))
    told: dict[str, NDArray[np.float64]] = {
        name: np.full(model.n_layers * model.n_heads, of(before))
        for name, of in (("loss", _mean), ("in_context", in_context))
    }
    for how in get_args(How):
        if how == "mean" and means is None:
            told |= dict.fromkeys((f"ablation_{how}", f"in_context_{how}"), np.full_like(told["loss"], np.nan))
            continue
        after = _losses(losses_without_each(model, baseline, how, means if how == "mean" else None))
        told[f"ablation_{_SHORT[how]}"] = (_mean(after) - _mean(before)).reshape(-1)
        told[f"in_context_{_SHORT[how]}"] = (in_context(after) - in_context(before)).reshape(-1)
    return {name: values.astype(np.float32) for name, values in told.items()}


def in_context(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Losses of next tokens `[..., seq - 1]` -> in-context scores, see `measure_ablations`; NaN of fewer than 32."""
    n = losses.shape[-1] + 1
    if n < FEWEST_IN_CONTEXT:
        return np.full(losses.shape[:-1], np.nan)
    # the loss at i is that of token i + 1
    early, late = losses[..., n // 8 - 1 : n // 4 - 1], losses[..., 3 * n // 4 - 1 :]
    score: NDArray[np.float64] = late.mean(-1) - early.mean(-1)
    return score


def _mean(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = losses.mean(-1)
    return mean


def _losses(losses: Tensor) -> NDArray[np.float64]:
    return losses.cpu().double().numpy()


def _means(path: Path, model: Model) -> Tensor | None:
    """`[layer, head, d_head]`; None where no passage could be read."""
    import torch

    shard = open_shard(path)
    if shard is None:
        raise ValueError(f"{path} is not there, or damaged; call build_atlas again, which computes it anew")
    values = shard.read(["mean_output"])["mean_output"].to_pylist()
    if None in values:
        return None
    return torch.tensor(values, dtype=torch.float64).reshape(model.n_layers, model.n_heads, -1)


def _read(
    model: Model, passages: Sequence[Passage], settings: Settings
) -> tuple[list[tuple[Passage, list[int]]], dict[str, str]]:
    """Passages with their token ids; and ids of those that are left out, and why."""
    read, left_out = [], {}
    for passage in passages:
        try:
            ids = ids_of(model, passage.text, settings.tokens)
        except ValueError as error:
            left_out[passage.id] = str(error)
            continue
        if not model.causal:
            left_out[passage.id] = "a model that reads both ways predicts no next token"
        elif len(ids) < FEWEST_TOKENS:
            left_out[passage.id] = f"{len(ids)} tokens, fewer than {FEWEST_TOKENS}"
        else:
            read.append((passage, ids))
    return read, left_out


def _heads(model: Model) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    layer, head = (axis.reshape(-1).astype(np.int16) for axis in np.indices((model.n_layers, model.n_heads)))
    return layer, head


def _told(left_out: dict[str, str]) -> dict[str, str]:
    return {"left_out": json.dumps(list(left_out)), "why_left_out": json.dumps(left_out)}
