"""`head_features`: traces -> Features, numbers that say what each head's pattern looks like on each prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.profile import GROUPS, PROFILE, SCALES, profile
from attn_widgets.heads.prompts import prompt_text
from attn_widgets.heads.published import EXTENDED, PUBLISHED, extended, published
from attn_widgets.names import check_head, head_name
from attn_widgets.trace import Trace, Unit
from attn_widgets.traces import as_traces, each_part, of_one_model

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.floating[Any]]
Kind = Literal["profile", "published", "extended"]


@dataclass(frozen=True, eq=False, repr=False)
class Features:
    """What the patterns of one model's heads look like, in numbers. `features["diag.mean"]` is `[trace, layer, head]`.

    Attributes
    ----------
    values : numpy.ndarray
        `[trace, layer, head, feature]`, float32. NaN where a feature has no value, such as the skewness of numbers
        that are all the same.
    names : tuple of str
        One a feature.
    groups : tuple of str
        The family that each feature belongs to; those of one family say related things.
    kind : str
        `"profile"`, `"published"` or `"extended"`.
    prompts : tuple of str
        The text of each trace, without special tokens; prompts of different models are matched by it.
    model_name : str
    unit : {"token", "word"}
        What the positions of the patterns are.
    scales : dict or None
        What each family is divided by in a `HeadSpace`, so that a difference of one counts the same in all; None where
        every feature is divided by its own standard deviation.
    """

    values: NDArray[np.float32]
    names: tuple[str, ...]
    groups: tuple[str, ...]
    kind: str
    prompts: tuple[str, ...] = ()
    model_name: str = ""
    unit: Unit = "token"
    scales: Mapping[str, float] | None = None

    def __repr__(self) -> str:
        traces, layers, heads, number = self.values.shape
        return (
            f"<Features of {self.model_name or 'unknown model'}, {self.kind}: {traces} traces x {layers} layers x "
            f"{heads} heads x {number} features>"
        )

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        if name not in self.names:
            raise KeyError(f"feature is {name!r}; expected one of {', '.join(self.names)}")
        return self.values[..., self.names.index(name)]

    @property
    def n_traces(self) -> int:
        return int(self.values.shape[0])

    @property
    def n_layers(self) -> int:
        return int(self.values.shape[1])

    @property
    def n_heads(self) -> int:
        """Heads in a layer."""
        return int(self.values.shape[2])

    @property
    def heads(self) -> tuple[str, ...]:
        """`"L0H0"` and so on, layer by layer."""
        return tuple(head_name(layer, head) for layer in range(self.n_layers) for head in range(self.n_heads))

    def of(self, head: str | tuple[int, int]) -> NDArray[np.float32]:
        """One head's features, `[trace, feature]`.

        Raises
        ------
        ValueError
            If there is no such head.
        """
        layer, index = check_head(head, self.n_layers, self.n_heads)
        return self.values[:, layer, index]

    def rows(self) -> NDArray[np.float32]:
        """`[trace, head, feature]`, the heads layer by layer."""
        return self.values.reshape(self.n_traces, -1, len(self.names))

    def take(self, traces: Sequence[int]) -> Features:
        """The features on some of the traces, in the order given."""
        chosen = list(traces)
        return replace(self, values=self.values[chosen], prompts=tuple(self.prompts[i] for i in chosen))

    @classmethod
    def join(cls, parts: Sequence[Features]) -> Features:
        """Features of one model and kind, measured apart, as one: the traces one after the other."""
        first = parts[0]
        values = np.concatenate([part.values for part in parts])
        return replace(first, values=values, prompts=tuple(text for part in parts for text in part.prompts))

    def to_frame(self) -> pd.DataFrame:
        """A table for pandas, one row a head and trace.

        Returns
        -------
        pandas.DataFrame
            Index: head names. Columns: `model`, `trace` (a number), `layer`, `head`, and one a feature.
        """
        import pandas as pd

        trace, layer, head = np.indices(self.values.shape[:3]).reshape(3, -1)
        about = pd.DataFrame({"model": self.model_name, "trace": trace, "layer": layer, "head": head})
        figures = pd.DataFrame(self.values.reshape(-1, len(self.names)), columns=list(self.names))
        frame = pd.concat([about, figures], axis=1)
        frame.index = pd.Index(list(self.heads) * self.n_traces, name="name")
        return frame


def head_features(traces: Trace | Sequence[Trace], kind: Kind = "profile") -> Features:
    """Describe every head's pattern on every prompt by numbers.

    Parameters
    ----------
    traces : Trace or sequence of Trace
        Of one model. Prompts may differ in length. `[trace.words() for trace in traces]` for features of patterns
        between words.
    kind : {"profile", "published", "extended"}
        `"profile"` is this package's own: what a pattern looks like with the first token, usually a sink, taken out, in
        seven families (`attn_widgets.heads.profile` describes them); cheap, and little changed by the length of the
        prompt. `"published"` are the 94 numbers of "Motifs in Attention Patterns of Large Language Models", and
        `"extended"` the 179 that its authors' project has now; both are computed in float64, and are what a loop over
        scipy gives.

    Returns
    -------
    Features
        `.values` is `[trace, layer, head, feature]`.

    Raises
    ------
    ValueError
        If `kind` is unknown, there is no trace, the traces are of different models, some are of tokens and some of
        words, or the patterns have not as many queries as keys.
    TypeError
        If `traces` is something else.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> trace = aw.capture(aw.load_model("toy-induction", device="cpu"), "The cat sat on the mat.")
    >>> aw.head_features(trace, kind="published")
    <Features of toy-induction, published: 1 traces x 2 layers x 4 heads x 94 features>
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; expected one of {', '.join(map(repr, KINDS))}")
    chosen = of_one_model(list_of_traces(traces))
    units = {trace.unit for trace in chosen}
    if len(units) > 1:
        raise ValueError("traces holds some of tokens and some of words; expected one unit: call trace.words() on all")
    measure, names, groups, scales = KINDS[kind]
    values = np.stack([measure(trace).astype(np.float32) for trace in chosen])
    values.setflags(write=False)
    return Features(
        values=values,
        names=names,
        groups=groups,
        kind=kind,
        prompts=tuple(prompt_text(trace) for trace in chosen),
        model_name=chosen[0].model_name,
        unit=chosen[0].unit,
        scales=scales,
    )


