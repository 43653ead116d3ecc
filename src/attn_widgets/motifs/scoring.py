"""`motif_scores`: traces -> MotifScores, each trace measured by itself and averaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attn_widgets.motifs.measure import Measurement, measure
from attn_widgets.motifs.motif import BAND, Motif
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.motifs.scores import MotifScores
from attn_widgets.motifs.table import over_prompts
from attn_widgets.names import check_head
from attn_widgets.trace import Trace
from attn_widgets.traces import as_traces, of_one_model


def motif_scores(
    trace: Trace | Sequence[Trace],
    exclude_first: bool = False,
    *,
    motifs: Sequence[str | Motif] | None = None,
    band: int = BAND,
    heads: Sequence[str | tuple[int, int]] | None = None,
) -> MotifScores:
    """Measure how much each head shows each motif.

    A motif is a set of cells of the pattern, the same for all heads (`MOTIFS` has their definitions). Its score
    in a head is the attention mass on these cells, averaged over the rows that have such cells; its lift is
    the score over that of a uniform pattern, its bits the information that the one has over the other. vertical_bars
    and stripe are looked for in each head's own pattern, and diffuse is the evenness of its rows. In bidirectional
    models a uniform pattern spreads over all keys; motifs that look back (previous token, duplicates, induction,
    stripe, band) look back there too. In cross-attention only first_token, vertical_bars, delimiter and diffuse mean
    anything; the others are NaN.

    Parameters
    ----------
    trace : Trace or sequence of Trace
        Several traces, of one model, are averaged, over the prompts that can show a motif.
    exclude_first : bool
        Take key 0, usually a sink, out of the patterns and renormalise. Rows with less than 1e-3 of their
        mass elsewhere are left out, and rows without a choice: those that see nothing but the motif's cells.
    motifs : sequence of str or Motif, optional
        Names in `MOTIFS`, or motifs, registered or not. Default: all of `MOTIFS`.
    band : int
        How many positions count as recent for recent_band.
    heads : sequence of str or (int, int), optional
        Measure these only, `"L5H1"` or `(layer, head)`; the others are NaN. Of long prompts each takes a while.

    Returns
    -------
    MotifScores

    Raises
    ------
    ValueError
        If a motif is unknown or named twice, there is no such head or no trace, the traces are of different models, or
        `band` is not positive.
    TypeError
        If `trace` is something else.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> trace = aw.capture(aw.load_model("toy-induction", device="cpu"), "The cat sat on the mat.")
    >>> scores = aw.motif_scores(trace)
    >>> scores["previous_token"].shape
    (2, 4)
    """
    traces = of_one_model(as_traces(trace, "trace"), "trace")
    if band < 1:
        raise ValueError(f"band is {band}; expected at least 1")
    chosen = _chosen(motifs)
    only = None if heads is None else _places(heads, traces[0])
    measured = [measure(one, chosen, exclude_first=exclude_first, band=band, only=only) for one in traces]
    return scores_of(chosen, measured, traces[0].model_name, exclude_first=exclude_first, band=band)


def scores_of(
    motifs: tuple[Motif, ...],
    measured: Sequence[Measurement],
    model_name: str,
    *,
    exclude_first: bool = False,
    band: int = BAND,
) -> MotifScores:
    """What was measured of some traces, averaged."""
    names = [motif.name for motif in motifs]
    score, spread, number = over_prompts(names, [one.scores for one in measured])
    lift, lift_spread, _ = over_prompts(names, [one.lifts for one in measured])
    bits, bits_spread, _ = over_prompts(names, [one.bits for one in measured])
    return MotifScores(
        motifs=motifs,
        score=score,
        lift=lift,
        bits=bits,
        spread=spread,
        lift_spread=lift_spread,
        bits_spread=bits_spread,
        n_prompts=number,
        on_first=np.mean([one.on_first for one in measured], axis=0),
        model_name=model_name,
        exclude_first=exclude_first,
        n_traces=len(measured),
        band=band,
        found=measured[0].found if len(measured) == 1 else {},
    )


def _places(heads: Sequence[str | tuple[int, int]], trace: Trace) -> list[tuple[int, int]]:
    if isinstance(heads, str) or not hasattr(heads, "__iter__"):
        raise TypeError(f"heads is {heads!r}; expected a list of heads: [{heads!r}]")
    return list(dict.fromkeys(check_head(head, trace.n_layers, trace.n_heads, "heads") for head in heads))


def _chosen(motifs: Sequence[str | Motif] | None) -> tuple[Motif, ...]:
    if motifs is None:
        return tuple(MOTIFS.values())
    if isinstance(motifs, (str, Motif)):
        given = repr(motifs) if isinstance(motifs, str) else motifs.name
        raise TypeError(f"motifs is {given}; expected a list of names or motifs: [{given}]")
    chosen = tuple(one if isinstance(one, Motif) else MOTIFS[one] for one in motifs)
    names = [motif.name for motif in chosen]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"motifs has {twice[0]!r} more than once; expected each motif once")
    return chosen
