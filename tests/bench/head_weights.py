"""What weights alone say of all 270 heads of SmolLM2, beside one forward pass over 128 tokens."""

from __future__ import annotations

import statistics

from smollm2 import open_both
from table import Row, interleaved, ratio

import attn_widgets as aw

_TOKENS, _REPETITIONS = 128, 3
# under 10 s on two cores that do nothing else, where a forward pass takes 0.3 to 0.5 s
_MOST = 20


def bench() -> list[Row]:
    _, model, ids = open_both()
    ids = ids[:_TOKENS]
    works = {"forward": lambda: model.run(ids), "weights": lambda: aw.head_weights(model)}
    interleaved(works, 1)  # warm up
    seconds = interleaved(works, _REPETITIONS)
    times = ratio(seconds["weights"], seconds["forward"])
    return [
        Row(
            f"head_weights, {model.n_layers * model.n_heads} heads",
            f"{statistics.median(seconds['weights']):.1f} s",
            f"forward {statistics.median(seconds['forward']):.2f} s",
            f"{times:.1f}x",
            f"{_MOST}x",
            times <= _MOST,
        )
    ]
