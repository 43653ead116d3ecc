"""One logit as an exact sum -> a bar for each of its largest terms, the rest, and the logit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from attn_widgets.figures.bars import signed_bars
from attn_widgets.figures.paper import stage
from attn_widgets.stills.tokens import readable

if TYPE_CHECKING:
    from attn_widgets.circuits.attribution import Attribution


def attribution(split: Attribution, *, top: int = 10, size: float = 4.0, ax: Axes | None = None) -> Figure:
    """What the largest terms add to a logit, all others together, and the logit itself.

    Parameters
    ----------
    split : Attribution
        What `attn_widgets.attribute` returns.
    top : int
        How many terms have bars of their own.
    size : float
        Width of the bars, in inches.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError
        If `split` is something else.
    ValueError
        If `top` is not positive.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> model = aw.load_model("toy-induction", device="cpu")
    >>> split = aw.attribute(model, aw.capture(model, "The cat sat on the mat. The cat sat on the"))
    >>> figure = aw.figures.attribution(split, top=5)
    """
    terms, logit, label = _read(split)
    if top < 1:
        raise ValueError(f"top is {top}; expected at least 1")
    names = [name.replace("_", " ") for name, _ in terms[:top]]
    values = [value for _, value in terms[:top]]
    rest = terms[top:]
    if rest:
        names.append(f"{len(rest)} other{'s' * (len(rest) > 1)}")
        values.append(sum(value for _, value in rest))
    figure, axes = stage(ax, size + 1.8, 0.24 * (len(names) + 1) + 0.7)
    signed_bars(axes, [*names, "logit"], [*values, logit], bold=["logit"])
    axes.axhline(len(names) - 0.5, color="#bbbbbb", lw=0.5)
    axes.set_xlabel(label, fontsize=9)
    return figure


def _read(split: Any) -> tuple[list[tuple[str, float]], float, str]:
    """The terms, the largest first, what they add up to, and what that is."""
    from attn_widgets.circuits.attribution import Attribution

    if not isinstance(split, Attribution):
        raise TypeError(
            f"split is a {type(split).__name__}; expected what attn_widgets.attribute returns of one prompt"
        )
    ids = [split.token, *([] if split.versus is None else [split.versus])]
    said = " less ".join(repr(readable(text)) for text in split.model.tokenizer.token_strings(ids))
    frame = split.to_frame()
    terms = [(str(row.term), float(row.contribution)) for row in frame.itertuples() if row.contribution]
    return terms, float(split.logit), f"logit of {said} at query {split.query}".replace("$", r"\$")
