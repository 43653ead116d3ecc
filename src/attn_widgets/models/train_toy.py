"""A seed in, a weights file out: trains the bundled toy model, keeping checkpoints across the phase change.

``python -m attn_widgets.models.train_toy [--out DIR] [--seed 0] [--steps 2000]`` takes a few minutes on two
cores. Nothing is set by hand: the heads come out of predicting the next word (Olsson et al. 2022, "In-context
Learning and Induction Heads").
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import save

from attn_widgets.models.corpus import Corpus, repeated_phrases
from attn_widgets.models.toy import N_CTX, WEIGHTS, build_toy, weight_key

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

STEPS = 2000
# Close together where induction appears, around step 600 with the default seed.
CHECKPOINT_STEPS = (0, 100, 200, 300, 400, 450, 500, 550, 600, 800, 1200)
BATCH_ROWS = 32
LEARNING_RATE = 1e-2
WARMUP_STEPS = 50
# Constant until here, then linearly down to nothing: the last part settles the weights.
DECAY_FROM = 0.6
MAX_GRADIENT_NORM = 1.0
REPORT_EVERY = 100

Weights = dict[str, torch.Tensor]


def train(steps: int = STEPS, seed: int = 0, report: Callable[[str], None] = print) -> dict[int, Weights]:
    """Train the toy model from fresh weights.

    Parameters
    ----------
    steps : int
        Optimizer steps, at least 1.
    seed : int
        Seed of the first weights and of the text.
    report : callable
        Gets a line of progress now and then.

    Returns
    -------
    dict of int to dict of str to torch.Tensor
        The float32 weights at each checkpoint's step: 0, those of `CHECKPOINT_STEPS` before the last, and
        `steps`.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; expected at least 1.")
    corpus = Corpus(np.random.default_rng(seed), N_CTX)
    model = build_toy(seed).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _learning_rate_factor(step, steps))
    checkpoints = {0: _copy_weights(model)}
    start = time.perf_counter()
    for step in range(1, steps + 1):
        loss = _loss(model, corpus)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_GRADIENT_NORM)
        optimizer.step()
        schedule.step()
        if step == steps or step in CHECKPOINT_STEPS:
            checkpoints[step] = _copy_weights(model)
        if step == steps or step % REPORT_EVERY == 0:
            previous, induction = head_scores(model)
            report(
                f"step {step:5d}  {time.perf_counter() - start:4.0f} s  loss {loss.item():.3f}  "
                f"best previous-token {previous.max().item():.2f}  best induction {induction.max().item():.2f}"
            )
    return checkpoints


def head_scores(model: TransformerBridge, n_rows: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    """Score all heads on fresh random phrases of 30 words said twice.

    Parameters
    ----------
    model : TransformerBridge
        A toy model.
    n_rows : int
        Phrases to average over.

    Returns
    -------
    previous_token : torch.Tensor
        Mean attention from a token to the one before, ``[layer, head]``, 0 to 1.
    induction : torch.Tensor
        Mean attention from a token seen before to what followed it, ``[layer, head]``, 0 to 1.
    """
    # Far from any seed used to train, so that the phrases are new to the model.
    ids = torch.from_numpy(repeated_phrases(range(10**6, 10**6 + n_rows)))
    with torch.no_grad():
        _, cache = model.run_with_cache(ids, names_filter=lambda name: name.endswith("hook_pattern"))
    names = [f"blocks.{layer}.attn.hook_pattern" for layer in range(model.cfg.n_layers)]
    patterns = torch.stack([cache[name] for name in names])  # [layer, row, head, query, key]
    previous = patterns.diagonal(offset=-1, dim1=-2, dim2=-1).mean(dim=(1, 3))
    follows_same = torch.zeros(patterns.shape[1], *patterns.shape[-2:])
    follows_same[:, :, 1:] = (ids[:, :, None] == ids[:, None, :-1]).float()
    follows_same = follows_same.tril()
    mass = (patterns * follows_same[:, None]).sum(dim=(1, 3, 4))
    return previous, mass / follows_same.any(dim=-1).sum()


def save_weights(checkpoints: dict[int, Weights], path: Path, seed: int) -> None:
    """Write checkpoints to one safetensors file, whole or not at all.

    Parameters
    ----------
    checkpoints : dict of int to dict of str to torch.Tensor
        Weights by step. The last step is stored as it is, the earlier ones in float16.
    path : Path
        The file; its folder is made if need be.
    seed : int
        Noted in the file, with the steps.
    """
    last = max(checkpoints)
    tensors = {
        weight_key(step, name): (weight if step == last else weight.half()).contiguous()
        for step, weights in checkpoints.items()
        for name, weight in weights.items()
    }
    # One entry: safetensors writes several in no fixed order, and equal weights should be equal files.
    metadata = {"training": json.dumps({"seed": seed, "steps": sorted(checkpoints)})}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        unfinished.write_bytes(save(tensors, metadata=metadata))
        os.replace(unfinished, path)


def main(arguments: list[str] | None = None) -> None:
    """Train and write the weights; see ``--help``."""
    parser = argparse.ArgumentParser(description="Train the bundled toy model.")
    parser.add_argument("--out", type=Path, default=WEIGHTS.parent, help="folder for the weights file")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first weights and of the text")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"optimizer steps (default {STEPS})")
    options = parser.parse_args(arguments)
    # The order of a sum depends on the number of threads: fixed, the same seed gives the same weights.
    torch.set_num_threads(2)
    checkpoints = train(options.steps, options.seed, lambda line: print(line, flush=True))
    path = options.out / WEIGHTS.name
    save_weights(checkpoints, path, options.seed)
    print(f"wrote {path} ({path.stat().st_size / 1e6:.2f} MB, steps {sorted(checkpoints)})")


def _learning_rate_factor(step: int, steps: int) -> float:
    warmup = (step + 1) / WARMUP_STEPS
    decay = (steps - step) / (steps * (1 - DECAY_FROM))
    return min(1.0, warmup, decay)


def _loss(model: TransformerBridge, corpus: Corpus) -> torch.Tensor:
    """Mean cross-entropy of a fresh batch, over the tokens that can be predicted."""
    ids, predictable = map(torch.from_numpy, corpus.batch(BATCH_ROWS))
    log_probabilities = model(ids)[:, :-1].log_softmax(dim=-1)
    losses: torch.Tensor = -log_probabilities.gather(-1, ids[:, 1:, None]).squeeze(-1)
    return losses[predictable[:, 1:]].mean()


def _copy_weights(model: TransformerBridge) -> Weights:
    return {name: weight.detach().clone() for name, weight in model.state_dict().items()}


if __name__ == "__main__":
    main()
