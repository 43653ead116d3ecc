"""What a motif is: a name, a colour, and a rule that says which cells of a prompt's pattern belong to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.trace import Trace

BoolArray = NDArray[np.bool_]
Shape = dict[str, Any]
Mask = BoolArray | tuple[BoolArray, BoolArray] | None
Found = Literal["bars", "stripe", "spread"]

BAND = 8


@dataclass(frozen=True, eq=False)
class Prompt:
    """What a mask may depend on: the positions and tokens of one prompt, never the pattern itself.

    Attributes
    ----------
    n_queries, n_keys : int
        The shape of the mask.
    tokens : tuple of str
        One a key, as a person reads them.
    token_ids : numpy.ndarray
        `[key]`, int64: equal where tokens are the same. The model's ids where the trace has them,
        otherwise numbers that stand for the token strings.
    special : tuple of int
        Key positions of special tokens (BOS, separators, padding).
    causal : bool
        Whether a query sees only keys at or before its own position.
    same_sequence : bool
        Whether queries and keys are positions of one text. False for cross-attention, where comparing
        the position or the token of a query with those of a key means nothing.
    band : int
        How many positions count as recent.
    """

    n_queries: int
    n_keys: int
    tokens: tuple[str, ...]
    token_ids: NDArray[np.int64]
    special: tuple[int, ...] = ()
    causal: bool = True
    same_sequence: bool = True
    band: int = BAND

    @classmethod
    def of(cls, trace: Trace, band: int = BAND) -> Prompt:
        """The prompt of a trace."""
        ids = trace.token_ids
        if ids is None:
            ids = np.unique(np.array(trace.tokens, dtype=object), return_inverse=True)[1].astype(np.int64).reshape(-1)
        return cls(
            n_queries=trace.n_queries,
            n_keys=trace.n_keys,
            tokens=trace.tokens,
            token_ids=ids,
            special=trace.special,
            causal=trace.causal,
            same_sequence=trace.n_queries == trace.n_keys and trace.query_tokens == trace.tokens,
            band=band,
        )

    @property
    def queries(self) -> NDArray[np.int64]:
        """Positions of the queries as a column, `[query, 1]`."""
        return np.arange(self.n_queries, dtype=np.int64)[:, None]

    @property
    def keys(self) -> NDArray[np.int64]:
        """Positions of the keys as a row, `[1, key]`."""
        return np.arange(self.n_keys, dtype=np.int64)[None, :]

    @cached_property
    def visible(self) -> BoolArray:
        """`[query, key]`: which keys each query can attend to."""
        return np.tri(self.n_queries, self.n_keys, dtype=bool) if self.causal else self.everywhere()

    def everywhere(self) -> BoolArray:
        """`[query, key]`, all True."""
        return np.ones((self.n_queries, self.n_keys), dtype=bool)


@dataclass(frozen=True, eq=False)
class Motif:
    """A shape that attention patterns take, and how to tell it.

    Attributes
    ----------
    name : str
        As in `MOTIFS`.
    label : str
        What a legend says.
    description : str
        One sentence for a tooltip.
    source : str
        Where the motif was described.
    color : str
        `"#rrggbb"`, the same in every view.
    mask : callable or None
        `mask(prompt: Prompt)` gives bool `[query, key]`: the cells that belong to the motif; or a pair of
        it and bool `[query]`, the rows to average over; or None where this prompt has no such cells.
        Rows without a cell that their query can see are left out in any case.
    overlay : callable or None
        `overlay(prompt: Prompt)` gives the geometry to draw (see `attn_widgets.motifs.overlay`); None
        derives it from the mask.
    found : {"bars", "stripe", "spread"} or None
        For the motifs that have no mask because they are found in each head's own pattern.
    """

    name: str
    label: str
    description: str
    source: str
    color: str
    mask: Callable[[Prompt], Mask] | None
    overlay: Callable[[Prompt], Shape | None] | None = None
    found: Found | None = None

    def cells(self, prompt: Prompt) -> tuple[BoolArray, BoolArray]:
        """The checked mask.

        Parameters
        ----------
        prompt : Prompt

        Returns
        -------
        mask : numpy.ndarray
            bool `[query, key]`, within what each query can see.
        rows : numpy.ndarray
            bool `[query]`, the rows over which the score is averaged.

        Raises
        ------
        ValueError
            If the mask function returns something else than a mask; the message says what.
        """
        shape = (prompt.n_queries, prompt.n_keys)
        made = None if self.mask is None else self.mask(prompt)
        if made is None:
            return np.zeros(shape, dtype=bool), np.zeros(shape[0], dtype=bool)
        mask, rows = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
        inside = _checked(mask, shape, f"the mask of motif {self.name!r}", "[query, key]") & prompt.visible
        wanted = np.any(inside, axis=1)
        if rows is not None:
            wanted &= _checked(rows, shape[:1], f"the rows of motif {self.name!r}", "[query]")
        return inside, wanted


def _checked(array: Any, shape: tuple[int, ...], name: str, axes: str) -> BoolArray:
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{name} is a {type(array).__name__}; expected a bool numpy array {axes} of shape {shape}")
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}; expected {axes} = {shape}")
    if array.dtype != bool:
        raise ValueError(f"{name} has dtype {array.dtype}; expected bool. Compare: weights > 0, or .astype(bool)")
    return array
