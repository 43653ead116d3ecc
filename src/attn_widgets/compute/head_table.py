"""Heads that were compared, their classes, clusters and scores -> a table: one row a head, or a head and prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.compute.comparison import Comparison
from attn_widgets.compute.map_labels import labels_of_models
from attn_widgets.heads.known import known_heads
from attn_widgets.heads.prompts import prompt_text
from attn_widgets.motifs.scoring import motif_scores
from attn_widgets.trace import Trace

if TYPE_CHECKING:
    import pandas as pd

Models = Mapping[str, Sequence[Trace]]


def table_of(
    compared: Comparison,
    classes: Mapping[str, Sequence[str]],
    clusters: NDArray[np.int64] | None,
    scores: pd.DataFrame,
) -> pd.DataFrame:
    """The whole table: `scores` of heads, or of heads and prompts, beside what each head is."""
    import pandas as pd

    about = about_heads(compared, classes, clusters)
    if len(scores) > len(about):
        about = pd.concat([about] * len(compared.prompts), ignore_index=True)
    return pd.concat([about, scores], axis=1)


def rows_of(table: pd.DataFrame, heads: Sequence[str], selection: Sequence[str]) -> pd.DataFrame:
    """The rows of some heads, in the order of the selection.

    Raises
    ------
    ValueError
        If one of them does not exist.
    """
    missing = [name for name in selection if name not in heads]
    if missing:
        raise ValueError(f"selection holds {missing[0]!r}; expected heads from {heads[0]} to {heads[-1]}")
    order = {name: position for position, name in enumerate(selection)}
    rows = table[table["name"].isin(order)]
    return rows.iloc[np.argsort([order[name] for name in rows["name"]], kind="stable")].reset_index(drop=True)


def about_heads(
    compared: Comparison, classes: Mapping[str, Sequence[str]], clusters: NDArray[np.int64] | None
) -> pd.DataFrame:
    """What each head is; one row a head, in the order of `compared.heads`.

    Parameters
    ----------
    compared : Comparison
    classes : dict
        Head -> classes.
    clusters : numpy.ndarray or None
        `[head]`.

    Returns
    -------
    pandas.DataFrame
        Columns `name`, `model`, `layer`, `head`, `depth`, `class`, `classes` and, where there are some, `cluster`.
    """
    import pandas as pd

    places = np.concatenate([np.indices(size).reshape(2, -1).T for size in compared.sizes.values()])
    deepest = [max(compared.sizes[model][0] - 1, 1) for model in compared.models_of]
    each = [list(classes.get(name, ())) for name in compared.heads]
    about = {
        "name": list(compared.heads),
        "model": list(compared.models_of),
        "layer": places[:, 0],
        "head": places[:, 1],
        "depth": places[:, 0] / np.array(deepest),
        "class": [own[0] if own else "" for own in each],
        "classes": each,
    }
    return pd.DataFrame(about if clusters is None else about | {"cluster": clusters})


def scores_of(models: Models, prompts: Sequence[str], point: str, exclude_first: bool) -> pd.DataFrame:
    """Scores of motifs, one row a point of the map."""
    if point == "head":
        return scores_of_heads(models, exclude_first)
    return scores_of_patterns(models, prompts, exclude_first)


def scores_of_heads(models: Models, exclude_first: bool) -> pd.DataFrame:
    """One row a head: `motif`, the dominant one; means over prompts of every motif's score and bits, and deviations."""
    import pandas as pd

    return pd.concat([_scores(list(traces), exclude_first) for traces in models.values()], ignore_index=True)


def scores_of_patterns(models: Models, prompts: Sequence[str], exclude_first: bool) -> pd.DataFrame:
    """One row a head and prompt, all heads on the first prompt first: `prompt`, `motif`, and scores on that prompt."""
    import pandas as pd

    by_text = [{prompt_text(trace): trace for trace in traces} for traces in models.values()]
    parts = []
    for text in prompts:
        part = pd.concat([_scores([own[text]], exclude_first) for own in by_text], ignore_index=True)
        part.insert(0, "prompt", text)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def classes_of(compared: Comparison, own: Mapping[str, Sequence[str]], labels: Any) -> dict[str, list[str]]:
    """Head -> its classes, in the order of the literature, your own, by behaviour.

    Raises
    ------
    ValueError
        If `own` or `labels` names a head that is not there.
    """
    there = set(compared.heads)
    for label, heads in own.items():
        for head in heads:
            if head not in there:
                raise ValueError(
                    f"own[{label!r}] holds {head!r}; expected heads from {compared.heads[0]} to {compared.heads[-1]}"
                )
    several = len(compared.sizes) > 1
    theirs = labels_of_models(labels, compared.heads, compared.models_of)
    found: dict[str, list[str]] = {}
    for model in compared.sizes:
        prefix = f"{model}:" if several else ""
        here = {
            label: [head.removeprefix(prefix) for head in heads if head.startswith(prefix)]
            for label, heads in own.items()
        }
        known = known_heads(model.partition("~")[0], own=here, labels=theirs[model])
        for label, heads in known.items():
            for head in heads:
                found.setdefault(prefix + head, []).append(label)
    return found


def _scores(traces: list[Trace], exclude_first: bool) -> pd.DataFrame:
    import pandas as pd

    scores = motif_scores(traces, exclude_first=exclude_first)
    columns: dict[str, Any] = {"motif": scores.dominant().reshape(-1)}
    for name in scores.names:
        of = motif_scores(traces, motifs=[name]) if exclude_first and name == "first_token" else scores
        columns[name] = of[name].reshape(-1)
        columns[f"{name}_bits"] = of.bits[name].reshape(-1)
        if len(traces) > 1:
            columns[f"{name}_std"] = of.spread[name].reshape(-1)
    return pd.DataFrame(columns)
