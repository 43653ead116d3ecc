"""How a worker opens a model: the same model each time."""

from __future__ import annotations

from functools import partial

import torch
from tiny_tokenizer import VOCABULARY, tokenizer
from transformers import BertConfig, BertForMaskedLM, BertModel

import attn_widgets as aw
from attn_widgets.atlas.specs import Spec, fingerprint


def opened(folder):
    """A model whose file lacks the part that predicts words, as that of an encoder of sentences does."""
    return aw.load_model(BertForMaskedLM.from_pretrained(folder), tokenizer=tokenizer())


def test_weights_that_the_files_lack_are_the_same_each_time_and_chance_elsewhere_goes_on(tmp_path):
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2
    )
    BertModel(config).save_pretrained(tmp_path)
    one = fingerprint(Spec(partial(opened, tmp_path)).open())
    torch.rand(1)
    before = torch.get_rng_state()
    assert fingerprint(Spec(partial(opened, tmp_path)).open()) == one
    assert torch.equal(torch.get_rng_state(), before)
    assert fingerprint(opened(tmp_path)) != fingerprint(opened(tmp_path))
