"""The built JavaScript and CSS, as text."""

from __future__ import annotations

from pathlib import Path

_STATIC = Path(__file__).parent / "static"


def bundle(name: str) -> str:
    """Return the text of a built file, or an error that says how to build it.

    Text, not a path: anywidget would watch a path for changes, and hold on to every widget for that.
    """
    path = _STATIC / name
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: this is a source checkout without its JS. Run `make build`")
    # anywidget takes a single line for a path
    return path.read_text("utf-8") + "\n"
