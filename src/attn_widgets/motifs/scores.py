"""`motif_scores`: traces -> MotifScores, which answers which head shows which motif, and how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.motifs.measure import measure
from attn_widgets.motifs.motif import BAND, Motif
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.motifs.table import MotifTable, over_prompts
from attn_widgets.names import head_name, parse_head
from attn_widgets.trace import Trace
from attn_widgets.traces import as_traces, of_one_model

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.floating[Any]]

MIN_SCORE = 0.2
MIN_LIFT = 2.0


@dataclass(frozen=True, eq=False, repr=False)
class MotifScores:
    """How much each head shows each motif. `scores["induction"]` is `[layer, head]`.

    Attributes
    ----------
    score : MotifTable
        Mean mass on the motif's cells over the rows that have such cells, in [0, 1]; NaN where no prompt can show the
        motif. `scores["induction"]` is short for `scores.score["induction"]`.
    lift : MotifTable
        The score over that of a uniform pattern on the same cells: 1 is no more than chance. For diffuse it
        is the score itself, as uniform is the most it can be; for vertical_bars and stripe 0 where none is found.
    spread, lift_spread : MotifTable
        Standard deviation over the prompts (n - 1); NaN with fewer than two that can show the motif.
    n_prompts : MotifTable
        How many prompts could show the motif in this head, int.
    model_name : str
    exclude_first : bool
        Whether key 0 was taken out.
    n_traces : int
    band : int
    found : dict
        Motif -> where its detector found it, of a single trace only. `found["vertical_bars"]` is bool `[layer, head,
        key]`; `found["stripe"]` is int `[layer, head]`, the offset, 0 for none.
    """

    motifs: tuple[Motif, ...]
    score: MotifTable
    lift: MotifTable
    spread: MotifTable
    lift_spread: MotifTable
    n_prompts: MotifTable
    model_name: str = ""
    exclude_first: bool = False
    n_traces: int = 1
    band: int = BAND
    found: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __getitem__(self, motif: str) -> FloatArray:
        return self.score[motif]

    def __contains__(self, motif: object) -> bool:
        return motif in self.names

    def __repr__(self) -> str:
        of = f"{self.n_traces} traces" if self.n_traces > 1 else "one trace"
        without = ", without the first token" if self.exclude_first else ""
        return (
            f"<MotifScores of {self.model_name or 'unknown model'}, {of}{without}: {len(self.names)} motifs x "
            f"{self.n_layers} layers x {self.n_heads} heads>"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The motifs, in order."""
        return self.score.names

    @property
    def n_layers(self) -> int:
        return int(self.score.array.shape[1])

    @property
    def n_heads(self) -> int:
        return int(self.score.array.shape[2])

    @property
    def heads(self) -> tuple[str, ...]:
        """`"L0H0"` and so on, layer by layer."""
        return tuple(head_name(layer, head) for layer in range(self.n_layers) for head in range(self.n_heads))

    def present(self, min_score: float = MIN_SCORE, min_lift: float = MIN_LIFT) -> NDArray[np.bool_]:
        """The motifs that a head really has: enough of its mass, and well above chance.

        Parameters
        ----------
        min_score : float
            Least score, in [0, 1]. Lifts of motifs with few cells are large by a little mass; this keeps those out.
        min_lift : float
            Least lift. Motifs with many cells get a high score from any pattern; this keeps those out.

        Returns
        -------
        numpy.ndarray
            bool `[motif, layer, head]`. diffuse, whose lift is never above 1, is present from a score of 0.8.
        """
        with np.errstate(invalid="ignore"):
            found = (self.score.array >= min_score) & (self.lift.array >= min_lift)
            for i, motif in enumerate(self.motifs):
                if motif.present_from is not None:
                    found[i] = self.score.array[i] >= motif.present_from
        return found

    def dominant(self, min_score: float = MIN_SCORE, min_lift: float = MIN_LIFT) -> NDArray[np.str_]:
        """The motif with the highest lift in each head, among those that are present.

        Parameters
        ----------
        min_score, min_lift : float
            As for `present`.

        Returns
        -------
        numpy.ndarray
            str `[layer, head]`; `"none"` where none is present. `"diffuse"` only where nothing else is.
        """
        lifts = np.where(self.present(min_score, min_lift), self.lift.array, 0)
        best = lifts.argmax(axis=0)
        names = np.array([*self.names, "none"])
        chosen: NDArray[np.str_] = names[np.where(lifts.max(axis=0) > 0, best, len(self.names))]
        return chosen

    def top(self, motif: str, k: int = 10) -> list[tuple[str, float]]:
        """The heads that show a motif most.

        Parameters
        ----------
        motif : str
        k : int
            How many heads, at most.

        Returns
        -------
        list of (str, float)
            Head name and score, the highest first; heads whose score is NaN are left out.

        Raises
        ------
        ValueError
            If there is no such motif, or k is not positive.
        """
        if k < 1:
            raise ValueError(f"k is {k}; expected at least 1")
        values = self.score[motif].reshape(-1)
        order = np.argsort(-values, kind="stable")[: min(k, int(np.isfinite(values).sum()))]
        return [(head_name(*divmod(int(i), self.n_heads)), float(values[i])) for i in order]

    def of(self, head: str | tuple[int, int]) -> dict[str, tuple[float, float]]:
        """Motif -> (score, lift) of one head, the highest lift first; motifs that cannot be measured are left out."""
        layer, index = parse_head(head)
        if not (0 <= layer < self.n_layers and 0 <= index < self.n_heads):
            raise ValueError(
                f"head is L{layer}H{index}; these scores have L0H0 to L{self.n_layers - 1}H{self.n_heads - 1}"
            )
        values = {
            name: (float(self.score[name][layer, index]), float(self.lift[name][layer, index])) for name in self.names
        }
        return dict(sorted(((n, v) for n, v in values.items() if np.isfinite(v[0])), key=lambda item: -item[1][1]))

    def to_frame(self) -> pd.DataFrame:
        """A table for pandas, one row a head.

        Returns
        -------
        pandas.DataFrame
            Index: head names. Columns: `model`, `layer`, `head`, `dominant`, then for every motif its score under its
            name and its lift under `<name>_lift`; of several traces also `<name>_std` and `<name>_prompts`.
        """
        import pandas as pd

        grid = np.indices((self.n_layers, self.n_heads)).reshape(2, -1)
        columns: dict[str, Any] = {
            "model": self.model_name,
            "layer": grid[0],
            "head": grid[1],
            "dominant": self.dominant().reshape(-1),
        }
        for name in self.names:
            columns[name] = self.score[name].reshape(-1)
            columns[f"{name}_lift"] = self.lift[name].reshape(-1)
            if self.n_traces > 1:
                columns[f"{name}_std"] = self.spread[name].reshape(-1)
                columns[f"{name}_prompts"] = self.n_prompts[name].reshape(-1)
        return pd.DataFrame(columns, index=pd.Index(self.heads, name="name"))


