"""Numbers of every head over many passages: time beside the forward passes alone, memory, and scipy's loop.

The model's own forward is with sdpa attention and makes logits of all tokens, as Hugging Face runs it by default.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from typing import Any

from table import Row, interleaved, ratio

import attn_widgets as aw

_TOKENS, _BLOCK, _SIZES = 128, 24, (48, 96)
_TIME_BUDGET, _GROWTH_BUDGET = 1.6, 1.15
# what an atlas of 1,000 passages compares heads on, as a share
_COMPARED = 0.128


def bench() -> list[Row]:
    few, many = (_apart(size) for size in _SIZES)
    name = f"smollm2-135m, passages of {_TOKENS} tokens"
    measured, forward = sum(many["atlas"]), sum(many["forward"])
    factor = ratio(many["atlas"], many["forward"])
    rate = many["heads"] * _SIZES[1] / measured
    doubled = measured / sum(few["atlas"])
    loop = 1 / many["loop"]
    return [
        Row(
            f"atlas: {_SIZES[1]} {name}",
            f"{measured:.0f} s",
            f"forward passes alone {forward:.0f} s",
            f"{factor:.3f}",
            f"<= {_TIME_BUDGET}",
            factor <= _TIME_BUDGET,
        ),
        Row(
            "the same, beside passes that make the last logits alone",
            f"{measured:.0f} s",
            f"{sum(many['last logits']):.0f} s",
            f"{ratio(many['atlas'], many['last logits']):.3f}",
        ),
        Row(
            "heads x prompts a second, the model's run and all that is kept",
            f"{rate:.0f}",
            f"features by a loop over scipy, of patterns that are there {loop:.0f}",
            f"{rate / loop:.0f}x",
        ),
        Row(f"atlas: {_SIZES[1]} passages beside {_SIZES[0]}", f"{measured:.0f} s", "", f"{doubled:.2f}"),
        Row(
            f"peak memory above the model: {_SIZES[1]} passages",
            f"{many['grown'] / 1e6:.0f} MB",
            f"{_SIZES[0]} passages {few['grown'] / 1e6:.0f} MB",
            f"{many['grown'] / few['grown']:.2f}",
            f"<= {_GROWTH_BUDGET}",
            many["grown"] <= _GROWTH_BUDGET * few["grown"],
        ),
    ]


def _apart(size: int) -> dict[str, Any]:
    """Run in a process of its own, which finds no memory that earlier work left behind."""
    done = subprocess.run([sys.executable, __file__, str(size)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"atlas_scale.py {size} failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(size: int) -> None:
    """Print the seconds of each block of passages, and how far memory grew while they were measured."""
    import torch
    from peak_memory import peak_growth

    from attn_widgets.atlas.measuring import measure_patterns
    from attn_widgets.atlas.settings import Settings
    from attn_widgets.models.beneath import beneath

    model = aw.load_model("smollm2-135m", device="cpu")
    own = beneath(model.lens, "sdpa")
    passages = aw.passages()[:size]
    settings = Settings(tokens=_TOKENS, compare=round(_COMPARED * size))
    compared = settings.compared(one.id for one in passages)

    @torch.no_grad()
    def forward(block: Any, **options: int) -> None:
        for one in block:
            own(torch.tensor([model.encode(one.text)[:_TOKENS]]), use_cache=False, **options)

    # what is made once, such as thread pools, is not the work's
    forward(passages[:1])
    measure_patterns(model, passages[:1], settings, compared)
    seconds: dict[str, list[float]] = {}

    def run() -> None:
        for start in range(0, size, _BLOCK):
            block = passages[start : start + _BLOCK]
            works = {
                "atlas": lambda block=block: measure_patterns(model, block, settings, compared),
                "forward": lambda block=block: forward(block),
                "last logits": lambda block=block: forward(block, logits_to_keep=1),
            }
            for name, times in interleaved(works, 1).items():
                seconds.setdefault(name, []).extend(times)

    most, _ = peak_growth(run)
    heads = model.n_layers * model.n_heads
    print(json.dumps({**seconds, "grown": most, "heads": heads, "loop": _loop(model, passages[0].text)}))


def _loop(model: Any, text: str) -> float:
    """Seconds a head of the published features, one number after the other."""
    sys.path.insert(0, __file__.rpartition("bench")[0])
    from python.heads import scipy_features

    trace = aw.capture(model, model.encode(text)[:_TOKENS])
    layer = trace.patterns[trace.n_layers // 2]
    times = interleaved({"loop": lambda: [scipy_features.published(pattern) for pattern in layer]}, 3)["loop"]
    return statistics.median(times) / trace.n_heads


if __name__ == "__main__":
    main(int(sys.argv[1]))
