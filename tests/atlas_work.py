"""Work of an atlas that costs nothing: blocks of made-up numbers, in this process or in one that may be killed."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from attn_widgets.atlas import building, corpus, running, units
from attn_widgets.atlas.kinds import Kind
from attn_widgets.atlas.settings import Settings
from attn_widgets.atlas.specs import Spec

LAYERS, HEADS = 2, 3
# a block takes about so long, so that one is killed in the middle
SECONDS = 0.005


def texts(number: int) -> list[str]:
    return [f"text {i} of {number}" for i in range(number)]


def plan_of(spec: Any, blocks: Any, settings: Any, n_threads: Any = None) -> units.Plan:
    ids = tuple(" ".join(passage.id for passage in block) for block in blocks)
    return units.Plan(str(spec.how), f"weights of {spec.how}", LAYERS, HEADS, ids)


def measure(model: Any, passages: Any, settings: Any, compared: Any) -> pa.Table:
    """Numbers that depend on the texts alone."""
    time.sleep(SECONDS)
    size = LAYERS * HEADS
    draws = [
        np.zeros((0, 40)),
        *(np.random.default_rng(int(passage.id, 16)).random((size, 40)) for passage in passages),
    ]
    return pa.table(
        {
            "passage": np.repeat([passage.id for passage in passages], size),
            "compared": np.repeat([passage.id in compared for passage in passages], size),
            "numbers": pa.array(list(np.concatenate(draws))),
        }
    )


def build(
    folder: Path,
    number: int = 200,
    models: tuple[str, ...] = ("a", "b"),
    crew: Any = None,
    kinds: tuple[str, ...] = ("patterns",),
) -> dict[str, Any]:
    """What `build_atlas` does between opening the folder and reading it."""
    found = corpus.as_corpus(texts(number))
    settings = Settings(compare=50)
    folder = building.make_folder(folder, settings)
    building.keep_corpus(folder, found)
    blocks = [found.passages[start : start + 8] for start in range(0, number, 8)]
    bar = SimpleNamespace(update=lambda n: None, set_description=lambda name: None)
    crew = crew or running.Workers(running._Here(), 1)
    compared = settings.compared(one.id for one in found)
    return building._build(crew, building.as_specs(list(models)), blocks, compared, settings, folder, bar, kinds)


def files(folder: Path) -> dict[str, bytes]:
    """Every file of an atlas but those of killed processes."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".part"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def work(unit: units.Unit, n_threads: int | None = None) -> Path:
    """As a worker of a cluster does it, where nothing was replaced beforehand."""
    units.KINDS["patterns"] = Kind("atlas_work:measure")
    Spec.open = lambda spec: None  # type: ignore[method-assign, assignment, return-value]
    return units.work(unit)
