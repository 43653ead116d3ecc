"""suggest_tokens: single tokens, like the one replaced, starting with what was typed."""

from __future__ import annotations

from attn_widgets.models.suggest import suggest_tokens


def words(model, token, text=""):
    return model.tokenizer.token_strings(suggest_tokens(model, model.token_id(token), text))


def test_names_are_suggested_for_a_name(smollm2):
    found = words(smollm2, " Mary")
    assert len(found) == 8
    assert {" John", " Sarah"} <= set(found)
    assert " Mary" not in found


def test_what_was_typed_is_the_beginning(smollm2):
    found = words(smollm2, " Mary", "Jo")
    assert found[0].strip().casefold() == "jo"
    assert all(word.strip().casefold().startswith("jo") for word in found)
    assert " John" in found


def test_special_tokens_and_nonsense_give_nothing(toy):
    assert "<bos>" not in words(toy, "Mary")
    assert "<bos>" not in words(toy, "Mary", "<")
    assert words(toy, "Mary", "zzyzx") == []
