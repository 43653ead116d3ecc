"""`head_distances`: traces -> HeadDistances, how unlike every two heads are, on average over prompts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets.heads.features import Features, Kind, head_features, list_of_traces
from attn_widgets.heads.mean_distances import mean_distances
from attn_widgets.heads.prompts import in_common, prompt_text, told
from attn_widgets.heads.same_words import SameWords, same_words
from attn_widgets.heads.space import HeadSpace
from attn_widgets.names import head_name, parse_head
from attn_widgets.trace import Trace, Unit
from attn_widgets.traces import by_model

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
    same_words : SameWords
        Of several models compared on words: which words of each prompt all of them tell apart, and which prompts are
        left out or cut for having other words.
    """

    matrix: FloatArray
    heads: tuple[str, ...]
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    space: HeadSpace
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same_words: SameWords = field(default_factory=SameWords)

    def __repr__(self) -> str:
        models = ", ".join(name or "unknown model" for name in dict.fromkeys(self.models))
        return (
            f"<HeadDistances of {models}: {len(self.heads)} heads, {self.space.kind} features of {self.unit}s, "
            f"{len(self.prompts)} prompts>"
        )

    @property
    def kind(self) -> str:
        """The kind of features that the distances are made of."""
        return self.space.kind

    @property
    def unit(self) -> Unit:
        """What the positions of the patterns are: `"token"` or `"word"`."""
        return self.space.unit

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
    traces: Trace | Sequence[Trace],
    kind: Kind = "profile",
    *,
    unit: Literal["auto", "token", "word"] = "auto",
    space: HeadSpace | None = None,
) -> HeadDistances:
    """Measure how unlike heads are in what their patterns look like.

    The features of every head on every prompt become a point in a space of 16 dimensions; two heads are as far apart as
    their points are on the same prompt, averaged over prompts (the pipeline of "Motifs in Attention Patterns of Large
    Language Models"). With traces of several models, heads are compared on the prompts that all of them have read,
    matched by their exact text, and the space is fitted to all of them; a warning names those that one has not read.
    Traces of your own without a text are matched by their tokens, joined.

    Two tokenizers cut a text differently, so the same stripe lies at other offsets in another model. Patterns between
    words (`Trace.words`) do not have that difference. Where a token of one model covers two words (`")."`, they are
    one for all models. A prompt that one model has read to some point only is compared up to there, if the models are
    causal, and one of whose words less than half are the same is left out; a warning says so.

    Parameters
    ----------
    traces : Trace or sequence of Trace
    kind : {"profile", "published", "extended"}
        Which features, as for `head_features`.
    unit : {"auto", "token", "word"}
        What the positions of the patterns are. `"auto"`: the words of the text as soon as there are several models,
        else tokens, or the unit of the `space`. Traces that are of words already stay so.
    space : HeadSpace, optional
        Fitted before, of this kind; default one fitted to these traces.

    Returns
    -------
    HeadDistances

    Raises
    ------
    ValueError
        If `kind` or `unit` is unknown or is not that of the space, there is no trace, or the models share no prompt, or
        no words of one.
    TypeError
        If `traces` is something else.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> aw.head_distances(traces, kind="published").matrix.shape
    (8, 8)
    """
    models = by_model(list_of_traces(traces))
    if unit_of(models, unit, space) == "token":
        return distances_of([head_features(own, kind) for own in models.values()], space)
    same = same_words(models) if len(models) > 1 else SameWords()
    features = []
    for own in models.values():
        read = [(trace, prompt_text(trace)) for trace in own]
        words = [trace.words(same.spans.get(text)) for trace, text in read if text not in same.left_out]
        features += [head_features(words, kind)] if words else []
    return distances_of(features if len(features) == len(models) else [], space, same)


def unit_of(models: Mapping[str, Sequence[Trace]], unit: str, space: HeadSpace | None = None) -> Unit:
    """What `"auto"` comes to, for these traces.

    Raises
    ------
    ValueError
        If there is no such unit, or traces of words are to be read as tokens.
    """
    if unit not in ("auto", "token", "word"):
        raise ValueError(f'unit is {unit!r}; expected "auto", "token" or "word"')
    words = any(trace.unit == "word" for own in models.values() for trace in own)
    if unit == "token" and words:
        raise ValueError('unit is "token", but some traces are of words; pass the traces they were made of')
    if unit != "auto":
        return unit  # type: ignore[return-value]
    return space.unit if space is not None else "word" if words or len(models) > 1 else "token"


def distances_of(
    features: Sequence[Features], space: HeadSpace | None = None, same: SameWords | None = None
) -> HeadDistances:
    """As `head_distances`, of features that are known already, one `Features` a model."""
    same = same or SameWords()
    if not features:
        raise ValueError(f"the models share no prompt of the same words: {same.told()}")
    features, left_out = on_the_same_prompts(features)
    said = [told(left_out, features[0].n_traces)] * bool(left_out) + [same.told()] * bool(same.told())
    if said:
        warnings.warn(". ".join(said), stacklevel=3)
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
        same_words=same,
    )


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
