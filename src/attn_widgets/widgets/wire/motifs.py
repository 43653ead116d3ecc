"""A trace -> what the browser needs to show motifs: scores, lifts and bits as bytes, geometry as small dicts."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from attn_widgets.compute.scored import Scored
from attn_widgets.motifs.motif import BoolArray
from attn_widgets.motifs.naming import RULE
from attn_widgets.motifs.overlay import overlays
from attn_widgets.motifs.scores import MotifScores
from attn_widgets.widgets.wire.arrays import array_wire

# what was written last of a trace, and for how many heads
_wires: WeakKeyDictionary[Scored, tuple[int, dict[str, Any]]] = WeakKeyDictionary()


def motif_wire(known: Scored) -> dict[str, Any]:
    """Everything that views show of a trace's motifs, as far as it is known; made once however many widgets show it.

    Parameters
    ----------
    known : Scored

    Returns
    -------
    dict
        `rule`: how a head is named, a sentence or two. `names`, `labels`, `colors`, `descriptions`, `sources`: lists
        of str, one a motif. `shapes`: see
        `attn_widgets.motifs.overlay.overlays`. `scored`: uint8 `[layer, head]`, 1 where the rest is known. What differs
        between heads is there as it is, and under `exclude_first` for patterns without their first token: `values`:
        float32 `[3, motif, layer, head]`, scores, lifts and bits, NaN where not measurable. `present`: uint8 `[motif,
        layer, head]`, 1 where a head really has the motif. `dominant`: `[layer][head]` of str. `found`: as `shapes`,
        for each head. Arrays are as `array_wire` writes them.
    """
    number = int(known.known.sum())
    written = _wires.get(known)
    if written is None or written[0] != number:
        written = _wires[known] = (number, _encode(known))
    return written[1]


def _encode(known: Scored) -> dict[str, Any]:
    heads = known.known.copy()
    scores, first_excluded = known.scores(), known.scores(exclude_first=True)
    motifs = known.motifs
    return {
        "rule": RULE,
        "names": [motif.name for motif in motifs],
        "labels": [motif.label for motif in motifs],
        "colors": [motif.color for motif in motifs],
        "descriptions": [motif.description for motif in motifs],
        "sources": [motif.source for motif in motifs],
        **_heads(scores, heads),
        **overlays(known.trace, scores, heads),
        "exclude_first": {
            **_heads(first_excluded, heads),
            "found": overlays(known.trace, first_excluded, heads)["found"],
        },
    }


def _heads(scores: MotifScores, heads: BoolArray) -> dict[str, Any]:
    return {
        "scored": array_wire(heads, "uint8"),
        "values": array_wire(np.stack([scores.score.array, scores.lift.array, scores.bits.array]), "float32"),
        "present": array_wire(scores.present(), "uint8"),
        "dominant": scores.dominant().tolist(),
    }
