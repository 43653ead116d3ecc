"""What an explanation costs: the first cell of a prompt, and another one, beside one forward pass of SmolLM2."""

from __future__ import annotations

import statistics
from itertools import cycle

from smollm2 import open_both
from table import Row, interleaved, ratio

import attn_widgets as aw

_TOKENS, _REPETITIONS = 128, 5
_FIRST, _ANOTHER = 1.5, 0.15


def bench() -> list[Row]:
    _, model, ids = open_both()
    prompt, head = ids[:_TOKENS], "L18H6"

    def first() -> None:
        model.remembered.clear()
        aw.explain(model, prompt, head, -1, 40, versus="row", by="component")

    works = {"forward": lambda: model.run(prompt), "first": first}
    works |= {
        f"another, by {by}": lambda by=by: aw.explain(model, prompt, head, -2, 41, versus="row", by=by)  # type: ignore[misc]
        for by in ("component", "head", "source")
    }
    # of what two heads read nothing is kept for a third
    others = cycle(f"L18H{head}" for head in range(6))
    works["another, of another head"] = lambda: aw.explain(model, prompt, next(others), -2, 41, versus="row")
    interleaved(works, 1)  # warm up
    seconds = interleaved(works, _REPETITIONS)
    rows = []
    for name in [one for one in works if one != "forward"]:
        times = ratio(seconds[name], seconds["forward"])
        most = {"first": _FIRST, "another, by component": _ANOTHER, "another, by head": _ANOTHER}.get(name)
        rows.append(
            Row(
                f"explain, {head}, less the mean of its row, {_TOKENS} tokens: {name}",
                f"{1000 * statistics.median(seconds[name]):.0f} ms",
                f"forward {1000 * statistics.median(seconds['forward']):.0f} ms",
                f"{times:.2f}x",
                "" if most is None else f"{most}x",
                None if most is None else times <= most,
            )
        )
    return rows