def list_of_traces(traces: Any) -> list[Trace]:
    """One trace of self-attention or several as a list, checked."""
    chosen = as_traces(traces)
    for index, trace in enumerate(chosen):
        if trace.n_queries != trace.n_keys:
            raise ValueError(
                f"traces[{index}] has {trace.n_queries} queries and {trace.n_keys} keys; features are of "
                "self-attention, where these are the same tokens"
            )
    return chosen


def _groups(names: Sequence[str]) -> tuple[str, ...]:
    """What a published feature is of: `"gram.row"` for `"gram.row.hist.mean"`."""
    return tuple(name.partition(".hist.")[0] if ".hist." in name else name.partition(".")[0] for name in names)


def _by_parts(measure: Callable[[FloatArray], FloatArray]) -> Callable[[Trace], FloatArray]:
    """A function of patterns `[layer, head, query, key]` as one of a trace, which may make them a few at a time."""

    def of_trace(trace: Trace) -> FloatArray:
        if trace.holds == "patterns":
            return measure(trace.patterns)
        # the parts come layer by layer, head by head
        heads = np.concatenate([part for *_, part in each_part(trace, lambda patterns: measure(patterns[None])[0])])
        return heads.reshape(trace.n_layers, trace.n_heads, -1)

    return of_trace


# kind -> (trace -> [layer, head, feature], names, groups, scales of groups)
_Measure = Callable[[Trace], FloatArray]
KINDS: dict[str, tuple[_Measure, tuple[str, ...], tuple[str, ...], Mapping[str, float] | None]] = {
    "profile": (profile, PROFILE, GROUPS, SCALES),
    "published": (_by_parts(published), PUBLISHED, _groups(PUBLISHED), None),
    "extended": (_by_parts(extended), EXTENDED, _groups(EXTENDED), None),
}
