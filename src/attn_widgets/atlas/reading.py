"""A model and a text -> the token ids that are read of it."""

from __future__ import annotations

from typing import Any


def ids_of(model: Any, text: str, most: int) -> list[int]:
    """Cut a text to the model's first tokens; what its tokenizer ends every text with stays the last of them.

    An encoder such as BERT has learned with its last special token, where many of its heads rest: without it they
    would do something else.

    Parameters
    ----------
    model : Model
    text : str
    most : int
        Of the model's own tokens, the special ones among them; no more than the model can read.

    Returns
    -------
    list of int

    Raises
    ------
    ValueError
        If the tokenizer refuses the text.
    """
    # not model.encode: the whole text may be longer than the model can read
    ids = list(map(int, model.tokenizer.encode(text)))
    most = min(most, model.context or most)
    if len(ids) <= most:
        return ids
    end = ids[-1:] if ids[-1] in model.tokenizer.special_ids else []
    return ids[: most - len(end)] + end
