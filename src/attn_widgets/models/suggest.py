"""A model and a token -> single tokens that could stand in its place."""

from __future__ import annotations

import torch

from attn_widgets.models.model import Model


def suggest_tokens(model: Model, token: int, text: str = "", k: int = 8) -> list[int]:
    """Tokens to put in the place of another, the most similar first.

    Parameters
    ----------
    model : Model
    token : int
        Id of the token that would be replaced.
    text : str
        How the token should start, case and a leading space ignored; "" for any.
    k : int
        At most so many.

    Returns
    -------
    list of int
        Ids. Similar means the cosine of the token embeddings, the mean embedding taken out.
    """
    words = model.tokenizer.vocabulary
    embedding = model.token_embeddings
    start = text.strip().casefold()
    skipped = {token, *model.tokenizer.special_ids}
    fitting = [i for i in range(min(len(words), len(embedding))) if _fits(words[i], start) and i not in skipped]
    mean = embedding.mean(0).float()
    similarity = torch.nn.functional.cosine_similarity(
        embedding[fitting].float() - mean, (embedding[token].float() - mean)[None]
    ).tolist()
    order = sorted(
        (_rank(words[i], words[token], start), -close, i) for i, close in zip(fitting, similarity, strict=True)
    )
    return [i for _, _, i in order[:k]]


def _fits(word: str, start: str) -> bool:
    return bool(word.strip()) and word.isprintable() and word.strip().casefold().startswith(start)


def _rank(word: str, replaced: str, start: str) -> tuple[bool, bool]:
    """What was typed in full comes first, then tokens that begin a word as the replaced one does."""
    return (bool(start) and word.strip().casefold() != start, word.startswith(" ") != replaced.startswith(" "))
