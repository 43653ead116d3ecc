"""A TransformerLens model -> the Hugging Face model beneath it: the same weights, its own modules and attention."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

from torch import nn

# where TransformerLens keeps a module that it stands in for
_STOOD_FOR = "_original_component"


def beneath(lens: Any, attention: str) -> Any:
    """Put together the Hugging Face model that a TransformerLens model wraps.

    TransformerLens replaces modules by its own, which compute attention eagerly. What is returned is another structure
    of the modules that were there before. Parameters and buffers are shared, everything else is its own: nothing that
    is set on it, and nothing that goes wrong while it runs, changes the model.

    Parameters
    ----------
    lens : TransformerBridge
    attention : str
        Name of the attention function to use, as transformers registers them.

    Returns
    -------
    transformers.PreTrainedModel
        In eval mode, with no hooks.

    Raises
    ------
    ValueError
        If there is no Hugging Face model beneath, or none whose attention function can be chosen.
    """
    model = getattr(lens, "original_model", None)
    config = getattr(model, "config", None)
    if model is None or not hasattr(config, "_attn_implementation"):
        raise ValueError("there is no Hugging Face model beneath it")
    if getattr(config, "is_encoder_decoder", False):
        raise ValueError("it is an encoder and a decoder in one")
    if getattr(model, "hf_device_map", None) and len(set(model.hf_device_map.values())) > 1:
        raise ValueError("it is spread over several devices")
    configs: dict[int, Any] = {}
    plain = _plain(model, configs, {})
    for own in configs.values():
        own._attn_implementation = attention
        # what it would keep for the next token is asked for where it is wanted
        own.use_cache = False
    return plain


def _plain(module: nn.Module, configs: dict[int, Any], done: dict[int, nn.Module]) -> nn.Module:
    """The module, or the one that it stands for, with new containers around the same tensors."""
    while _STOOD_FOR in module._modules:
        stood_for = module._modules[_STOOD_FOR]
        assert stood_for is not None
        module = stood_for
    known = done.get(id(module))
    if known is not None:
        return known
    if "forward" in module.__dict__:
        raise ValueError(f"its {type(module).__name__} was given another forward")
    plain = done[id(module)] = module.__class__.__new__(module.__class__)
    for name, value in module.__dict__.items():
        if name in ("_parameters", "_buffers"):
            value = dict(value)
        elif name.endswith("_hooks") or "_hooks_" in name:
            value = OrderedDict()
        elif name == "_modules":
            continue
        elif _is_config(value):
            if id(value) not in configs:
                configs[id(value)] = copy.deepcopy(value)
            value = configs[id(value)]
        plain.__dict__[name] = value
    plain.__dict__["training"] = False
    plain.__dict__["_modules"] = {
        name: None if child is None else _plain(child, configs, done) for name, child in module._modules.items()
    }
    return plain


def _is_config(value: Any) -> bool:
    return hasattr(value, "_attn_implementation") and hasattr(value, "to_dict") and not isinstance(value, nn.Module)
