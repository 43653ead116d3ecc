"""Traces of one or several models -> those that heads are compared on: of tokens, or of words that all tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attn_widgets.compute.in_words import in_words
from attn_widgets.heads.distances import unit_of
from attn_widgets.heads.prompts import prompt_text
from attn_widgets.heads.same_words import SameWords, same_words
from attn_widgets.trace import Trace


def in_unit(models: Mapping[str, Sequence[Trace]], unit: str) -> tuple[dict[str, list[Trace]], SameWords]:
    """The traces that heads are compared on: of tokens, or of the words that all models tell apart.

    Parameters
    ----------
    models : dict
        Model -> its traces.
    unit : {"auto", "token", "word"}

    Returns
    -------
    dict
        Model -> its traces, without those whose words are too different.
    SameWords
        Of several models.
    """
    if unit_of(models, unit) == "token":
        return {name: list(traces) for name, traces in models.items()}, SameWords()
    same = same_words(models) if len(models) > 1 else SameWords()
    read = {name: [(trace, prompt_text(trace)) for trace in traces] for name, traces in models.items()}
    return {
        name: [in_words(trace, same.spans.get(text)) for trace, text in own if text not in same.left_out]
        for name, own in read.items()
    }, same


def shown(model: str, text: str, read: Mapping[str, Sequence[Trace]], given: Mapping[str, Sequence[Trace]]) -> Trace:
    """The trace of a prompt among those that were read of a model, "" for the only one.

    Where the models share too few words of it to be compared on, it is none of those: the words of its own then.
    """

    def find(models: Mapping[str, Sequence[Trace]]) -> Trace | None:
        own = models[model] if model in models else next(iter(models.values()))
        return next((trace for trace in own if prompt_text(trace) == text), None)

    found, whole = find(read), find(given)
    assert whole is not None
    return found or in_words(whole)
