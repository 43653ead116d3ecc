"""A layer -> the name of a place in the forward pass, which a hook can read or change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

# a place's name, and a function that gets the tensor there (and, as `hook`, the place) and may return a new one
Hook = tuple[str, Callable[..., Any]]

TOKEN_EMBEDDING = "hook_embed"
POSITION_EMBEDDING = "hook_pos_embed"
FINAL_NORM = "ln_final.hook_scale"
_LAYER = re.compile(r"blocks\.(\d+)\.")
# norms on the residual stream; those of queries and keys shape the pattern, which is held or not by itself
_NORM = re.compile(r"(blocks\.\d+\.)?ln\w*\.hook_scale")


def layer_of(place: str) -> int | None:
    """The layer that a place is in; None for those before the first and after the last."""
    found = _LAYER.match(place)
    return int(found[1]) if found else None


def pattern_place(layer: int) -> str:
    """Where a layer shows its patterns, `[1, head, query, key]`."""
    return f"blocks.{layer}.attn.hook_pattern"


def value_place(layer: int) -> str:
    """Where a layer shows its values, `[1, key, kv_head, d_head]`."""
    return f"blocks.{layer}.attn.hook_v"


def residual_place(layer: int) -> str:
    """Where a layer shows the residual stream that it reads, `[1, seq, d_model]`."""
    return f"blocks.{layer}.hook_resid_pre"


def query_place(layer: int) -> str:
    """Where a layer shows its queries, `[1, query, head, d_head]`, before their norm and rotary."""
    return f"blocks.{layer}.attn.hook_q"


def key_place(layer: int) -> str:
    """Where a layer shows its keys, `[1, key, kv_head, d_head]`, before their norm and rotary."""
    return f"blocks.{layer}.attn.hook_k"


def output_place(layer: int) -> str:
    """Where a head's output, before the output matrix, can be replaced: `[1, query, head, d_head]`.

    Writing the pattern instead is silently without effect in some architectures.
    """
    return f"blocks.{layer}.attn.hook_z"


def attention_norm_place(layer: int) -> str:
    """Where the norm before a layer's attention shows what it divides by, `[1, seq, 1]`."""
    return f"blocks.{layer}.ln1.hook_scale"


def attention_output_norm_place(layer: int) -> str:
    """Where the norm of what a layer's attention wrote shows what it divides by, `[1, seq, 1]`; few models have one."""
    return f"blocks.{layer}.ln1_post.hook_scale"


def query_norm_place(layer: int) -> str:
    """Where the norm of queries shows what it divides by: `[1, head, query, 1]`, or `[1, query, 1]` of all heads'."""
    return f"blocks.{layer}.attn.q_norm.hook_scale"


def key_norm_place(layer: int) -> str:
    """Where the norm of keys shows what it divides by: `[1, kv_head, key, 1]`, or `[1, key, 1]` of all heads'."""
    return f"blocks.{layer}.attn.k_norm.hook_scale"


def score_place(layer: int) -> str:
    """Where a layer shows its scores, `[1, head, query, key]`; in models of TransformerLens's own, their patterns."""
    return f"blocks.{layer}.attn.hook_attn_scores"


def mlp_place(layer: int) -> str:
    """Where a layer's MLP shows what it writes, `[1, seq, d_model]`."""
    return f"blocks.{layer}.hook_mlp_out"


def is_norm(place: str) -> bool:
    """Whether a norm on the residual stream shows there what it divides by."""
    return bool(_NORM.fullmatch(place))


def is_norm_of_output(place: str) -> bool:
    """Whether that norm scales what attention or MLP wrote, not what they read."""
    return place.endswith("_post.hook_scale")
