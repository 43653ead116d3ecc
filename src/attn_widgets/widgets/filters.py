"""Filters of a map, column -> what it may be -> checked; and which rows of the table pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.names import near_miss

if TYPE_CHECKING:
    import pandas as pd

# the text of a name is looked for; a head is in a class if it is one of its classes
_NAME, _CLASS = "name", "class"


def checked_filters(filters: Mapping[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """The same, as JSON has it, where every filter can be applied to this table.

    Parameters
    ----------
    filters : dict
        `"name"` -> a text; a column of numbers -> `[low, high]`; any other column -> a list of its values, `""` for
        none.
    table : pandas.DataFrame
        Of a map.

    Raises
    ------
    ValueError
        If one of them cannot.
    """
    return {name: _checked(name, wanted, table) for name, wanted in filters.items()}


def passing(filters: Mapping[str, Any], table: pd.DataFrame) -> NDArray[np.bool_]:
    """`[row]`: whether all filters let it through. js/src/scatter/filters.ts decides the same in the browser."""
    passes = np.ones(len(table), dtype=bool)
    for name, wanted in filters.items():
        if name == _NAME:
            parts = wanted.casefold().split()
            found = [all(part in text.casefold() for part in parts) for text in table[_NAME]]
        elif is_number(table[name]):
            found = list(table[name].between(*wanted))
        elif name == _CLASS:
            found = [bool(set(own or [""]) & set(wanted)) for own in table["classes"]]
        else:
            found = [text_of(value) in wanted for value in table[name]]
        passes &= np.array(found, dtype=bool)
    return passes


def is_number(column: pd.Series) -> bool:
    """Whether a column of a map holds numbers to be shown as such; clusters are names."""
    return column.name != "cluster" and column.dtype.kind in "iuf"


def text_of(value: Any) -> str:
    """What a value of a column of no numbers is called; "" for none."""
    missing = value is None or value is np.nan or (isinstance(value, float) and np.isnan(value)) or value == -1
    return "" if missing else str(value)


def _checked(name: str, wanted: Any, table: pd.DataFrame) -> Any:
    if name not in table or name == "classes":
        known = [column for column in table.columns if column != "classes"]
        raise ValueError(f"filters has {name!r}, which is no column; {near_miss(str(name), known)}")
    where = f"filters[{name!r}] is {wanted!r}"
    if name == _NAME:
        if not isinstance(wanted, str):
            raise ValueError(f"{where}; expected a text, such as 'L5'")
        return wanted
    if is_number(table[name]):
        if isinstance(wanted, str) or not isinstance(wanted, Sequence) or len(wanted) != 2:
            raise ValueError(f"{where}; expected a range [low, high]")
        try:
            low, high = (float(end) for end in wanted)
        except (TypeError, ValueError):
            raise ValueError(f"{where}; expected two numbers [low, high]") from None
        if not low <= high:
            raise ValueError(f"{where}; expected low to be no more than high")
        return [low, high]
    if isinstance(wanted, str) or not isinstance(wanted, Sequence):
        raise ValueError(f"{where}; expected a list of values")
    known = values_of(table, name)
    for value in wanted:
        if value != "" and value not in known:
            raise ValueError(f"filters[{name!r}] has {value!r}; {near_miss(str(value), known)}")
    return list(wanted)


def values_of(table: pd.DataFrame, name: str) -> list[str]:
    """The different values of a column of no numbers, without none."""
    if name == _CLASS:
        return list(dict.fromkeys(value for own in table["classes"] for value in own))
    return list(dict.fromkeys(text for value in table[name] if (text := text_of(value))))
