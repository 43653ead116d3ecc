"""Tokens as the vocabulary spells them, which stand for bytes -> the characters of the text that these bytes are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence

Span = tuple[int, int]

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def spans_of_bytes(tokens: Sequence[str], special: Sequence[bool], text: str) -> list[Span] | None:
    """Find tokens in the text they were read from, to the byte.

    Parameters
    ----------
    tokens : sequence of str
        As the vocabulary spells them: byte-level (GPT-2), or with a block for a space (SentencePiece).
    special : sequence of bool
        Which of them are special tokens, which may or may not stand in the text.
    text : str

    Returns
    -------
    list of (int, int) or None
        From the character of a token's first byte to that of its last; pieces of one character all have its span. None
        where the bytes are not those of the text: the tokenizer changed what it read.
    """
    for spell in (_byte_level, _sentence_piece):
        spelled = [spell(token) for token in tokens]
        for silent in _silent(special):
            parts = [b"" if quiet else part for part, quiet in zip(spelled, silent, strict=True)]
            spans = _laid_out(parts, text)
            if spans is not None:
                return spans
    return None


def _silent(special: Sequence[bool]) -> Iterator[list[bool]]:
    """Which special tokens may not stand in the text: all, the first, the first and last, none."""
    ends = [i for i, one in enumerate(special) if one]
    for chosen in (ends, ends[:1], [*ends[:1], *ends[-1:]], []):
        yield [i in chosen for i in range(len(special))]


def _laid_out(parts: Sequence[bytes], text: str) -> list[Span] | None:
    whole = b"".join(parts)
    read, characters = _characters(whole)
    # some tokenizers put a space before the text
    added = 1 if read == " " + text else 0
    if read[added:] != text:
        return None
    spans: list[Span] = []
    at = last = 0
    for part in parts:
        if part:
            start, stop = characters[at] - added, characters[at + len(part) - 1] + 1 - added
            spans.append((max(start, 0), max(stop, 0)))
            last = spans[-1][1]
        else:
            spans.append((last, last))
        at += len(part)
    return spans


def _characters(data: bytes) -> tuple[str, list[int]]:
    """The text of bytes, and for each byte which character it belongs to; broken bytes are one character each run."""
    broken: dict[int, int] = {}

    def note(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        broken[error.start] = error.end
        return "\N{REPLACEMENT CHARACTER}", error.end

    codecs.register_error("attn_widgets.note", note)
    text = data.decode("utf-8", "attn_widgets.note")
    belongs: list[int] = []
    at = number = 0
    while at < len(data):
        lead = data[at]
        size = broken[at] - at if at in broken else 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)
        belongs += [number] * size
        at, number = at + size, number + 1
    return text, belongs


def _alphabet() -> dict[str, int]:
    """How byte-level tokenizers spell bytes (Radford et al. 2019): printable ones as they are, others from U+0100."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + i): byte for i, byte in enumerate(others)}


_BYTES = _alphabet()


def _byte_level(token: str) -> bytes:
    # added tokens are spelled as they are
    return bytes(_BYTES[c] for c in token) if all(c in _BYTES for c in token) else token.encode()


def _sentence_piece(token: str) -> bytes:
    found = _BYTE.fullmatch(token)
    return bytes([int(found[1], 16)]) if found else token.replace("\u2581", " ").encode()
