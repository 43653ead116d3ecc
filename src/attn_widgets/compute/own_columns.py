"""Columns by name of head, such as those of `head_weights` -> columns of a map, in the order of its heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attn_widgets.compute.comparison import Comparison

if TYPE_CHECKING:
    import pandas as pd

_EXPECTED = (
    "expected a pandas table with the names of heads as its index, what head_weights returned, or a list of these"
)
# what a map says of a head by itself
_KNOWN = ("name", "model", "layer", "head")


def with_columns(table: pd.DataFrame, columns: Any, compared: Comparison) -> pd.DataFrame:
    """The table of a map, and columns of one's own beside it; NaN or None for heads that have nothing in them.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a head, or all heads for each prompt.
    columns : None, pandas.DataFrame, HeadWeights or list
        Index: the names of heads, with the model in front where there are several; HeadWeights know theirs.
    compared : Comparison

    Raises
    ------
    TypeError
        If they are something else.
    ValueError
        If a head is not on the map, or is there twice, or a column is there already.
    """
    import pandas as pd

    if columns is None:
        return table
    given = columns if isinstance(columns, (list, tuple)) else [columns]
    parts = [_of_map(one, compared) for one in given]
    if not parts:
        return table
    # one model after the other has the same columns
    more = pd.concat(parts)
    twice = [*more.index[more.index.duplicated()]]
    if twice:
        raise ValueError(f"columns has {twice[0]!r} twice; expected one row a head")
    there = [name for name in more.columns if name in table]
    if there:
        raise ValueError(f"columns has {there[0]!r}, which the map has already; rename it")
    rows = more.reindex(table["name"]).reset_index(drop=True)
    return pd.concat([table, rows], axis=1)


def _of_map(given: Any, compared: Comparison) -> pd.DataFrame:
    """One of them, by the names that heads have on the map."""
    import pandas as pd

    table = getattr(given, "table", given)
    table = table.to_frame() if isinstance(table, pd.Series) else table
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"columns holds a {type(given).__name__}; {_EXPECTED}")
    model = getattr(given, "model_name", "")
    names = [_on_map(str(name), model, compared) for name in table.index]
    heads, first, last = set(compared.heads), compared.heads[0], compared.heads[-1]
    for name in names:
        if name not in heads:
            raise ValueError(f"columns has a row {name!r}; expected heads from {first} to {last}")
    own = [name for name in table.columns if str(name) not in _KNOWN]
    return table[own].set_axis(names).rename(columns=str)


def _on_map(name: str, model: str, compared: Comparison) -> str:
    if len(compared.sizes) > 1:
        return f"{model}:{name}" if model and ":" not in name else name
    (only,) = compared.sizes
    if model not in ("", only):
        raise ValueError(f"columns are of {model}, and the map is of {only}")
    return name.removeprefix(f"{only}:")
