"""Logits of several runs at one query -> the tokens worth comparing, with what each run gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from attn_widgets.models import Model

if TYPE_CHECKING:
    import pandas as pd

_TOP = 5


@dataclass(frozen=True)
class NextToken:
    """One candidate for the next token.

    Attributes
    ----------
    id : int
    text : str
        As a person reads it.
    watched : bool
        Whether it was asked for, rather than found.
    probabilities, logits : dict
        Run -> what it gives this token.
    """

    id: int
    text: str
    watched: bool
    probabilities: Mapping[str, float]
    logits: Mapping[str, float]


@dataclass(frozen=True)
class NextTokens:
    """The next token after one query, run beside run: a sequence of `NextToken`, the likeliest first.

    Attributes
    ----------
    position : int
        The query, in the edited prompt.
    rows : tuple of NextToken
    """

    position: int
    rows: tuple[NextToken, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a token: `token`, `id`, and for each run its probability."""
        import pandas as pd

        return pd.DataFrame([{"token": row.text, "id": row.id, **row.probabilities} for row in self.rows])


def next_tokens(model: Model, logits: Mapping[str, Tensor], position: int, watched: Sequence[int] = ()) -> NextTokens:
    """Compare runs.

    Parameters
    ----------
    model : Model
    logits : dict
        Run -> `[vocab]` at the query.
    position : int
        The query.
    watched : sequence of int
        Ids that are shown besides the five likeliest tokens of every run.

    Returns
    -------
    NextTokens
    """
    # to the CPU first: not every device has float64
    double = {run: tensor.cpu().double() for run, tensor in logits.items()}
    probabilities = {run: tensor.softmax(-1) for run, tensor in double.items()}
    found = {int(i) for tensor in probabilities.values() for i in tensor.topk(min(_TOP, len(tensor))).indices}
    ids = sorted({*found, *watched}, key=lambda i: -max(float(p[i]) for p in probabilities.values()))
    rows = [
        NextToken(
            id=i,
            text=text,
            watched=i in watched,
            probabilities={run: float(p[i]) for run, p in probabilities.items()},
            logits={run: float(tensor[i]) for run, tensor in double.items()},
        )
        for i, text in zip(ids, model.tokenizer.token_strings(ids), strict=True)
    ]
    return NextTokens(position, tuple(rows))
