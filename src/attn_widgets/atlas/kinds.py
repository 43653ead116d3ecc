"""The kinds of shards: what is measured of a model, and by which function; another kind is another line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Kind:
    """A kind of shards. All of a kind are in the folder of its name.

    A shard's table has the columns `layer` and `head`. Of every kind but "patterns" each other column of numbers is a
    column of `Atlas.heads`: as it is where there is one row a head, and where there is one a passage and head, with
    a column `passage`, the mean over the passages where it is not null.

    Attributes
    ----------
    function : str
        `"module:name"` of what measures it: `(model, passages, settings, compared) -> pyarrow.Table`. A worker imports
        it.
    per : {"block", "model", "compared", "ablated"}
        Whether there is a shard for each block of passages; one of the model by itself, which gets no passages; one for
        all passages of which profiles are kept (see `Settings.compared`); or one for each passage on which heads are
        ablated (see `Settings.ablated`).
    needs : str
        A kind with one shard a model that is measured before; the function gets its path in the place of `compared`.
    """

    function: str
    per: Literal["block", "model", "compared", "ablated"] = "block"
    needs: str = ""

    def measure(self) -> Callable[..., pa.Table]:
        """The function."""
        module, _, name = self.function.partition(":")
        function: Callable[..., pa.Table] = getattr(import_module(module), name)
        return function


PATTERNS = "patterns"
WEIGHTS = "weights"
MEANS = "means"
ABLATIONS = "ablations"
KINDS: dict[str, Kind] = {
    PATTERNS: Kind("attn_widgets.atlas.measuring:measure_patterns"),
    WEIGHTS: Kind("attn_widgets.atlas.measuring_weights:measure_weights", "model"),
    MEANS: Kind("attn_widgets.atlas.measuring_ablations:measure_means", "compared"),
    ABLATIONS: Kind("attn_widgets.atlas.measuring_ablations:measure_ablations", "ablated", needs=MEANS),
}
