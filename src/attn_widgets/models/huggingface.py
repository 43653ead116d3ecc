"""A Hugging Face model and its tokenizer -> Model, leaving both as they were."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from attn_widgets.models.model import Model
from attn_widgets.models.tokens import LensTokenizer

if TYPE_CHECKING:
    import torch


def from_huggingface(
    hf_model: Any,
    tokenizer: Any,
    device: str | torch.device | None = None,
    name: str | None = None,
    dtype: torch.dtype | None = None,
) -> Model:
    """Wrap a Hugging Face model for TransformerLens without changing it.

    TransformerLens switches a model to eager attention and replaces its modules. It gets a copy of the
    structure here, whose parameters and buffers are the caller's own (no memory is spent), unless `device` or
    `dtype` asks for another one: then the weights are copied.

    Raises
    ------
    ValueError
        If `tokenizer` is missing or not a Hugging Face tokenizer, or TransformerLens cannot wrap this
        architecture.
    """
    import torch
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import PreTrainedTokenizerBase

    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        came = "missing" if tokenizer is None else f"a {type(tokenizer).__name__}"
        raise ValueError(
            f"tokenizer is {came}; a Hugging Face model needs its own: "
            "load_model(hf_model, tokenizer=AutoTokenizer.from_pretrained(...))"
        )
    here = next(hf_model.parameters()).device
    device = here if device is None else torch.device(device)
    dtype = hf_model.dtype if dtype is None else dtype
    shared: dict[int, Any] = {}
    if device.type == here.type:
        device = here
    # changing the dtype of shared parameters would change the caller's
    if device == here and dtype == hf_model.dtype:
        shared = {id(tensor): tensor for tensor in [*hf_model.parameters(), *hf_model.buffers()]}
    structure = copy.deepcopy(hf_model, shared).to(device=device, dtype=dtype)
    # models made from a configuration or a GGUF file do not say what they are
    structure.config.architectures = structure.config.architectures or [type(hf_model).__name__]
    name = name or getattr(hf_model.config, "_name_or_path", "") or type(hf_model).__name__
    try:
        lens = TransformerBridge.boot_transformers(
            name, hf_model=structure, tokenizer=_own_copy(tokenizer), device=device, dtype=dtype
        )
    except (ValueError, NotImplementedError, KeyError, AttributeError) as error:
        reason = str(error).partition(". Available architectures")[0]
        raise ValueError(
            f"model is a {type(hf_model).__name__}, which TransformerLens cannot wrap ({reason}). Run it yourself with "
            'attn_implementation="eager" and output_attentions=True, and pass Trace.from_arrays(output.attentions, ...)'
        ) from error
    lens.train(hf_model.training)
    return Model(lens, LensTokenizer(lens), name)


def _own_copy(tokenizer: Any) -> Any:
    """A copy that TransformerLens may add tokens to, and will not try to load again from its name."""
    tokenizer = copy.deepcopy(tokenizer)
    tokenizer.init_kwargs = {"name_or_path": "", **tokenizer.init_kwargs, "add_bos_token": True}
    return tokenizer
