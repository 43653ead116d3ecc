"""The unit of work: one model and one block of passages -> one shard; what a worker does, and what it needs for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attn_widgets.atlas.kinds import KINDS
from attn_widgets.atlas.reading import ids_of
from attn_widgets.atlas.settings import VERSION, Settings, name_of
from attn_widgets.atlas.shards import open_shard, set_aside, shard_path, write_shard
from attn_widgets.atlas.specs import Spec, fingerprint

if TYPE_CHECKING:
    from attn_widgets.atlas.corpus import Passage

# settings that say of which passages there are shards, or what is kept, and change no number
_NO_NUMBERS = ("compare", "ablations")


@dataclass(frozen=True)
class Plan:
    """What has to be known of a model before its blocks have names."""

    model: str
    fingerprint: str
    n_layers: int
    n_heads: int
    token_ids: tuple[str, ...]
    """Of each block, what its token ids are known by."""


@dataclass(frozen=True)
class Unit:
    """One model, one block of passages; or one model by itself, for what needs no passages: block is None then."""

    kind: str
    spec: Spec
    plan: Plan
    block: int | None
    passages: tuple[Passage, ...]
    compared: frozenset[str]
    settings: Settings
    folder: Path
    needs: Path | None = None
    """The shard that it is measured with."""

    @property
    def path(self) -> Path:
        """Where its shard is: named by all that decides what is in it."""
        return shard_path(
            self.folder,
            self.kind,
            self.plan.model,
            name_of(
                self.kind,
                self.plan.fingerprint,
                "" if self.block is None else self.plan.token_ids[self.block],
                [passage.id for passage in self.passages],
                sorted(self.compared),
                [passage.kind for passage in self.passages],
                sorted((key, str(value)) for key, value in self.settings.as_dict().items() if key not in _NO_NUMBERS),
                *([] if self.needs is None else [self.needs.name]),
            ),
        )

    @property
    def about(self) -> dict[str, Any]:
        """What the shard says of itself."""
        return {
            "kind": self.kind,
            "model": self.plan.model,
            "fingerprint": self.plan.fingerprint,
            "n_layers": self.plan.n_layers,
            "n_heads": self.plan.n_heads,
            "passages": [passage.id for passage in self.passages],
            "settings": {key: value for key, value in self.settings.as_dict().items() if key != "ablations"},
            "version": VERSION,
        }

    def done(self) -> bool:
        """Whether the shard is there and whole."""
        return open_shard(self.path) is not None


def plan_of(spec: Spec, blocks: Sequence[Sequence[Passage]], settings: Settings, n_threads: int | None = None) -> Plan:
    """Open a model, in a worker, and find out what its shards are called."""
    _limit(n_threads)
    model = spec.open()
    return Plan(
        model=model.name,
        fingerprint=fingerprint(model),
        n_layers=model.n_layers,
        n_heads=model.n_heads,
        token_ids=tuple(
            name_of([_ids(model, passage.text, settings.tokens) for passage in passages]) for passages in blocks
        ),
    )


def work(unit: Unit, n_threads: int | None = None) -> Path:
    """Measure one block, in a worker, and write its shard. One that another builder has written meanwhile stays."""
    path = unit.path
    if path.exists():
        if unit.done():
            return path
        set_aside(unit.folder, path)
    _limit(n_threads)
    given = unit.compared if unit.needs is None else unit.needs
    table = KINDS[unit.kind].measure()(unit.spec.open(), unit.passages, unit.settings, given)
    return write_shard(path, table, unit.about)


def _ids(model: Any, text: str, most: int) -> list[int]:
    """None of a text that the tokenizer refuses."""
    try:
        return ids_of(model, text, most)
    except ValueError:
        return []


def _limit(n_threads: int | None) -> None:
    """Workers beside each other share the cores."""
    if n_threads is not None:
        import torch

        if torch.get_num_threads() != n_threads:
            torch.set_num_threads(n_threads)
