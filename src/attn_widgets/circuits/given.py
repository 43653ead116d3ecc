"""Words, another head's name or an array -> the pattern that a head is to be held with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from attn_widgets.arrays import as_numpy, check_patterns
from attn_widgets.names import check_head, head_name


def given_pattern(given: Any, head: tuple[int, int], baseline: list[Tensor], causal: bool) -> Tensor:
    """Make one pattern.

    Parameters
    ----------
    given : str or array
        `"uniform"` over the keys a query can see; `"first_token"`, all on key 0; another head's name, for
        that head's pattern in the baseline; or `[query, key]`, rows summing to 1.
    head : (int, int)
        Whose pattern it becomes; for errors.
    baseline : list of Tensor
        A layer each, `[head, query, key]`.
    causal : bool
        Whether a query sees only keys at or before its own position.

    Returns
    -------
    Tensor
        `[query, key]`, of the dtype and on the device of the baseline.

    Raises
    ------
    ValueError
        If it is none of these, or the array is no pattern for this prompt.
    """
    like = baseline[head[0]]
    n = like.shape[-1]
    name = head_name(*head)
    if isinstance(given, str):
        if given == "uniform":
            visible = torch.ones(n, n, dtype=like.dtype, device=like.device)
            visible = visible.tril() if causal else visible
            return visible / visible.sum(-1, keepdim=True)
        if given == "first_token":
            first = torch.zeros(n, n, dtype=like.dtype, device=like.device)
            first[:, 0] = 1
            return first
        try:
            layer, index = check_head(given, len(baseline), like.shape[0], f"patterns[{name!r}]")
        except ValueError as error:
            raise ValueError(
                f'patterns[{name!r}] is {given!r}; expected "uniform", "first_token", the name of a head of this '
                "model, or an array [query, key]"
            ) from error
        return baseline[layer][index]
    array = np.asarray(as_numpy(given))
    if array.shape != (n, n):
        raise ValueError(f"patterns[{name!r}] has shape {array.shape}; expected [query, key] = ({n}, {n})")
    try:
        check_patterns(array.astype(np.float32)[None, None], causal=causal)
    except ValueError as error:
        raise ValueError(f"patterns[{name!r}] is no attention pattern for this model: {error}") from error
    return torch.as_tensor(array.copy(), dtype=like.dtype, device=like.device)
