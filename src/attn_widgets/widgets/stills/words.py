"""What a widget shows -> one line that a person can read, where pictures are not shown. No Pillow here."""

from __future__ import annotations

from collections.abc import Sequence

from attn_widgets.compute.scored import scored
from attn_widgets.motifs.scores import OfHead
from attn_widgets.names import head_name
from attn_widgets.trace import Trace

# less is not worth a word
_LEAST, _LEAST_BITS = 0.1, 0.25
_MOST = 2


def of_model(kind: str, model: str) -> str:
    """`AttentionHeatmap of smollm2-135m`."""
    return f"{kind} of {model}" if model else kind


def length_of(trace: Trace) -> str:
    """`128 tokens`."""
    queries, keys = trace.n_queries, trace.n_keys
    if trace.query_tokens == trace.tokens:
        return f"{keys} {trace.unit}{'s' if keys != 1 else ''}"
    return f"{queries} x {keys} {trace.unit}s"


def measured_motifs(trace: Trace, head: tuple[int, int], *, exclude_first: bool = False) -> dict[str, OfHead] | None:
    """Motif -> score, lift and bits of a head; None where it takes too long to know them now."""
    known = scored(trace)
    if known.quick and not known.known[head]:
        known.measure([head])
    if not known.known[head]:
        return None
    return known.scores(exclude_first=exclude_first).of(head)


def motif_words(trace: Trace, layer: int, head: int) -> str:
    """`induction 0.26, first token 0.85`: what tells most of where a head looks."""
    found = measured_motifs(trace, (layer, head))
    if found is None:
        return ""
    strong = [(name, one.score) for name, one in found.items() if one.bits >= _LEAST_BITS and one.score >= _LEAST]
    words = ", ".join(f"{name.replace('_', ' ')} {score:.2f}" for name, score in strong[:_MOST])
    return words or "no motif"


def head_words(kind: str, trace: Trace, layer: int, head: int) -> str:
    """`AttentionHeatmap of smollm2-135m, L18H6, 128 tokens: induction 0.26, first token 0.85`."""
    line = f"{of_model(kind, trace.model_name)}, {head_name(layer, head)}, {length_of(trace)}"
    words = motif_words(trace, layer, head)
    return f"{line}: {words}" if words else line


def models_named(models: Sequence[str]) -> str:
    """The names of a few models, else how many there are."""
    return ", ".join(models) if len(models) < 4 else f"{len(models)} models"
