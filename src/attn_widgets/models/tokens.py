"""A TransformerLens model's tokenizer -> token ids, and tokens that a person can read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from unicodedata import category

from attn_widgets.models.spans import spans_in

# A character in byte-level BPE is at most 4 bytes, so at most 4 tokens; a joined emoji is several of them.
_LONGEST_CHARACTER = 12
_BROKEN = "\N{REPLACEMENT CHARACTER}"


class LensTokenizer:
    """The tokenizer of a TransformerLens model, with that model's own rule for the special first token."""

    def __init__(self, lens: Any) -> None:
        self._lens = lens

    def encode(self, text: str) -> list[int]:
        if getattr(self._lens, "tokenizer", None) is None:
            raise ValueError("prompt is text, but this model has no tokenizer; pass token ids [seq] instead")
        # truncate=False: a prompt that is too long is refused by the caller, never cut silently
        ids: list[int] = self._lens.to_tokens(text, truncate=False)[0].tolist()
        return ids

    def pieces(self, text: str) -> list[int]:
        tokenizer = getattr(self._lens, "tokenizer", None)
        if tokenizer is None:
            raise ValueError(f"{text!r} is text, but this model has no tokenizer; give the token's id instead")
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False)
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        tokenizer = getattr(self._lens, "tokenizer", None)
        if tokenizer is None:
            return " ".join(map(str, ids))
        text: str = tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def spans(self, ids: Sequence[int], text: str) -> list[tuple[int, int]] | None:
        tokenizer = getattr(self._lens, "tokenizer", None)
        return None if tokenizer is None else spans_in(tokenizer, ids, text)

    def token_strings(self, ids: Sequence[int]) -> list[str]:
        tokenizer = getattr(self._lens, "tokenizer", None)
        if tokenizer is None:
            return [str(i) for i in ids]
        return readable_tokens(tokenizer, ids)

    @cached_property
    def vocabulary(self) -> list[str]:
        tokenizer = getattr(self._lens, "tokenizer", None)
        if tokenizer is None:
            return [str(i) for i in range(self._lens.cfg.d_vocab)]
        words = tokenizer.batch_decode([[i] for i in range(len(tokenizer))], clean_up_tokenization_spaces=False)
        return ["" if _BROKEN in word else word for word in words]

    @property
    def special_ids(self) -> frozenset[int]:
        return frozenset(getattr(getattr(self._lens, "tokenizer", None), "all_special_ids", ()))


def readable_tokens(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """Decode each token by itself; the pieces of a character that is split over tokens name the character.

    An emoji that byte-level BPE splits into three tokens reads `🎉 1/3`, `🎉 2/3`, `🎉 3/3`.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerBase
    ids : sequence of int

    Returns
    -------
    list of str
        As many as there are ids.
    """
    ids = list(ids)

    def decode(piece: list[int]) -> str:
        text: str = tokenizer.decode(piece, clean_up_tokenization_spaces=False)
        return text

    strings = [_visible(decode([i])) for i in ids]
    position = 0
    while position < len(ids):
        if _BROKEN not in strings[position]:
            position += 1
            continue
        for end in range(position + 2, min(position + _LONGEST_CHARACTER, len(ids)) + 1):
            whole = _visible(decode(ids[position:end]))
            if _BROKEN not in whole:
                pieces = end - position
                for part in range(pieces):
                    text = whole if part == 0 else whole.lstrip()
                    strings[position + part] = f"{text} {part + 1}/{pieces}"
                position = end
                break
        else:
            # a byte that no neighbour completes: the tokenizer's own spelling is the best there is
            strings[position] = f"<{tokenizer.convert_ids_to_tokens(ids[position])}>"
            position += 1
    return strings


def _visible(text: str) -> str:
    """Write a token of nothing but invisible characters, such as the joiner inside an emoji, by its code points."""
    if text and all(category(character) == "Cf" for character in text):
        return " ".join(f"U+{ord(character):04X}" for character in text)
    return text
