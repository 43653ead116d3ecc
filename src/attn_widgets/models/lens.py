"""A TransformerLens model -> its weights, its last steps and one forward pass, typed. Needs torch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_widgets.models.places import Hook


@dataclass(frozen=True, eq=False)
class AttentionWeights:
    """How one layer's heads read and write.

    Attributes
    ----------
    w_v, w_o : Tensor
        `[kv_head, d_model, d_head]` and `[head, d_head, d_model]`; one KV head may serve several heads.
    b_v, b_o : Tensor or None
        `[kv_head, d_head]` and `[d_model]`; None where the model has none.
    """

    w_v: Tensor
    w_o: Tensor
    b_v: Tensor | None
    b_o: Tensor | None


def attention_weights(lens: Any, layer: int) -> AttentionWeights:
    """Those of one layer, detached."""
    attention = lens.blocks[layer].attn
    b_v, b_o = (getattr(attention, name, None) for name in ("b_V", "b_O"))
    return AttentionWeights(
        attention.W_V.detach(),
        attention.W_O.detach(),
        None if b_v is None else b_v.detach(),
        None if b_o is None else b_o.detach(),
    )


@dataclass(frozen=True, eq=False)
class ScoreWeights:
    """What one layer's heads look for.

    Attributes
    ----------
    w_q, w_k : Tensor
        `[head, d_model, d_head]` and `[kv_head, d_model, d_head]`.
    b_q, b_k : Tensor or None
        `[head, d_head]` and `[kv_head, d_head]`; None where the model has none.
    """

    w_q: Tensor
    w_k: Tensor
    b_q: Tensor | None
    b_k: Tensor | None


def score_weights(lens: Any, layer: int) -> ScoreWeights:
    """Those of one layer, detached; norms of queries and keys are not in them."""
    attention = lens.blocks[layer].attn
    b_q, b_k = (getattr(attention, name, None) for name in ("b_Q", "b_K"))
    return ScoreWeights(
        attention.W_Q.detach(),
        attention.W_K.detach(),
        None if b_q is None else b_q.detach(),
        None if b_k is None else b_k.detach(),
    )


def token_embeddings(lens: Any) -> Tensor:
    """`[vocab, d_model]`, detached."""
    embeddings: Tensor = lens.W_E.detach()
    return embeddings


def embedded_tokens(lens: Any) -> Tensor:
    """`[vocab, d_model]`: each token as it enters the residual stream, through a norm where embeddings have one."""
    norm = getattr(lens, "embed_ln", None)
    if norm is None:
        return token_embeddings(lens)
    with hooked(lens, []), torch.no_grad():
        normed: Tensor = norm(token_embeddings(lens)[None])[0]
    return normed


def position_embeddings(lens: Any) -> Tensor | None:
    """`[position, d_model]`, detached; None where the model adds none to the residual stream."""
    if getattr(lens.cfg, "positional_embedding_type", None) != "standard":
        return None
    embeddings: Tensor | None = getattr(lens, "W_pos", None)
    return None if embeddings is None else embeddings.detach()


def unembedding(lens: Any) -> Tensor:
    """`[d_model, vocab]`, detached; the final norm is not in it."""
    weights: Tensor = lens.W_U.detach()
    return weights


def unembedding_bias(lens: Any) -> Tensor | None:
    """`[vocab]`, detached; None where the model has none."""
    bias: Tensor | None = getattr(lens, "b_U", None)
    return None if bias is None else bias.detach()


def logits_of(lens: Any, residual: Tensor) -> Tensor:
    """The last steps, the final norm and the unembedding: `[batch, seq, d_model]` -> `[batch, seq, vocab]`."""
    final = getattr(lens, "ln_final", None)
    logits: Tensor = lens.unembed(residual if final is None else final(residual))
    return logits


def capped(lens: Any, logits: Tensor) -> Tensor:
    """Logits squashed below the model's cap, where it has one."""
    if not caps_logits(lens):
        return logits
    cap = lens.cfg.output_logits_soft_cap
    squashed: Tensor = cap * (logits / cap).tanh()
    return squashed


def normed_for_attention(lens: Any, layer: int, residual: Tensor) -> Tensor:
    """What a layer's attention reads of the residual stream: `[batch, seq, d_model]`, through the norm before it."""
    normed: Tensor = lens.blocks[layer].ln1(residual)
    return normed


def caps_logits(lens: Any) -> bool:
    """Whether the logits are squashed below a cap."""
    return getattr(lens.cfg, "output_logits_soft_cap", 0) not in (0, 0.0, None, -1, -1.0)


def score_cap(lens: Any) -> float | None:
    """The cap below which attention scores are squashed."""
    cap = getattr(lens.cfg, "attn_scores_soft_cap", None)
    return float(cap) if cap and cap > 0 else None


def run(lens: Any, ids: Sequence[int], hooks: Sequence[Hook]) -> Tensor:
    """One forward pass on one prompt, in eval mode and without gradients: logits `[seq, vocab]`."""
    tokens = torch.tensor([list(ids)], device=next(lens.parameters()).device)
    with evaluating(lens), torch.no_grad():
        logits: Tensor = lens.run_with_hooks(tokens, fwd_hooks=list(hooks), return_type="logits")[0]
    return logits


def watch(lens: Any, prompts: Sequence[Sequence[int]], hooks: Sequence[Hook]) -> None:
    """As `run`, of several prompts at once, for what hooks see: no logits are made.

    The shorter prompts are followed by their last token again and again. No token stands for padding in it: a model, or
    TransformerLens, that looks for one would find it.
    """
    longest = max(map(len, prompts))
    padded = [[*ids, *[ids[-1]] * (longest - len(ids))] for ids in prompts]
    tokens = torch.tensor(padded, device=next(lens.parameters()).device)
    with evaluating(lens), torch.no_grad():
        lens.run_with_hooks(tokens, fwd_hooks=list(hooks), return_type=None)


def state(lens: Any) -> tuple[int, int]:
    """Something that is another when weights were changed, moved or converted, or hooks were added or removed."""
    weights = hash(tuple((tensor.data_ptr(), _version(tensor)) for tensor in lens.parameters()))
    return weights, sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in lens.modules())


def _version(tensor: Tensor) -> int:
    # tensors made in inference mode are not counted
    return -1 if tensor.is_inference() else tensor._version


@contextmanager
def hooked(lens: Any, hooks: Sequence[Hook]) -> Iterator[None]:
    """Eval mode and these hooks for the time being, for running parts of the model by hand."""
    with evaluating(lens), lens.hooks(fwd_hooks=list(hooks)):
        yield


@contextmanager
def evaluating(lens: Any) -> Iterator[None]:
    """Eval mode for the time being: dropout would break up the rows. Held norm scales are meant, and no warning."""
    # eval() goes through thousands of modules, some of them many times: a tenth of a short forward pass
    training = [module for module in lens.modules() if module.training]
    if training:
        lens.eval()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="A forward hook edited hook_scale")
            yield
    finally:
        for module in training:
            module.training = True
