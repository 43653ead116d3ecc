"""Token ids and the text they stand for -> the characters of the text that each token is, however it was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import Any

from attn_widgets.models.token_bytes import spans_of_bytes

Span = tuple[int, int]

_BROKEN = "\N{REPLACEMENT CHARACTER}"
# how far ahead a token that was changed on reading (its case, an accent) is looked for
_AHEAD = 40


def spans_in(tokenizer: Any, ids: Sequence[int], text: str) -> list[Span]:
    """Find each token in the text.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerBase
    ids : sequence of int
        `[seq]`.
    text : str
        What was read; or, of ids, what they decode to.

    Returns
    -------
    list of (int, int)
        Start and end in the text, one a token, in order. All pieces of a character that is split over tokens have the
        span of that character. A special token that stands for no text, and a token that is not found, has an empty
        span at its place.
    """
    ids, special = list(ids), frozenset(tokenizer.all_special_ids)
    exact = spans_of_bytes(tokenizer.convert_ids_to_tokens(ids), [i in special for i in ids], text)
    if exact is not None:
        return exact
    # the tokenizer changed what it read
    reported = _reported(tokenizer, ids, text, special)
    if reported is not None:
        return reported

    def decode(piece: Sequence[int]) -> str:
        whole: str = tokenizer.decode(list(piece), clean_up_tokenization_spaces=False)
        return whole

    return _looked_for(grown_by(decode, ids, special), text)


def grown_by(decode: Callable[[Sequence[int]], str], ids: Sequence[int], special: Set[int]) -> list[tuple[str, int]]:
    """What each token adds to the text, and how many tokens it took: pieces of one character are taken together.

    A token is decoded after the one before it, because some tokenizers leave out the first space of all.
    """
    grown: list[tuple[str, int]] = []
    context = done = 0
    for i, token in enumerate(ids):
        if token in special:
            if done < i:
                grown.append((decode(ids[context:i])[len(decode(ids[context:done])) :], i - done))
            grown.append(("", 1))
            context = done = i + 1
            continue
        before, now = decode(ids[context:done]), decode(ids[context : i + 1])
        new = now[len(before) :]
        if new.endswith(_BROKEN) and i + 1 < len(ids):
            continue
        grown.append((new, i + 1 - done))
        context, done = done, i + 1
    return grown


def _reported(tokenizer: Any, ids: list[int], text: str, special: Set[int]) -> list[Span] | None:
    """What a fast tokenizer reports itself, where it reads the same ids, and spans in order."""
    if not getattr(tokenizer, "is_fast", False):
        return None
    read = tokenizer(text, return_offsets_mapping=True, add_special_tokens=True)
    found, offsets = list(read["input_ids"]), [(int(start), int(stop)) for start, stop in read["offset_mapping"]]
    if found != ids:
        # the first special token may be the model's own doing, or a tokenizer's that the model does without
        if found == ids[1:] and ids[0] in special:
            offsets = [(0, 0), *offsets]
        elif found[1:] == ids and found[0] in special:
            offsets = offsets[1:]
        else:
            return None
    spans: list[Span] = []
    last: Span = (0, 0)
    for start, stop in offsets:
        # a token of no text stands where the last one ended
        span = (start, stop) if start < stop else (last[1], last[1])
        # the same character again, in pieces, or what comes after it
        if span != last and span[0] < last[1]:
            return None
        spans.append(span)
        last = span
    return spans


def _looked_for(grown: Sequence[tuple[str, int]], text: str) -> list[Span]:
    """Each piece is looked for a little ahead, case aside."""
    folded = text.lower()
    # lower case of another length would move everything behind it
    folded = folded if len(folded) == len(text) else text
    spans: list[Span] = []
    at = 0
    for new, number in grown:
        piece = new.strip()
        found = folded.find(piece.lower(), at, at + len(new) + _AHEAD) if piece else -1
        span = (at, at) if found < 0 else (found, found + len(piece))
        spans += [span] * number
        at = span[1]
    return spans
