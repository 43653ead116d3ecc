"""A corpus in blocks, and what is measured -> which passages go into which shard of a model, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attn_widgets.atlas.kinds import KINDS

if TYPE_CHECKING:
    from attn_widgets.atlas.corpus import Passage
    from attn_widgets.atlas.settings import Settings

Block = tuple["Passage", ...]


class Parts:
    """What there is to measure of a model.

    Parameters
    ----------
    blocks : sequence of tuple of Passage
        All passages.
    settings : Settings
    kinds : sequence of str

    Attributes
    ----------
    blocks : list of tuple of Passage
        Those that were given, and those of the kinds that are measured on other passages.
    of : dict
        Kind -> for each of its shards the number of its block in `blocks`, None for that of a model by itself, and
        its passages.
    stages : list of list of str
        Kinds; what is in one needs nothing of the same or a later one.
    """

    def __init__(self, blocks: Sequence[Block], settings: Settings, kinds: Sequence[str]) -> None:
        by_id = {passage.id: passage for block in blocks for passage in block}
        chosen = (settings.compared(by_id), settings.ablated(by_id))
        compared, ablated = (tuple(by_id[one] for one in sorted(ids)) for ids in chosen)
        own: dict[str, Sequence[Block]] = {
            "block": blocks,
            "compared": [compared],
            "ablated": [(passage,) for passage in ablated],
        }
        self.blocks: list[Block] = []
        self.of: dict[str, list[tuple[int | None, Block]]] = {}
        for kind in kinds:
            per = KINDS[kind].per
            if per == "model":
                self.of[kind] = [(None, ())]
                continue
            first = len(self.blocks)
            self.blocks += own[per]
            self.of[kind] = list(enumerate(own[per], first))
        needing = [kind for kind in kinds if KINDS[kind].needs]
        self.stages = [[kind for kind in kinds if kind not in needing], needing]
