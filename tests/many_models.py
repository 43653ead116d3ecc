"""Tiny models whose attention differs: grouped heads, windows, soft caps, ALiBi, sinks, both directions; no network."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from tiny_tokenizer import VOCABULARY, tokenizer
from transformers import (
    AutoModelForCausalLM,
    BertConfig,
    BertForMaskedLM,
    BloomConfig,
    Gemma2Config,
    Gemma3TextConfig,
    GPT2Config,
    GPTNeoConfig,
    GPTNeoXConfig,
    GptOssConfig,
    LlamaConfig,
    MistralConfig,
    OPTConfig,
    Qwen3Config,
)

import attn_widgets as aw
from attn_widgets.models import Model

WINDOW = 7
_SIZE: dict[str, Any] = {"vocab_size": VOCABULARY, "max_position_embeddings": 64}
_LLAMA: dict[str, Any] = {
    **_SIZE,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "initializer_range": 0.3,
}
_LOCAL: dict[str, Any] = {
    **_LLAMA,
    "sliding_window": WINDOW,
    "layer_types": ["sliding_attention", "full_attention"],
}
_WIDE: dict[str, Any] = {
    **_SIZE,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
CONFIGS: dict[str, Any] = {
    "gpt2": lambda: GPT2Config(
        vocab_size=VOCABULARY, n_positions=64, n_embd=32, n_layer=2, n_head=4, initializer_range=0.4
    ),
    "llama": lambda: LlamaConfig(**_LLAMA),
    "mistral": lambda: MistralConfig(**_LLAMA, sliding_window=WINDOW),
    "gemma2": lambda: Gemma2Config(**_LOCAL, attn_logit_softcapping=2.0),
    "gemma3": lambda: Gemma3TextConfig(**_LOCAL),
    "qwen3": lambda: Qwen3Config(**_LLAMA),
    "neox": lambda: GPTNeoXConfig(**_WIDE, intermediate_size=48, initializer_range=0.3),
    "opt": lambda: OPTConfig(**_WIDE, word_embed_proj_dim=32, ffn_dim=48, init_std=0.3),
    "bert": lambda: BertConfig(**_WIDE, intermediate_size=48, initializer_range=0.3),
    "gpt_oss": lambda: GptOssConfig(**_LOCAL, num_local_experts=2, num_experts_per_tok=1),
    "bloom": lambda: BloomConfig(vocab_size=VOCABULARY, hidden_size=32, n_layer=2, n_head=4, initializer_range=0.3),
    "gpt_neo": lambda: GPTNeoConfig(
        **_SIZE, hidden_size=32, num_layers=2, num_heads=4, attention_types=[[["global", "local"], 1]], window_size=5
    ),
}


def hugging_face(name: str, attention: str = "eager") -> Any:
    """One of them as its authors have it, with weights that make attention sharp."""
    config = CONFIGS[name]()
    config._attn_implementation = attention
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = (BertForMaskedLM(config) if name == "bert" else AutoModelForCausalLM.from_config(config)).eval()
        for weight_name, parameter in model.named_parameters():
            if parameter.ndim == 1:
                parameter += 0.3 * torch.randn_like(parameter)
            if weight_name.endswith(("q_norm.weight", "k_norm.weight")):
                parameter *= 2
    return model


@cache
def shared_hugging_face(name: str) -> Any:
    """One that several tests look at and none changes."""
    return hugging_face(name)


@cache
def tiny(name: str) -> Model:
    """`shared_hugging_face(name)` with the weights that it has, opened by TransformerLens."""
    return aw.load_model(shared_hugging_face(name), tokenizer=tokenizer())
