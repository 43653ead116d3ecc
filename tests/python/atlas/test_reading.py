"""What a model reads of a text: its first tokens, and the special one that ends every text where there is one."""

from __future__ import annotations

import pytest
import torch
from tiny_tokenizer import VOCABULARY, tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertForMaskedLM

import attn_widgets as aw
from attn_widgets.atlas.reading import ids_of

# not w10 to w29: w1 and w2, which are special, would be found in them
TEXT = " ".join(f"w{i}" for i in range(30, 80))


@pytest.fixture(scope="module")
def encoder():
    """A tiny BERT whose texts stand between w1 and w2."""
    torch.manual_seed(0)
    own = tokenizer()
    own.backend_tokenizer.post_processor = TemplateProcessing("w1 $A w2", special_tokens=[("w1", 1), ("w2", 2)])
    # as BERT has it; TransformerLens takes an end of text away
    own.eos_token, own.sep_token = None, "w2"
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4
    )
    return aw.load_model(BertForMaskedLM(config).eval(), tokenizer=own)


def test_a_text_that_is_cut_keeps_the_token_that_ends_it(encoder):
    assert ids_of(encoder, TEXT, 8) == [1, 30, 31, 32, 33, 34, 35, 2]
    assert ids_of(encoder, "w30 w31", 8) == [1, 30, 31, 2]


def test_a_model_without_such_a_token_reads_the_first_ones(toy):
    text = "The cat sat on the mat. The cat sat on the mat."
    assert ids_of(toy, text, 8) == toy.encode(text)[:8]


def test_no_more_is_read_than_the_model_can(toy):
    text = "The cat sat on the mat. " * 20
    assert len(ids_of(toy, text, 500)) == toy.context


def test_the_atlas_reads_it_so(encoder, tmp_path):
    atlas = aw.build_atlas(encoder, [TEXT], tmp_path, tokens=8, progress=False)
    assert atlas.examples(f"{atlas.models[0]}:L0H0", 1)[0].tokens[-2:] == ("w35", "w2")
