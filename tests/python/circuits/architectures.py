"""Tiny models of many architectures, with random weights that make attention sharp and MLPs matter; no network."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from tiny_tokenizer import VOCABULARY, tokenizer
from transformer_lens.config import TransformerBridgeConfig
from transformer_lens.model_bridge import TransformerBridge
from transformers import (
    AutoModelForCausalLM,
    Gemma2Config,
    GPT2Config,
    GPTNeoConfig,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    OPTConfig,
    Qwen2Config,
    Qwen3Config,
)

import attn_widgets as aw
from attn_widgets.models import Model

SEQ = 12
WINDOW = 5

_SIZE: dict[str, Any] = {"vocab_size": VOCABULARY, "max_position_embeddings": 64}
_LLAMA: dict[str, Any] = {
    **_SIZE,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "initializer_range": 0.3,
}
_CONFIGS: dict[str, Any] = {
    "gpt2": lambda: GPT2Config(
        vocab_size=VOCABULARY, n_positions=64, n_embd=32, n_layer=2, n_head=4, initializer_range=0.4
    ),
    "llama": lambda: LlamaConfig(**_LLAMA),
    "qwen2": lambda: Qwen2Config(**_LLAMA),
    "qwen3": lambda: Qwen3Config(**_LLAMA, head_dim=8),
    "mistral": lambda: MistralConfig(**_LLAMA, sliding_window=WINDOW),
    "neox": lambda: GPTNeoXConfig(**{**_LLAMA, "num_key_value_heads": None}),
    "opt": lambda: OPTConfig(
        **_SIZE,
        hidden_size=32,
        word_embed_proj_dim=32,
        ffn_dim=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        init_std=0.3,
    ),
    # its scores are not divided by sqrt(d_head)
    "gpt_neo": lambda: GPTNeoConfig(
        **_SIZE,
        hidden_size=32,
        num_layers=2,
        num_heads=4,
        attention_types=[[["global", "local"], 1]],
        window_size=WINDOW,
        initializer_range=0.2,
    ),
    "gemma2": lambda: Gemma2Config(**{**_LLAMA, "initializer_range": 0.5}, head_dim=8, final_logit_softcapping=3.0),
}
# all that can be attributed exactly
ARCHITECTURES = tuple(name for name in _CONFIGS if name != "gemma2")
NORMS = (None, "LN", "LNPre", "RMS", "RMSPre")


def hugging_face(name: str) -> Any:
    """Make one with its own weights, in float32."""
    config = _CONFIGS[name]()
    config._attn_implementation = "eager"
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config).eval()
        _shake(model)
    return model


@cache
def shared_hugging_face(name: str) -> Any:
    """Make one that several tests look at and none changes."""
    return hugging_face(name)


@cache
def tiny(name: str) -> Model:
    """Open `shared_hugging_face(name)`, whose weights it has."""
    return aw.load_model(shared_hugging_face(name), tokenizer=tokenizer())


def attention_only(norm: str | None, dtype: torch.dtype = torch.float64, layers: int = 3) -> Model:
    """Make a model without MLPs, of any norm that TransformerLens's own architecture has."""
    config = TransformerBridgeConfig(
        d_model=24,
        d_head=8,
        n_layers=layers,
        n_heads=3,
        n_ctx=32,
        d_vocab=VOCABULARY,
        attn_only=True,
        normalization_type=norm,
        positional_embedding_type="standard",
        act_fn=None,
        # without a norm nothing makes small weights large
        initializer_range=0.35 if norm else 0.45,
        seed=0,
    )
    with torch.random.fork_rng(), torch.no_grad():
        lens = TransformerBridge.boot_native(config, model_name=f"attention-only-{norm}").eval()
        torch.manual_seed(1)
        _shake(lens)
    return aw.load_model(lens.to(dtype))


def random_ids(seed: int, n: int = SEQ) -> list[int]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(3, VOCABULARY, (n,), generator=generator).tolist()


def logits_of(model: Any, ids: list[int], hooks: Any = ()) -> torch.Tensor:
    """`[seq, vocab]`, by TransformerLens alone."""
    with torch.no_grad():
        return model.lens.run_with_hooks(torch.tensor([ids]), fwd_hooks=list(hooks))[0]


def cached(model: Any, ids: list[int]) -> dict[str, torch.Tensor]:
    """Everything TransformerLens shows of a run, without the batch axis."""
    with torch.no_grad():
        _, cache = model.lens.run_with_cache(torch.tensor([ids]))
    return {name: tensor[0] for name, tensor in cache.items() if isinstance(tensor, torch.Tensor)}


def _shake(model: Any) -> None:
    """Biases that are not 0 and norm weights that are not 1; those of queries and keys large, for sharp patterns."""
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            parameter += 0.3 * torch.randn_like(parameter)
        if name.endswith(("q_norm.weight", "k_norm.weight")):
            parameter *= 2