def motif_scores(
    trace: Trace | Sequence[Trace],
    exclude_first: bool = False,
    *,
    motifs: Sequence[str | Motif] | None = None,
    band: int = BAND,
) -> MotifScores:
    """Measure how much each head shows each motif.

    A motif is a set of cells of the pattern, the same for all heads (`MOTIFS` has their definitions). Its score
    in a head is the attention mass on these cells, averaged over the rows that have such cells; its lift is
    the score over that of a uniform pattern. vertical_bars and stripe are looked for in each head's own
    pattern, and diffuse is the evenness of its rows. In bidirectional models a uniform pattern spreads over all keys;
    motifs that look back (previous token, duplicates, induction, stripe, band) look back there too. In
    cross-attention only first_token, vertical_bars, delimiter and diffuse mean anything; the others are NaN.

    Parameters
    ----------
    trace : Trace or sequence of Trace
        Several traces, of one model, are averaged, over the prompts that can show a motif.
    exclude_first : bool
        Take key 0, usually a sink, out of the patterns and renormalise; rows with less than 1e-3 of their
        mass elsewhere are left out.
    motifs : sequence of str or Motif, optional
        Names in `MOTIFS`, or motifs, registered or not. Default: all of `MOTIFS`.
    band : int
        How many positions count as recent for recent_band.

    Returns
    -------
    MotifScores

    Raises
    ------
    ValueError
        If a motif is unknown or named twice, there is no trace, the traces are of different models, or `band` is not
        positive.
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
    measured = [measure(one, chosen, exclude_first=exclude_first, band=band) for one in traces]
    names = [motif.name for motif in chosen]
    score, spread, number = over_prompts(names, [one.scores for one in measured])
    lift, lift_spread, _ = over_prompts(names, [one.lifts for one in measured])
    return MotifScores(
        motifs=chosen,
        score=score,
        lift=lift,
        spread=spread,
        lift_spread=lift_spread,
        n_prompts=number,
        model_name=traces[0].model_name,
        exclude_first=exclude_first,
        n_traces=len(traces),
        band=band,
        found=measured[0].found if len(measured) == 1 else {},
    )


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
