"""`python tests/bench [name ...]`: the budgets, measured beside BertViz and CircuitsVis; exits 1 if one is missed."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path

from table import Row, table

_TESTS = Path(__file__).parent.parent
_MODULES = {
    "import": "import_time",
    "capture": "capture_cost",
    "long_capture": "long_capture",
    "wire": "wire_bytes",
    "pixels": "first_pixels",
    "heatmap": "large_heatmap",
    "switch": "head_switch",
    "motifs": "motifs",
    "long_measures": "long_measures",
    "long_heatmap": "long_heatmap",
    "naming": "naming",
    "features": "features",
    "atlas": "atlas_scale",
    "atlas_heads": "atlas_heads",
    "quality": "quality",
    "map": "large_map",
    "many_heads": "many_heads",
    "freezing": "freezing",
    "ablation": "ablation",
    "weights": "head_weights",
    "explain": "explaining",
    "bundles": "bundles",
    "page": "exported_page",
    "stills": "stills",
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all, and print one table."""
    unknown = [name for name in names if name not in _MODULES]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(_MODULES)}", file=sys.stderr)
        return 2
    sys.path[:0] = [str(_TESTS), str(_TESTS / "browser")]
    rows: list[Row] = []
    for name in names or _MODULES:
        start = time.perf_counter()
        print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
        rows += import_module(_MODULES[name]).bench()
        print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    print(table(rows))
    missed = [row.what for row in rows if row.ok is False]
    if missed:
        print(f"\n{len(missed)} over budget: {'; '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
