"""Tiles and lines of a matrix, and what is asked of them -> messages; js/src/pattern/tiles.ts reads them back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attn_widgets.tiles import SHOWN_AS, Coding, Line

Message = tuple[dict[str, Any], list[bytes]]


class Of(NamedTuple):
    """Which matrix is meant, and how it is shown."""

    trace_id: str
    kind: str
    layer: int
    head: int
    shown_as: str = "linear"

    @classmethod
    def read(cls, given: Any) -> Of:
        """What the browser sent, checked.

        Raises
        ------
        ValueError
            If it names no matrix.
        """
        fields = dict(given) if isinstance(given, dict) else {}
        of = cls(*(fields.get(name) for name in cls._fields))  # type: ignore[arg-type]
        right = all(isinstance(value, str) for value in (of.trace_id, of.kind, of.shown_as))
        if not right or not all(type(value) is int for value in (of.layer, of.head)) or of.shown_as not in SHOWN_AS:
            raise ValueError(f"of is {given!r}; expected trace_id, kind, layer, head and shown_as")
        return of

    @property
    def name(self) -> str:
        """As the browser calls it."""
        parts = [self.trace_id, self.kind, self.layer, self.head]
        return "/".join(map(str, parts if self.shown_as == "linear" else [*parts, self.shown_as]))


def tile_message(request: int, of: Of, place: Any, codes: NDArray[np.uint16], coding: Coding) -> Message:
    """One tile, as an answer."""
    about = tile_about(of, place, codes, coding)
    return {"answer": "tile", "request": request, **about}, [codes.tobytes()]


def tile_about(of: Of, place: Any, codes: NDArray[np.uint16], coding: Coding) -> dict[str, Any]:
    """What is said of a tile."""
    about = {"of": of._asdict(), "tile": list(place), "shape": list(codes.shape)}
    return about | {"dtype": "uint16"} | coding.about()


def line_message(request: int, of: Of, axis: str, index: int, found: Line) -> Message:
    """One line, as an answer; a second buffer has what its values are multiplied by to be shown."""
    about = line_about(of, axis, index, found)
    factors = [] if found.rows is None else [found.rows.astype("<f4").tobytes()]
    return {"answer": "line", "request": request, **about}, [found.codes.tobytes(), *factors]


def line_about(of: Of, axis: str, index: int, found: Line) -> dict[str, Any]:
    """What is said of a line."""
    return {"of": of._asdict(), "axis": axis, "index": index, "dtype": "uint16"} | found.coding.about()


def heads_message(request: Any, wires: list[dict[str, Any]]) -> Message:
    """Whole patterns, as an answer; the bytes of each are a buffer."""
    patterns = [{name: value for name, value in wire.items() if name != "data"} for wire in wires]
    return {"answer": "heads", "request": request, "patterns": patterns}, [wire["data"] for wire in wires]


def error_message(request: Any, error: Exception) -> Message:
    """Why there is no answer."""
    return {"answer": "error", "request": request, "error": str(error) or type(error).__name__}, []
