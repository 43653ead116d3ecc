"""The heads of an atlas -> plain values and bytes for a table of them; js/src/dossier/wire.ts reads them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.buffers import array_wire
from attn_widgets.motifs.naming import RULE
from attn_widgets.motifs.registry import MOTIFS

if TYPE_CHECKING:
    import pandas as pd

# what the name of a head says already, and lists
_LEFT_OUT = ("model", "layer", "head", "classes")
# what is derived from a score has a name that ends in
DERIVED = ("_std", "_lift", "_bits")

_LABELS = {
    "motif": ("motif", RULE),
    "class": ("class", "What papers call it."),
    "depth": ("relative depth", "The layer, from 0 for the first to 1 for the last."),
    "n_passages": ("passages", "How many passages the model has read."),
    "entropy": ("entropy, bits", "Mean entropy of a row of the pattern."),
    "distance": ("distance, tokens", "Mean distance to the keys, the first key taken out."),
    "on_first": ("on the first token", "Mean attention to the first key."),
    "prefix_matching": (
        "prefix matching",
        "Mean attention to tokens that came after an earlier occurrence of the query's token, where there is one.",
    ),
    "ov_copying": ("OV copying", "How much the OV circuit raises the logit of the token attended to, -1 to 1."),
    "qk_matching": ("QK matching", "How much the QK circuit prefers the query's own token, -1 to 1."),
    "loss": ("loss, nats", "The model's mean loss on the passages on which heads are ablated."),
    "in_context": ("in-context score, nats", "The loss late in a passage less the loss early, as the model is."),
    "ablation_zero": ("ablated: loss, nats", "How much the loss rises with the head's output replaced by zero."),
    "ablation_mean": ("ablated to its mean: loss, nats", "The same by its mean over the corpus."),
    "ablation_pattern": ("ablated, patterns held: loss, nats", "The same by zero with every later pattern as it was."),
    "in_context_zero": (
        "ablated: in-context score, nats",
        "How much the in-context score rises with the head's output replaced by zero: what it adds to what is learned "
        "from the text before.",
    ),
    "in_context_mean": ("ablated to its mean: in-context score, nats", "The same by its mean over the corpus."),
    "in_context_pattern": (
        "ablated, patterns held: in-context score, nats",
        "The same by zero with every later pattern as it was.",
    ),
    "cluster": ("cluster", "Heads of one cluster have patterns of like shapes."),
}
# what stays a word of capital letters
_MATRICES = ("ov", "qk", "q", "k", "v")
# numbers that are names
_NAMES = ("cluster",)
_ENDINGS = {"_std": "deviation", "_lift": "lift", "_bits": "bits"}


def head_table(heads: pd.DataFrame, *, derived: bool = False) -> dict[str, Any]:
    """All heads, with every column that holds numbers or texts.

    Parameters
    ----------
    heads : pandas.DataFrame
        `Atlas.heads`.
    derived : bool
        With deviations, lifts and bits, too.

    Returns
    -------
    dict
        `names`, `models`, `model` (a position in `models`, uint16, one a head), `layer`, `head` (uint16), and
        `columns`: `name`, `label`, `about`, `color` ("" for none), `of` (the score that it is derived from, or None),
        and either `values` (float32, NaN where there is none) or `texts` and `codes` (uint16).
    """
    models = list(dict.fromkeys(heads["model"]))
    wanted = [str(name) for name in heads.columns if name not in _LEFT_OUT]
    columns = [_column(name, heads[name], wanted) for name in wanted if derived or not score_of(name, wanted)]
    return {
        "names": [str(name) for name in heads.index],
        "models": models,
        "model": array_wire(heads["model"].map({name: i for i, name in enumerate(models)}), "uint16"),
        "layer": array_wire(heads["layer"], "uint16"),
        "head": array_wire(heads["head"], "uint16"),
        "columns": [column for column in columns if column is not None],
    }


def score_names(heads: pd.DataFrame) -> list[str]:
    """The columns of numbers that are scores of their own."""
    names = [str(name) for name in heads.columns if name not in _LEFT_OUT]
    return [name for name in names if _is_number(heads[name]) and name not in _NAMES and not score_of(name, names)]


def score_of(name: str, names: Sequence[str]) -> str | None:
    """The score that a column is derived from."""
    for ending in DERIVED:
        if name.endswith(ending) and name.removesuffix(ending) in names:
            return name.removesuffix(ending)
    return None


def label_of(name: str) -> str:
    """What a column is called on the screen."""
    if name in MOTIFS:
        return MOTIFS[name].label
    if name in _LABELS:
        return _LABELS[name][0]
    return " ".join(word.upper() if word in _MATRICES else word for word in name.split("_"))


def _column(name: str, values: pd.Series, names: Sequence[str]) -> dict[str, Any] | None:
    of = score_of(name, names)
    about = MOTIFS[name].description if name in MOTIFS else _LABELS.get(name, ("", ""))[1]
    label = label_of(name) if of is None else f"{label_of(of)}, {_ENDINGS[name[len(of) :]]}"
    told = {"name": name, "label": label, "about": about, "of": of, "color": ""}
    if name in _NAMES and _is_number(values):
        # -1 is none
        values = values.astype(object).where(values >= 0, None)
    if _is_number(values):
        numbers = values.to_numpy(dtype=np.float32, na_value=np.nan)
        if not np.isfinite(numbers).any():
            return None
        return told | {"color": MOTIFS[name].color if name in MOTIFS else "", "values": array_wire(numbers, "float32")}
    texts = ["" if missing else str(one) for one, missing in zip(values, values.isna(), strict=True)]
    kinds = list(dict.fromkeys(texts))
    if not any(kinds) or len(kinds) > np.iinfo(np.uint16).max:
        return None
    codes = {text: i for i, text in enumerate(kinds)}
    return told | {"texts": kinds, "codes": array_wire([codes[text] for text in texts], "uint16")}


def _is_number(values: pd.Series) -> bool:
    return values.dtype.kind in "iufb" or str(values.dtype).lower().startswith(("int", "uint", "float", "boolean"))
