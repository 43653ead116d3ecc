"""The toy's tokenizer: what a person types becomes ids and comes back, and mistakes are explained."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest

from attn_widgets.models import corpus
from attn_widgets.models.vocabulary import VOCABULARY, ToyTokenizer

IOI = "When Mary and John went to the store, Mary gave a book to John."
MAT = "The cat sat on the mat. The cat sat on the"


@pytest.fixture
def tokenizer():
    return ToyTokenizer()


def test_bos_is_the_first_id_and_each_word_is_one_token(tokenizer):
    ids = tokenizer.encode(MAT)
    assert tokenizer.bos_id == ids[0] == 0
    assert " ".join(tokenizer.token_strings(ids)) == "<bos> the cat sat on the mat . the cat sat on the"
    assert len(tokenizer.token_strings(ids)) == len(ids) == 13
    assert tokenizer.encode(MAT, bos=False) == ids[1:]
    assert tokenizer.encode("<bos> " + MAT) == ids


def test_no_two_words_differ_by_case_alone():
    assert len({word.lower() for word in VOCABULARY}) == len(VOCABULARY)


@pytest.mark.parametrize("typed", ["The CAT saw mary", "the cat saw Mary", "THE Cat SAW MARY"])
def test_case_is_looked_up_freely_and_names_keep_their_capital(tokenizer, typed):
    assert tokenizer.decode(tokenizer.encode(typed)) == "the cat saw Mary"


@pytest.mark.parametrize(
    "text",
    [
        "when Mary and John went to the store, Mary gave a book to John.",
        "Tom bought tea, milk and bread; Anna's hat was red - not blue!",
        'Kate said: "hello, Bob." Bob said: "I didn\'t see you!"\nthe day (was it?) came: 1, 2, 10, three.',
        "Mary: hello, John!\nJohn: it's a good day.",
    ],
)
def test_ordinary_text_comes_back_as_it_was_typed(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_any_ids_survive_decoding_and_encoding(tokenizer):
    draw = random.Random(0)
    for _ in range(300):
        ids = [0, *(draw.randrange(1, len(VOCABULARY)) for _ in range(30))]
        assert tokenizer.encode(tokenizer.decode(ids)) == ids


def test_typographic_marks_are_read_as_plain_ones(tokenizer):
    assert tokenizer.encode("“I can’t see Anna’s cat” – no…") == tokenizer.encode("\"I can't see Anna's cat\" - no.")


def test_all_unknown_words_are_named_with_near_words(tokenizer):
    with pytest.raises(ValueError, match="zebra") as error:
        tokenizer.encode("The catt saw a zebra and 中文 and a catt.")
    message = str(error.value)
    assert message.count("'catt': try ") == 1
    assert "'cat'" in re.search(r"'catt': try (.*)", message)[1]
    for word in ("zebra", "中文"):
        suggestions = re.search(rf"'{word}': try (.*)", message)[1].split(", ")
        assert len(suggestions) >= 3
        assert {word.strip("'") for word in suggestions} <= set(VOCABULARY) - {"<bos>"}
    assert "ToyTokenizer().vocabulary" in message


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_an_empty_prompt_is_refused(tokenizer, text):
    with pytest.raises(ValueError, match="prompt is empty"):
        tokenizer.encode(text)


@pytest.mark.parametrize("token_id", [-1, len(VOCABULARY)])
def test_an_id_outside_the_vocabulary_is_refused(tokenizer, token_id):
    with pytest.raises(ValueError, match=f"{token_id}.*expected 0 to {len(VOCABULARY) - 1}"):
        tokenizer.decode([0, token_id])


def test_all_training_sentences_are_written_in_the_vocabulary(tokenizer):
    for template in (*corpus.TWO_PEOPLE, *corpus.STORY, *corpus.LISTS, *corpus.DIALOGUE):
        assert tokenizer.encode(re.sub(r"\{[a-z]+\d?\}", "cat", template))
    assert tokenizer.encode(IOI)


def test_the_vocabulary_needs_no_torch():
    code = "import sys, attn_widgets.models.vocabulary; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
