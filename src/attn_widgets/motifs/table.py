"""MotifTable: one number for every motif, layer and head; and several prompts' tables -> their averages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.motifs.registry import unknown

FloatArray = NDArray[np.floating[Any]]


class MotifTable(Mapping[str, NDArray[Any]]):
    """Motif name -> array `[layer, head]`; `array` has them all, `[motif, layer, head]`."""

    def __init__(self, names: Sequence[str], array: NDArray[Any]) -> None:
        self.names = tuple(names)
        self.array = array
        array.setflags(write=False)

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self.names:
            raise unknown(name, list(self.names))
        table: NDArray[Any] = self.array[self.names.index(name)]
        return table

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"<{len(self.names)} motifs x {self.array.shape[1]} layers x {self.array.shape[2]} heads>"


def over_prompts(names: Sequence[str], arrays: Sequence[FloatArray]) -> tuple[MotifTable, MotifTable, MotifTable]:
    """Mean, standard deviation (n - 1) and number of the prompts that could show each motif."""
    stack = np.stack(arrays)
    there = np.isfinite(stack)
    number = there.sum(axis=0)
    values = np.where(there, stack, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = values.sum(axis=0) / np.where(number > 0, number, np.nan)
        squares = (np.where(there, stack - mean, 0) ** 2).sum(axis=0)
        std = np.sqrt(squares / np.where(number > 1, number - 1, np.nan))
    tables = (mean.astype(np.float32), std.astype(np.float32), number.astype(np.int64))
    return (MotifTable(names, tables[0]), MotifTable(names, tables[1]), MotifTable(names, tables[2]))
