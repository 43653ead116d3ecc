"""Traces -> the texts of their prompts, by which prompts of different models are known to be the same."""

from __future__ import annotations

from collections.abc import Sequence

from attn_widgets.trace import Trace

# how tokenizers that show their raw vocabulary write a space, a newline and a tab
_RAW = str.maketrans({"Ġ": " ", "▁": " ", "Ċ": "\n", "ĉ": "\t"})


def prompt_text(trace: Trace) -> str:
    """The text of a prompt, without its special tokens and with every run of spaces as one."""
    tokens = [token.translate(_RAW) for position, token in enumerate(trace.tokens) if position not in trace.special]
    # words of a tokenizer that leaves spaces out stand apart
    between = "" if any(token.startswith(" ") for token in tokens) else " "
    return " ".join(between.join(tokens).split())


def in_common(prompts: Sequence[Sequence[str]]) -> list[list[int]]:
    """The prompts that all models have: for each model, which of its own they are, in the order of the first's.

    Parameters
    ----------
    prompts : sequence of sequence of str
        The texts of each model's prompts.

    Returns
    -------
    list of list of int
        For each model, positions among its prompts; as many for every model.
    """
    shared = [text for text in dict.fromkeys(prompts[0]) if all(text in own for own in prompts[1:])]
    return [[list(own).index(text) for text in shared] for own in prompts]
