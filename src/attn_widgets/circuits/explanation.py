"""Explanation: one attention score, split into pairs of what the query is made of and what the key is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.models import Model
from attn_widgets.names import near_miss

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
By = Literal["component", "head", "source"]
_SHOWN = 3


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """One score, or one score less others of its row, as a sum over pairs of parts; made by `explain`.

    Attributes
    ----------
    model : Model
    tokens : tuple of str
        One a position.
    head : str
    query, key : int
        Positions.
    versus : int, "row" or None
        What is taken off: the score of another key, the mean over the row's other visible keys, or nothing.
    by : tuple of str
        What query parts and key parts are: "component", "head" or "source".
    terms : numpy.ndarray
        `[query part, key part]`, float64: the query part's vector times the key part's, with norm scales held; they sum
        to `score - sum_error`.
    query_parts, key_parts : tuple of str
        "embedding", "position", "attention 0", "MLP 0", ..., "biases"; "L0H1" in place of "attention 0" by head,
        "L0H1 from 7" by source.
    score : float
        As the model computed it, before the softmax; where the model caps its scores, before the cap.
    cap : float or None
        The cap, where there is one.
    sum_error : float
        `score` less the sum of all terms: rounding.
    """

    model: Model
    tokens: tuple[str, ...]
    head: str
    query: int
    key: int
    versus: int | Literal["row"] | None
    by: tuple[By, By]
    terms: FloatArray
    query_parts: tuple[str, ...]
    key_parts: tuple[str, ...]
    score: float
    cap: float | None
    sum_error: float

    def __repr__(self) -> str:
        pairs = ", ".join(
            f"{row.query_part} x {row.key_part} {row.contribution:+.3g}" for row in self.top(_SHOWN).itertuples()
        )
        capped = "" if self.cap is None else f" before its cap of {self.cap:g}"
        return (
            f"<Explanation of {self.head} from {self._at(self.query)} to {self._at(self.key)}{self._less}: "
            f"score {self.score:.4g}{capped} = {pairs}, ...; sum error {self.sum_error:.1e}>"
        )

    @property
    def _less(self) -> str:
        if self.versus is None:
            return ""
        return ", less the mean of its row" if self.versus == "row" else f", less to {self._at(self.versus)}"

    def _at(self, position: int) -> str:
        return f"{self.tokens[position]!r} ({position})"

    @property
    def by_query_part(self) -> FloatArray:
        """`[query part]`: summed over key parts."""
        summed: FloatArray = self.terms.sum(1)
        return summed

    @property
    def by_key_part(self) -> FloatArray:
        """`[key part]`: summed over query parts."""
        summed: FloatArray = self.terms.sum(0)
        return summed

    def top(self, k: int = 10, of: Literal["pairs", "query", "key"] = "pairs") -> pd.DataFrame:
        """Return the strongest pairs, or the strongest parts of query or key, by size, whatever their sign.

        Parameters
        ----------
        k : int
            How many.
        of : {"pairs", "query", "key"}

        Returns
        -------
        pandas.DataFrame
            Columns `query_part`, `key_part` (those asked for) and `contribution`, the largest first.

        Raises
        ------
        ValueError
            If `of` is none of these, or `k` is not positive.
        """
        import pandas as pd

        if k < 1:
            raise ValueError(f"k is {k}; expected at least 1")
        if of not in ("pairs", "query", "key"):
            raise ValueError(f"of is {of!r}; {near_miss(str(of), ('pairs', 'query', 'key'))}")
        values = {"pairs": self.terms, "query": self.by_query_part, "key": self.by_key_part}[of]
        places = np.unravel_index(_largest(values.reshape(-1), k), values.shape)
        names: dict[str, Any] = {"query_part": self.query_parts, "key_part": self.key_parts}
        asked = list(names) if of == "pairs" else [f"{of}_part"]
        columns = {name: np.array(names[name], dtype=object)[place] for name, place in zip(asked, places, strict=True)}
        return pd.DataFrame(columns | {"contribution": values[places]})

    def to_frame(self) -> pd.DataFrame:
        """Every pair, the largest first: columns `query_part`, `key_part` and `contribution`, as `top`."""
        return self.top(self.terms.size)


def _largest(values: FloatArray, k: int) -> NDArray[np.intp]:
    """Where the k values of greatest size are, the greatest first."""
    sizes = np.abs(values)
    some = np.argpartition(-sizes, k)[:k] if k < sizes.size else np.arange(sizes.size)
    return some[np.argsort(-sizes[some], kind="stable")]
