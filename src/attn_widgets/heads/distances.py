"""`head_distances`: traces -> HeadDistances, how unlike every two heads are, on average over prompts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.features import Features, Kind, head_features, list_of_traces
from attn_widgets.heads.prompts import in_common, told
from attn_widgets.heads.space import HeadSpace
from attn_widgets.names import head_name, parse_head
from attn_widgets.trace import Trace

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False, repr=False)
class HeadDistances:
    """How unlike every two heads are.

    Attributes
    ----------
    matrix : numpy.ndarray
        `[head, head]`, float64: the distance between two heads' patterns in `space`, averaged over prompts. Symmetric,
        0 on the diagonal. Its unit is that of the space; only ratios mean something.
    heads : tuple of str
        One a row, layer by layer: `"L5H1"`, or `"gpt2:L5H1"` where there are several models.
    models : tuple of str
        The model of each head.
    prompts : tuple of str
        The texts that distances were averaged over.
    space : HeadSpace
        Places heads of other models among these.
    left_out : dict
        Model -> prompts that it has not read and another has, which nothing is averaged over.
    """

    matrix: FloatArray
    heads: tuple[str, ...]
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    space: HeadSpace
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        models = ", ".join(name or "unknown model" for name in dict.fromkeys(self.models))
        return (
            f"<HeadDistances of {models}: {len(self.heads)} heads, {self.space.kind} features, "
            f"{len(self.prompts)} prompts>"
        )

    @property
    def kind(self) -> str:
        """The kind of features that the distances are made of."""
        return self.space.kind

    def between(self, head: str | tuple[int, int], other: str | tuple[int, int]) -> float:
        """The distance between two heads.

        Raises
        ------
        ValueError
            If there is no such head.
        """
        return float(self.matrix[self._index(head), self._index(other)])

    def nearest(self, head: str | tuple[int, int], k: int = 5) -> list[tuple[str, float]]:
        """The heads most like one.

        Parameters
        ----------
        head : str or (int, int)
            `"L5H1"`, `(5, 1)`, or, where there are several models, `"gpt2:L5H1"`.
        k : int
            How many, at most.

        Returns
        -------
        list of (str, float)
            Head name and distance, the nearest first, without the head itself.

        Raises
        ------
        ValueError
            If there is no such head, or k is not positive.
        """
        if k < 1:
            raise ValueError(f"k is {k}; expected at least 1")
        index = self._index(head)
        order = [int(i) for i in np.argsort(self.matrix[index], kind="stable") if i != index]
        return [(self.heads[i], float(self.matrix[index, i])) for i in order[:k]]

    def to_frame(self) -> pd.DataFrame:
        """The matrix as a pandas table, with head names on both sides."""
        import pandas as pd

        return pd.DataFrame(self.matrix, index=list(self.heads), columns=list(self.heads))

    def _index(self, head: str | tuple[int, int]) -> int:
        model, _, name = head.rpartition(":") if isinstance(head, str) else ("", "", head)
        wanted = f"{model}:{head_name(*parse_head(name))}" if model else head_name(*parse_head(name))
        if wanted not in self.heads:
            raise ValueError(f"head is {wanted}; expected one of {self.heads[0]} to {self.heads[-1]}")
        return self.heads.index(wanted)


def head_distances(
    traces: Trace | Sequence[Trace], kind: Kind = "profile", *, space: HeadSpace | None = None
) -> HeadDistances:
    """Measure how unlike heads are in what their patterns look like.

    The features of every head on every prompt become a point in a space of 16 dimensions; two heads are as far apart as
    their points are on the same prompt, averaged over prompts (the pipeline of "Motifs in Attention Patterns of Large
    Language Models"). With traces of several models, heads are compared on the prompts that all of them have read,
    matched by their exact text, and the space is fitted to all of them; a warning names those that one has not read.
    Traces of your own without a text are matched by their tokens, joined.

    Parameters
    ----------
    traces : Trace or sequence of Trace
    kind : {"profile", "published", "extended"}
        Which features, as for `head_features`.
    space : HeadSpace, optional
        Fitted before, of this kind; default one fitted to these traces.

    Returns
    -------
    HeadDistances

    Raises
    ------
    ValueError
        If `kind` is unknown or is not that of the space, there is no trace, or the models share no prompt.
    TypeError
        If `traces` is something else.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> aw.head_distances(traces, kind="published").matrix.shape
    (8, 8)
    """
    models: dict[str, list[Trace]] = {}
    for trace in list_of_traces(traces):
        models.setdefault(trace.model_name, []).append(trace)
    return distances_of([head_features(own, kind) for own in models.values()], space)


def distances_of(features: Sequence[Features], space: HeadSpace | None = None) -> HeadDistances:
    """As `head_distances`, of features that are known already, one `Features` a model."""
    features, left_out = on_the_same_prompts(features)
    if left_out:
        warnings.warn(told(left_out, features[0].n_traces), stacklevel=3)
    if space is None:
        space = HeadSpace.fit(features)
    points = np.concatenate([space.transform(one) for one in features], axis=1)
    several = len(features) > 1
    return HeadDistances(
        matrix=mean_distances(points),
        heads=tuple(f"{one.model_name}:{head}" if several else head for one in features for head in one.heads),
        models=tuple(one.model_name for one in features for _ in one.heads),
        prompts=features[0].prompts,
        space=space,
        left_out=left_out,
    )


def mean_distances(points: FloatArray) -> FloatArray:
    """Euclidean distances between heads on each prompt, averaged: `[trace, head, component] -> [head, head]`."""
    total = np.zeros((points.shape[1],) * 2)
    for on_prompt in points:
        squares = (on_prompt**2).sum(axis=1)
        total += np.sqrt(np.maximum(squares[:, None] + squares - 2 * on_prompt @ on_prompt.T, 0))
    np.fill_diagonal(total, 0)
    return total / len(points)


def on_the_same_prompts(features: Sequence[Features]) -> tuple[list[Features], dict[str, tuple[str, ...]]]:
    """The features on the prompts that all models have read, in one order; and model -> the prompts that it lacks.

    Raises
    ------
    ValueError
        If there is no prompt that all have read.
    """
    if len(features) == 1:
        return list(features), {}
    places, left_out = in_common({one.model_name: one.prompts for one in features})
    if not places[0]:
        raise ValueError(
            f"the models {', '.join(one.model_name for one in features)} share no prompt; heads are compared on the "
            "same texts. Capture the same prompts with every model"
        )
    return [one.take(own) for one, own in zip(features, places, strict=True)], left_out
