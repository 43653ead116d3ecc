"""10,000 heads as an atlas compares them: all distances, the nearest of each, a map, clusters; time and memory.

The points are drawn: 40 groups of heads, 64 passages, the 16 components of a space.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from table import Row

_HEADS, _PASSAGES, _COMPONENTS, _GROUPS = 10_000, 64, 16, 40
_MEMORY_BUDGET, _EMBED_BUDGET = 4.0, 120


def bench() -> list[Row]:
    what = f"{_HEADS:,} heads, {_PASSAGES} passages"
    found = {name: _apart(name) for name in ("distances", "neighbours", "embed", "clusters")}
    shown = {name: f"{one['seconds']:.0f} s, {one['cpu']:.0f} s of the processor" for name, one in found.items()}
    memory = {name: f"{one['peak'] / 1e9:.1f} GB at most" for name, one in found.items()}
    least = found["distances"]["peak"] / 1e9
    whole = found["embed"]["seconds"]
    return [
        Row(
            f"all distances of {what}",
            memory["distances"],
            shown["distances"],
            f"{least:.1f} GB",
            f"<= {_MEMORY_BUDGET:.0f} GB",
            least <= _MEMORY_BUDGET,
        ),
        Row(f"the 15 nearest of each of {what}", memory["neighbours"], shown["neighbours"]),
        Row(
            f"a map of {what} by isomap, with the distances",
            memory["embed"],
            shown["embed"],
            f"{whole:.0f} s",
            f"<= {_EMBED_BUDGET} s",
            whole <= _EMBED_BUDGET,
        ),
        Row(f"8 clusters of {what} by complete linkage, with the distances", memory["clusters"], shown["clusters"]),
    ]


def _apart(name: str) -> dict[str, Any]:
    """Run in a process of its own, whose memory is its alone."""
    done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"atlas_heads.py {name} failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(name: str) -> None:
    """Print what one of them took."""
    import resource

    import numpy as np

    from attn_widgets.heads.clusters import cluster_heads
    from attn_widgets.heads.embed import embed_heads
    from attn_widgets.heads.mean_distances import mean_distances, nearest_heads

    draw = np.random.default_rng(0)
    middles = draw.normal(size=(_GROUPS, _COMPONENTS))[draw.integers(0, _GROUPS, _HEADS)]
    heads = middles + 0.7 * draw.normal(size=(_HEADS, _COMPONENTS))
    points = np.stack([heads + 0.2 * draw.normal(size=heads.shape) for _ in range(_PASSAGES)]).astype(np.float32)
    works = {
        "distances": lambda: mean_distances(points),
        "neighbours": lambda: nearest_heads(points, 15),
        "embed": lambda: embed_heads(mean_distances(points), "isomap"),
        "clusters": lambda: cluster_heads(mean_distances(points), n_clusters=8, method="complete"),
    }
    start, cpu = time.perf_counter(), time.process_time()
    works[name]()
    taken = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    print(json.dumps({**taken, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    main(sys.argv[1])
