"""Size of the built JavaScript: every widget instance carries a copy of its bundle."""

from __future__ import annotations

from pathlib import Path

from table import Row

import attn_widgets

_STATIC = Path(attn_widgets.__file__).parent / "static"
_BUDGET = 150_000
_LARGER = {"scatter.js": 350_000}


def bench() -> list[Row]:
    bundles = sorted(_STATIC.glob("*.js"))
    if not bundles:
        raise FileNotFoundError(f"{_STATIC} has no bundles: run `make build`")
    return [_row(path) for path in bundles]


def _row(path: Path) -> Row:
    size, budget = path.stat().st_size, _LARGER.get(path.name, _BUDGET)
    return Row(f"bundle {path.name}", f"{size / 1000:.1f} kB", "", "", f"< {budget // 1000} kB", size < budget)
