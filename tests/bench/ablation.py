"""What ablating every head by itself costs beside the model's own forward pass, and how exact it is: SmolLM2.

The model's own forward is with sdpa attention and makes logits of all tokens, as Hugging Face runs it by default.
"""

from __future__ import annotations

import statistics
from typing import Any, get_args

from table import Row, interleaved

import attn_widgets as aw

_TOKENS, _PASSES = 128, 4
_BUDGET, _EXACT = 0.6, 1e-3


def bench() -> list[Row]:
    import torch

    from attn_widgets.circuits.ablating_each import losses_in_layer
    from attn_widgets.circuits.ablation import How
    from attn_widgets.circuits.restarts import Restarts
    from attn_widgets.forward.recording import record
    from attn_widgets.models.beneath import beneath

    model = aw.load_model("smollm2-135m", device="cpu")
    ids = next(ids for ids in (model.encode(one.text) for one in aw.passages()) if len(ids) >= _TOKENS)[:_TOKENS]
    own, tokens = beneath(model.lens, "sdpa"), torch.tensor([ids])
    baseline = record(model, ids)
    restarts = Restarts(model, baseline)
    means = torch.stack([output.mean(0) for output in baseline.outputs()])
    lost: dict[str, list[Any]] = {how: [] for how in get_args(How)}

    @torch.no_grad()
    def forward() -> None:
        for _ in range(_PASSES):
            own(tokens, use_cache=False)

    # what is made or found out once is not the work's
    forward()
    for how in lost:
        losses_in_layer(restarts, model.n_layers - 1, how, means[-1])  # type: ignore[arg-type]
    seconds: dict[str, list[float]] = {}
    for layer in range(model.n_layers):
        works = {
            how: lambda how=how, layer=layer: lost[how].append(losses_in_layer(restarts, layer, how, means[layer]))
            for how in lost
        }
        for name, times in interleaved({**works, "forward": forward}, 1).items():
            seconds.setdefault(name, []).extend(times)
    n_heads = model.n_layers * model.n_heads
    a_pass = sum(seconds["forward"]) / (_PASSES * model.n_layers)
    rows = []
    for how in lost:
        a_head = sum(seconds[how]) / n_heads
        rows.append(
            Row(
                f"ablation of a head ({how}), mean of {n_heads}, smollm2-135m, {_TOKENS} tokens",
                f"{a_head * 1000:.0f} ms",
                f"forward pass {a_pass * 1000:.0f} ms",
                f"{a_head / a_pass:.3f}",
                f"<= {_BUDGET}",
                a_head / a_pass <= _BUDGET,
            )
        )
    return [*rows, _exactness(model, ids, lost["zero"])]


def _exactness(model: Any, ids: list[int], lost: list[Any]) -> Row:
    """Beside whole runs with a hook, of one head in every third layer."""
    from attn_widgets.circuits.ablation import token_losses
    from attn_widgets.circuits.knock_out import knocked_out

    heads = [(layer, layer % model.n_heads) for layer in range(0, model.n_layers, 3)]
    off = [
        float((token_losses(model.run(ids, knocked_out([head])), ids) - lost[head[0]][head[1]]).abs().max())
        for head in heads
    ]
    return Row(
        f"the same beside whole runs with hooks, {len(heads)} heads: largest difference of a token's loss",
        f"{max(off):.1e} nats",
        f"median {statistics.median(off):.1e}",
        "",
        f"<= {_EXACT:.0e}",
        max(off) <= _EXACT,
    )
