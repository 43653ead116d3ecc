"""What an edit did, in four parts -> bars that start where the last one ended, down to the whole change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from attn_widgets.figures.paper import stage

if TYPE_CHECKING:
    from attn_widgets.circuits import Effect, OverPrompts

# as in the freeze panel
_MORE, _LESS = "#3d87c4", "#d6604d"
_PARTS = {
    "direct": "direct: past the heads",
    "ov": "OV: what is moved",
    "qk": "QK: where from",
    "interaction": "interaction",
    "total": "total",
}
_WARNING = "The interaction is larger than the other parts together:\nthey say little about the whole."


def effects(
    effect: Effect | OverPrompts[Effect], *, label: str = "change", size: float = 4.0, ax: Axes | None = None
) -> Figure:
    """The parts of a change, each starting where the last one ended, and the whole.

    Parameters
    ----------
    effect : Effect or OverPrompts of them
        What a measure of `Frozen.effects` returns, such as `.logit_difference("cat", "dog")`. Of several prompts the
        means are drawn, with a line of one spread to either side.
    label : str
        What changed, for the axis: `"logit difference, cat - dog"`.
    size : float
        Width of the bars, in inches.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure
        Where the interaction is larger than the other parts together, it says so.

    Raises
    ------
    TypeError
        If `effect` is no effect on one number.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> frozen = aw.freeze(aw.load_model("toy-induction", device="cpu"), "Mary cat John dog Tom bird Mary")
    >>> effects = frozen.effects("Mary cat John dog Tom bird John")
    >>> figure = aw.figures.effects(effects.logit_difference("cat", "dog"), label="logit difference, cat - dog")
    """
    from attn_widgets.circuits.effects import interaction_dominates

    parts, spreads, n = _read(effect)
    figure, ax = stage(ax, size + 2.6, 2.1)
    starts = np.concatenate([[0], np.cumsum([parts[name] for name in _PARTS][:3]), [0]])
    reach = np.array([starts, starts + [parts[name] for name in _PARTS]])
    width = float(np.ptp(np.append(reach, 0))) or 1
    for row, name in enumerate(_PARTS):
        value, spread = parts[name], spreads.get(name)
        bar = ax.barh(row, value, left=starts[row], height=0.62, color=_MORE if value >= 0 else _LESS)
        bar[0].set_label(name)
        if spread is not None:
            ax.plot(reach[1, row] + np.array([-spread, spread]), [row, row], color="#222222", lw=0.9, label="spread")
        number = f"{value:+.3g}" if spread is None else f"{value:+.3g} ± {spread:.2g}"
        weight = "bold" if name == "total" else "normal"
        ax.annotate(
            number.replace("-", "−"),
            (1.02, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            weight=weight,
        )
        if row and name != "total":
            ax.plot([starts[row]] * 2, [row - 1, row], color="#888888", lw=0.5, zorder=0)
    ax.axvline(0, color="#888888", lw=0.7, zorder=0)
    ax.axhline(3.5, color="#bbbbbb", lw=0.5)
    ax.set_ylim(4.6, -0.6)
    most = max((spread for spread in spreads.values() if np.isfinite(spread)), default=0.0)
    ax.set_xlim(min(0, reach.min()) - 0.03 * width - most, max(0, reach.max()) + 0.03 * width + most)
    ax.set_yticks(range(len(_PARTS)), list(_PARTS.values()), fontsize=8)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", length=2, width=0.5, labelsize=7)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.spines["bottom"].set_linewidth(0.5)
    over = "" if n is None else f", mean of {n} prompts"
    ax.set_xlabel(f"{label}{over}", fontsize=9)
    if interaction_dominates(parts):
        ax.set_title(_WARNING, fontsize=8, color="#a33a26", loc="left")
    return figure


def _read(effect: Any) -> tuple[dict[str, float], dict[str, float], int | None]:
    """The parts, their spreads where there are several prompts, and how many."""
    from attn_widgets.circuits import Effect, OverPrompts

    if isinstance(effect, Effect):
        return effect.numbers(), {}, None
    if isinstance(effect, OverPrompts) and set(_PARTS) <= set(effect.mean):
        return effect.mean, effect.spread, len(effect)
    raise TypeError(
        f"effect is {effect!r}; expected the effect on one number: .logit(token), .logit_difference(token, versus) or "
        ".kl() of what Frozen.effects returns"
    )
