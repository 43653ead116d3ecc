"""Widgets of long prompts in the kernel: made, first picture, another head, a tile; time, bytes and memory."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from table import Row

import attn_widgets as aw

# it is run by itself too
sys.path[:0] = [str(Path(__file__).parent.parent)]

from tiny_tokenizer import VOCABULARY, tokenizer  # noqa: E402

# SmolLM2's, of fewer layers: a widget looks at one head at a time
_LAYERS, _HEADS, _KV_HEADS, _WIDTH = 2, 9, 3, 64
# tokens -> seconds until the widget is there, the first picture, another head, a tile; none where nobody waits
_BUDGETS = {2048: (0.3, 1.0, 0.3, 0.3), 8192: (0.3, 2.0, 2.0, 1.0), 32768: (None, 20.0, 20.0, 1.0)}


def bench() -> list[Row]:
    rows = []
    for tokens, budgets in _BUDGETS.items():
        found = _apart(tokens, "queries_keys")
        before = _apart(tokens, "patterns") if tokens == 2048 else None
        for (what, seconds), budget in zip(found["seconds"].items(), budgets, strict=True):
            beside = "" if before is None else f"of kept patterns {before['seconds'][what]:.3f} s"
            rows.append(
                Row(
                    f"heatmap of {tokens:,} tokens, {what}",
                    f"{seconds:.3f} s",
                    beside,
                    f"{seconds / budget:.2f}" if budget else "",
                    f"< {budget} s" if budget else "",
                    seconds < budget if budget else None,
                )
            )
        rows.append(
            Row(
                f"heatmap of {tokens:,} tokens, sent for an overview",
                f"{found['sent'] / 1e6:.2f} MB",
                f"memory +{found['grown'] / 1e6:.0f} MB, longest silence of the kernel {found['silence'] * 1e3:.0f} ms",
                f"{found['sent'] / 2e6:.2f}",
                "< 2 MB",
                found["sent"] < 2e6,
            )
        )
    return rows


def _apart(*what: Any) -> dict[str, Any]:
    """Memory is looked at in a process of its own."""
    command = [sys.executable, __file__, *map(str, what)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def trace_of(tokens: int, held: str) -> aw.Trace:
    """Random queries and keys, of words that recur as they do in texts; of the longest prompt a small Llama's own."""
    draw = np.random.default_rng(0)
    if tokens > 20_000:
        return _captured(np.minimum(draw.zipf(1.3, tokens), VOCABULARY - 1))
    queries = 2 * draw.standard_normal((_LAYERS, _HEADS, tokens, _WIDTH), dtype=np.float32)
    keys = draw.standard_normal((_LAYERS, _KV_HEADS, tokens, _WIDTH), dtype=np.float32)
    words = [f" word{i}" for i in np.minimum(draw.zipf(1.3, tokens), 5000)]
    made = aw.Trace.from_queries_keys(queries, keys, words)
    return made if held == "queries_keys" else aw.Trace.from_arrays(made.patterns, words, causal=True)


def _captured(ids: NDArray[np.integer[Any]]) -> aw.Trace:
    """Two heads of a Llama with random weights."""
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig

    config = LlamaConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=len(ids),
        hidden_size=2 * _WIDTH,
        intermediate_size=2 * _WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        initializer_range=0.3,
    )
    torch.manual_seed(0)
    model = aw.load_model(AutoModelForCausalLM.from_config(config).eval(), tokenizer=tokenizer())
    return aw.capture(model, ids, keep="queries_keys")


async def _measure(trace: aw.Trace) -> dict[str, Any]:
    """As in a notebook's kernel, which must be there for others meanwhile."""
    silence = 0.0

    async def until(condition: Callable[[], Any]) -> None:
        nonlocal silence
        last = time.perf_counter()
        while not condition():
            # a kernel that waits leaves the processor to others
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            silence, last = max(silence, now - last), now

    seconds = {}
    start = time.perf_counter()
    heatmap = aw.AttentionHeatmap(trace)
    seconds["widget made"] = time.perf_counter() - start
    await until(lambda: heatmap.pattern)
    seconds["first picture"] = time.perf_counter() - start
    answers: list[Any] = []
    heatmap.send = lambda content, buffers=None: answers.append(content)  # type: ignore[method-assign]
    start = time.perf_counter()
    heatmap.head = 1
    await until(lambda: heatmap.pattern["head"] == 1)
    seconds["another head"] = time.perf_counter() - start
    of = {name: heatmap.pattern[name] for name in ("trace_id", "kind", "layer", "head", "shown_as")}
    block, start = max(1, heatmap.pattern["block"] // 2), time.perf_counter()
    heatmap._handle_custom_msg({"ask": "tiles", "request": 1, "of": of, "tiles": [[block, 1, 0], [1, 2, 0]]}, [])
    await until(lambda: len(answers) == 2)
    seconds["two tiles"] = time.perf_counter() - start
    sent = len(heatmap.pattern["data"])
    heatmap.close()
    return {"seconds": seconds, "sent": sent, "silence": silence}


def main(tokens: int, held: str) -> None:
    """Print what one prompt takes."""
    from peak_memory import peak_growth

    trace, small = trace_of(tokens, held), trace_of(64, held)
    asyncio.run(_measure(small))
    found: dict[str, Any] = {}
    grown, _ = peak_growth(lambda: found.update(asyncio.run(_measure(trace))))
    print(json.dumps({**found, "grown": grown}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
