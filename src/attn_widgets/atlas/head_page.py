"""A head of an atlas -> all that its page shows, as plain values and bytes; js/src/dossier/wire.ts reads them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.example import COLUMNS, Example, read_examples
from attn_widgets.atlas.examples import BYS, By
from attn_widgets.atlas.head_table import label_of, score_names
from attn_widgets.buffers import array_wire
from attn_widgets.heads.known import known_heads
from attn_widgets.motifs.naming import RULE
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.names import parse_head

if TYPE_CHECKING:
    from attn_widgets.atlas.atlas import Atlas

# of each way to choose them
EXAMPLES = 20
# of its own model; of each other one, and of all of these together
_NEAREST_HERE, _NEAREST_EACH, _NEAREST_ELSEWHERE = 6, 3, 9

ByExamples = Mapping[By, Sequence[Example]]


def head_page(atlas: Atlas, name: str, examples: ByExamples | None = None) -> dict[str, Any]:
    """What there is to know about a head.

    Parameters
    ----------
    atlas : Atlas
    name : str
        With its model: `"smollm2-135m:L18H6"`.
    examples : dict, optional
        Those of "top", "decile" and "random", where they are read already.

    Returns
    -------
    dict
        name, model, layer, head, n_layers, n_heads, n_passages, depth
        motif
            None, or `label`, `color`, `about`, `score`, `std`, `lift`, `bits`, `rule`.
        classes
            A list of `name` and `papers`, which are lists of `title`, `url` and `note`.
        examples
            "top", "decile", "random" -> a list; see `example_wire`.
        scores
            `names`, `labels`, and `std` (float32) of each; `kinds`, how many passages each has, `n_passages`, and the
            means of the scores over them: `by_kind`, float32 `[kind, score]`.
        strengths
            uint32 `[64]`; see `Atlas.strengths`.
        nearest
            A list of `name`, `distance` and `here`, whether it is of the same model; `nearest_missing` says why there
            is none.
        n_words, pictures
            Between how many first words the mean pattern is; and those of this head and of the nearest: uint8
            `[head, query, key]`, value = code / 255 * `peaks[head]`, the first key left out; with `cells`: into how
            many cells a side of a causal one falls, 0 where it is not causal.
    """
    heads = atlas.heads
    row = heads.loc[name]
    model = str(row["model"])
    own = heads["model"] == model
    examples = examples_by(atlas, name) if examples is None else examples
    nearest, missing = _nearest(atlas, name, model)
    return {
        "name": name,
        "model": model,
        "layer": int(row["layer"]),
        "head": int(row["head"]),
        "n_layers": int(heads["layer"][own].max()) + 1,
        "n_heads": int(heads["head"][own].max()) + 1,
        "n_passages": int(row["n_passages"]),
        "depth": float(row["depth"]),
        "motif": _motif(row),
        "classes": _classes(model, name.rpartition(":")[2]),
        "examples": {by: [example_wire(one) for one in found] for by, found in examples.items()},
        "scores": _scores(atlas, name),
        "strengths": array_wire(atlas.strengths(name), "uint32"),
        "nearest": nearest,
        "nearest_missing": missing,
        "n_words": len(atlas.mean_pattern(name)),
        "pictures": _pictures([atlas.mean_pattern(one) for one in (name, *(near["name"] for near in nearest))]),
    }


def examples_by(atlas: Atlas, name: str) -> dict[By, list[Example]]:
    """Those of each way to choose them; the files are read once."""
    model, _, short = name.rpartition(":")
    rows = atlas.of_model(model).of_head(*parse_head(short), COLUMNS)
    return {by: read_examples(rows, model, atlas.settings.keep_examples, by, EXAMPLES) for by in BYS}


def example_wire(example: Example, keys: Sequence[int] = ()) -> dict[str, Any]:
    """An example with the text around it; `parts` are runs of tokens, each with where it begins."""
    return {
        "passage": example.passage,
        "kind": example.kind,
        "query": example.query,
        "key": example.key,
        "weight": example.weight,
        "decile": example.decile,
        "n_tokens": len(example.tokens),
        "parts": [{"start": start, "tokens": list(tokens)} for start, tokens in example.parts(keys)],
    }


def _motif(row: Any) -> dict[str, Any] | None:
    name = row["motif"]
    if name not in MOTIFS:
        return None
    numbers = {what: _number(row, f"{name}{ending}") for what, ending in _OF_MOTIF.items()}
    motif = MOTIFS[name]
    return {"label": motif.label, "color": motif.color, "about": motif.description, "rule": RULE} | numbers


_OF_MOTIF = {"score": "", "std": "_std", "lift": "_lift", "bits": "_bits"}


def _number(row: Any, name: str) -> float | None:
    """None where there is none: JSON has no NaN."""
    value = float(row[name]) if name in row and row[name] is not None else np.nan
    return value if np.isfinite(value) else None


def _classes(model: str, head: str) -> list[dict[str, Any]]:
    known = known_heads(model.partition("~")[0], own={}).to_frame()
    found: dict[str, list[dict[str, str]]] = {}
    for _, row in known[known.index == head].iterrows():
        paper = {"title": row["source"], "url": row["url"], "note": row["note"]}
        found.setdefault(row["class"], []).append(paper)
    return [{"name": name, "papers": papers} for name, papers in found.items()]


def _scores(atlas: Atlas, name: str) -> dict[str, Any]:
    """Means by kind of passage, of the scores that all heads are compared by."""
    heads, by_kind = atlas.heads, atlas.scores_by_kind(name)
    names = [one for one in score_names(heads) if one in by_kind.columns and one != "n_passages"]
    row = heads.loc[name]
    std = [row.get(f"{one}_std", np.nan) for one in names]
    return {
        "names": names,
        "labels": [label_of(one) for one in names],
        "std": array_wire(np.array(std, dtype=np.float64), "float32"),
        "kinds": [str(kind) or "no kind" for kind in by_kind.index],
        "n_passages": [int(n) for n in by_kind["n_passages"]],
        "by_kind": array_wire(by_kind[names].to_numpy(), "float32"),
    }


def _nearest(atlas: Atlas, name: str, model: str) -> tuple[list[dict[str, Any]], str]:
    try:
        found = [(one, True) for one in atlas.nearest(name, _NEAREST_HERE, model)]
        others = [one for other in atlas.models if other != model for one in atlas.nearest(name, _NEAREST_EACH, other)]
        found += [(one, False) for one in sorted(others, key=lambda one: one[1])[:_NEAREST_ELSEWHERE]]
    except ValueError as error:
        # profiles are kept of some passages only, and not all models may have read them
        return [], str(error)
    return [{"name": near, "distance": distance, "here": here} for (near, distance), here in found], ""


def _pictures(patterns: Sequence[NDArray[np.float32]]) -> dict[str, Any]:
    """All of one size: cells of smaller ones are repeated. Beside a sink at the first word nothing else is seen."""
    side = max(len(pattern) for pattern in patterns)
    codes = np.empty((len(patterns), side, side), np.uint8)
    peaks, cells = [], []
    for code, pattern in zip(codes, patterns, strict=True):
        cells.append(0 if np.triu(pattern, 1).any() else len(pattern))
        peaks.append(float(pattern[:, 1:].max(initial=0)) or 1.0)
        at = np.arange(side) * len(pattern) // side
        code[:] = np.rint(np.minimum(pattern[at[:, None], at] / peaks[-1], 1) * 255)
        code[:, at == 0] = 0
    return array_wire(codes, "uint8") | {"cells": cells, "peaks": peaks}
