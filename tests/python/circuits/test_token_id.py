"""Model.token_id: one token in, its id out; anything else is refused with the argument's name."""

from __future__ import annotations

import pytest
from python.circuits.architectures import tiny


def test_a_single_token_has_its_id_and_no_bos(toy):
    assert [toy.token_id(word) for word in ("Mary", "the", ".")] == toy.encode("Mary the .")[1:]
    assert tiny("llama").token_id("w57") == 57


def test_ids_pass_through(toy):
    assert toy.token_id(0) == 0
    assert tiny("llama").token_id(99) == 99


def test_a_leading_space_belongs_to_the_token(smollm2):
    assert smollm2.token_id(" Paris") != smollm2.token_id("Paris")
    assert smollm2.tokenizer.token_strings([smollm2.token_id(" Paris")]) == [" Paris"]
    with pytest.raises(ValueError, match=r"token is ' Nebuchadnezzar', which smollm2-135m reads as \d tokens \("):
        smollm2.token_id(" Nebuchadnezzar")


@pytest.mark.parametrize("argument", ["token", "versus"])
def test_text_that_is_no_single_token_is_refused(toy, argument):
    says = rf"{argument} is 'the cat', which toy-induction reads as 2 tokens \('the', 'cat'\); expected one token"
    with pytest.raises(ValueError, match=says):
        toy.token_id("the cat", argument)
    with pytest.raises(ValueError, match=rf"{argument} is '', which toy-induction reads as 0 tokens"):
        toy.token_id("", argument)


@pytest.mark.parametrize("token", [-1, 385, 10**9])
def test_ids_that_do_not_exist_are_refused(toy, token):
    with pytest.raises(ValueError, match=rf"token id {token}; toy-induction has ids from 0 to 384"):
        toy.token_id(token)
