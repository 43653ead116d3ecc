"""A checkpoint's index in, a model ready to run out: the bundled two-layer attention-only transformer.

The model was trained by `train_toy` on text from `corpus`. It has previous-token heads in layer 0 and
induction heads in layer 1, and its checkpoints show the two appear.
"""

from __future__ import annotations

import json
import operator
from pathlib import Path
from typing import TYPE_CHECKING

from attn_widgets.models.vocabulary import VOCABULARY

if TYPE_CHECKING:
    from torch import Tensor
    from transformer_lens.model_bridge import TransformerBridge

MODEL_NAME = "toy-induction"
N_CTX = 128
WEIGHTS = Path(__file__).parent / "weights" / f"{MODEL_NAME}.safetensors"

# Twice TransformerLens' own 0.8 / sqrt(d_model): heads that differ more at the start part ways sooner.
_INIT_STD = 0.2


def build_toy(seed: int | None = None) -> TransformerBridge:
    """Build the toy's architecture with fresh weights.

    Two layers of four attention heads (``d_model`` 64, ``d_head`` 16), no MLP and no normalization, so that
    the logits are a sum of paths through heads (Elhage et al. 2021, "A Mathematical Framework for
    Transformer Circuits"). Positions are rotary; a prompt has at most 128 tokens.

    Parameters
    ----------
    seed : int, optional
        Seed of the weights.

    Returns
    -------
    TransformerBridge
        Float32, on the CPU, in eval mode, without a tokenizer: text goes through `ToyTokenizer`.
    """
    from transformer_lens.config import TransformerBridgeConfig
    from transformer_lens.model_bridge import TransformerBridge

    config = TransformerBridgeConfig(
        d_model=64,
        d_head=16,
        n_layers=2,
        n_heads=4,
        n_ctx=N_CTX,
        d_vocab=len(VOCABULARY),
        attn_only=True,
        normalization_type=None,
        positional_embedding_type="rotary",
        act_fn=None,
        initializer_range=_INIT_STD,
        seed=seed,
    )
    model = TransformerBridge.boot_native(config, model_name=MODEL_NAME)
    model.cfg.model_name = MODEL_NAME
    return model.eval()


def toy_checkpoints() -> list[int]:
    """List the training steps at which weights were kept.

    Returns
    -------
    list of int
        Optimizer steps, ascending: 0 (untrained) first, the finished model last. The index of a step in this
        list is what `load_toy` takes.
    """
    return checkpoint_steps(WEIGHTS)


def load_toy(checkpoint: int | None = None, *, weights: Path | None = None) -> TransformerBridge:
    """Load the bundled toy model.

    Parameters
    ----------
    checkpoint : int, optional
        Index into `toy_checkpoints`; negative counts from the end. The finished model if not given.
    weights : Path, optional
        A file that `train_toy` wrote, in place of the bundled one.

    Returns
    -------
    TransformerBridge
        Float32, on the CPU, in eval mode.

    Raises
    ------
    IndexError
        If there is no such checkpoint.
    """
    path = WEIGHTS if weights is None else weights
    steps = checkpoint_steps(path)
    index = -1 if checkpoint is None else operator.index(checkpoint)
    if not -len(steps) <= index < len(steps):
        raise IndexError(
            f"checkpoint {index} does not exist; expected 0 to {len(steps) - 1} (or -{len(steps)} to -1), "
            f"an index into the training steps {steps}."
        )
    model = build_toy(seed=0)
    model.load_state_dict(_read_weights(path, steps[index]))
    return model


def toy_name(checkpoint: int | None) -> str:
    """What a checkpoint is called: `toy-induction@3`; the finished model is `toy-induction`."""
    last = len(toy_checkpoints()) - 1
    index = last if checkpoint is None else checkpoint % (last + 1)
    return MODEL_NAME if index == last else f"{MODEL_NAME}@{index}"


def weight_key(step: int, parameter: str) -> str:
    """Name a parameter of one checkpoint inside the weights file."""
    return f"step_{step:05d}/{parameter}"


def checkpoint_steps(path: Path) -> list[int]:
    """Read the training steps, ascending, that a weights file holds."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        return list(json.loads(file.metadata()["training"])["steps"])


def _read_weights(path: Path, step: int) -> dict[str, Tensor]:
    from safetensors import safe_open

    prefix = weight_key(step, "")
    with safe_open(path, framework="pt") as file:
        # Earlier checkpoints are stored in float16 to keep the package small.
        return {
            key.removeprefix(prefix): file.get_tensor(key).float()
            for key in file.keys()  # noqa: SIM118 - the file is not a dict and cannot be iterated
            if key.startswith(prefix)
        }
