"""Tokens a person can read, whatever byte-level BPE made of a character."""

from __future__ import annotations

import pytest

from attn_widgets.models.tokens import readable_tokens


class Bytes:
    """A tokenizer of single UTF-8 bytes: every character above ASCII is split."""

    def decode(self, ids, clean_up_tokenization_spaces=False):
        return bytes(ids).decode("utf-8", errors="replace")

    def convert_ids_to_tokens(self, i):
        return f"0x{i:02X}"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("ab", ["a", "b"]),
        ("é", ["é 1/2", "é 2/2"]),
        ("x🎉y", ["x", "🎉 1/4", "🎉 2/4", "🎉 3/4", "🎉 4/4", "y"]),
        ("日本", [f"日 {i}/3" for i in (1, 2, 3)] + [f"本 {i}/3" for i in (1, 2, 3)]),
    ],
)
def test_pieces_of_a_character_name_the_character(text, tokens):
    assert readable_tokens(Bytes(), list(text.encode())) == tokens


def test_a_byte_that_nothing_completes_is_shown_as_the_byte():
    assert readable_tokens(Bytes(), [0x61, 0x9F, 0x61]) == ["a", "<0x9F>", "a"]


def test_invisible_characters_are_written_by_their_code_point():
    assert readable_tokens(Bytes(), list("\u200d".encode())) == ["U+200D 1/3", "U+200D 2/3", "U+200D 3/3"]
