"""HeadCard: a head, heads like it and one unlike it, on every prompt, as a table of patterns; two of them large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from attn_widgets.bundles import bundle
from attn_widgets.compute.compared_atlas import is_atlas
from attn_widgets.compute.head_map import HeadMap
from attn_widgets.compute.relatives import Relative, nearest_elsewhere, relatives
from attn_widgets.heads.prompts import prompt_text
from attn_widgets.motifs.naming import RULE
from attn_widgets.motifs.registry import MOTIFS
from attn_widgets.names import parse_head
from attn_widgets.trace import Unit
from attn_widgets.widgets.map_widget import MapWidget
from attn_widgets.widgets.wire.card import Shown, windows_wire
from attn_widgets.widgets.wire.scatter import pictures_wire

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIDE = 48
_SHORT = 40
# codes of the large patterns of an exported page; with more, it has those on show only
_PAGE_CODES = 4_000_000


class HeadCard(MapWidget):
    """A table: rows are a head, its nearest heads, heads of the same class, and a far one; columns are prompts.

    Below each head's name stand its classes and the motif it is named by (see `MotifScores.dominant`), with its score
    (mean and standard deviation over the prompts) and bits.

    Above the table the pattern of the head and that of another stand side by side, on one prompt. What is pointed at in
    one is marked in the other, at the same words of the prompt, and both values are read out. Click a pattern to have
    it beside the head's, and in a linked heatmap; a prompt to see both heads on it; a head to make it the current one.

    Parameters
    ----------
    head_map : HeadMap
    current : str, optional
        The head, such as `"L5H1"`; default the first.
    beside : str, optional
        The head beside it; default the nearest of another model, or where there is one model the nearest.
    unit : {"token", "word"}, optional
        Whether patterns are shown between tokens or between words; see `Trace.words`. Default what the map compares
        heads on, so words where there are several models.

    Raises
    ------
    TypeError
        If `head_map` is not a HeadMap.
    traitlets.TraitError
        If there is no such head, or the traces are between words and tokens are asked for.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> traces = aw.capture(aw.load_model("toy-induction", device="cpu"), ["The cat sat.", "Tom has a red apple."])
    >>> card = aw.HeadCard(aw.HeadMap(traces), "L1H1")

    Attributes
    ----------
    current : str
        The head on the card; read, set and observe it.
    beside : str
        The head beside it, which is chosen anew for another `current`; read, set and observe it.
    unit : {"token", "word"}
        As the parameter; read, set, observe and link it.
    prompt : str
        The prompt on show in the windows: that of the pattern that was clicked last, "" for the first.
    model_name, layer, head
        The same head in parts, for linking.
    """

    # whether a pattern of the card is being opened elsewhere
    _opening = False
    # the map's unit when it was shown last
    _compared_on: str = ""

    _bundle = "card"
    _esm = bundle("card.js")
    _css = bundle("card.css")

    current = t.Unicode("").tag(sync=True)
    beside = t.Unicode("").tag(sync=True)
    unit: t.TraitType[Any, Any] = t.Enum(("token", "word"), "token").tag(sync=True)
    prompt = t.Unicode("").tag(sync=True)
    card = t.Dict(read_only=True).tag(sync=True)
    windows = t.Dict(read_only=True).tag(sync=True)

    def __init__(self, head_map: HeadMap, current: str | None = None, **traits: Any) -> None:
        if is_atlas(head_map) or (isinstance(head_map, HeadMap) and not head_map.compared.keeps_patterns):
            raise TypeError(
                "head_map is of an atlas, which keeps no patterns on single prompts; expected a HeadMap([run, ...]). "
                "For a head of an atlas use HeadDossier(atlas, head)"
            )
        if isinstance(head_map, HeadMap):
            current = current or head_map.heads[0]
            traits = {"unit": head_map.compared_on, **traits, "current": current}
            if not traits.get("beside") and current in head_map.heads:
                traits["beside"] = nearest_elsewhere(head_map, current)
        super().__init__(head_map, **traits)
        self.observe(self._follow_parts, ["model_name", "layer", "head"])
        self.observe(self._follow_name, "current")
        self.observe(self._follow_unit, "unit")
        self.observe(self._show_windows, ["beside", "prompt"])

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sent; a pattern that is opened leaves the card as it is."""
        self._opening = "prompt" in sync_data
        try:
            super().set_state(sync_data)
        finally:
            self._opening = False

    def page_state(self) -> dict[str, Any]:
        """The traits that a page needs: all of the card's patterns in both units, where they are not too large."""
        others = [unit for unit in self._units() if unit != self.unit]
        traits = {unit: self._page_traits(unit) for unit in others}
        return (
            super().page_state()
            | self._page_traits(self.unit)
            | {"other_unit": {"unit": others[0], "traits": traits[others[0]]} if others else {}}
        )

    @t.validate("current", "beside")
    def _a_head(self, proposal: Any) -> str:
        return self._known(proposal["value"], proposal["trait"].name)

    @t.validate("unit")
    def _can_be_shown(self, proposal: Any) -> Unit:
        unit: Unit = proposal["value"]
        if unit not in self._units():
            raise t.TraitError(
                f'unit is "{unit}", but the traces of the map are of words; make it of those that they were made of'
            )
        return unit

    def _units(self) -> list[Unit]:
        words = any(trace.unit == "word" for trace in self.head_map.traces)
        return ["word"] if words else ["token", "word"]

    def _follow_parts(self, change: Any) -> None:
        name = self._name(self.model_name, self.layer, self.head)
        if not self._opening and name in self.head_map.heads:
            self.current = name

    def _follow_name(self, change: Any) -> None:
        with self.hold_sync():
            self.beside = nearest_elsewhere(self.head_map, self.current)
            self._show_map()

    def _follow_unit(self, change: Any) -> None:
        with self.hold_sync():
            self.set_trait("card", self._card(self.unit))
            self._show_windows()

    def _show_map(self) -> None:
        head_map = self.head_map
        with self.hold_sync():
            if self.current not in head_map.heads:
                self.current = head_map.heads[0]
            if self.beside not in head_map.heads:
                self.beside = nearest_elsewhere(head_map, self.current)
            if self._compared_on not in ("", head_map.compared_on):
                self.unit = head_map.compared_on
            self._compared_on = head_map.compared_on
            if self.unit not in self._units():
                self.unit = self._units()[0]
            self._go_to(self.current)
            self.set_trait("card", self._card(self.unit))
            self._show_windows()

    def _show_windows(self, change: Any = None) -> None:
        """Send the two large patterns."""
        prompts = [self._runnable(text) for text in self.head_map.prompts]
        column = prompts.index(self.prompt) if self.prompt and self.prompt in prompts else 0
        shown = [self._shown(name, column, self.unit) for name in dict.fromkeys((self.current, self.beside))]
        self.set_trait("windows", windows_wire(shown))

    def _says(self) -> str:
        n = len(self.head_map.prompts)
        return (
            f"{type(self).__name__} of {self.current} beside {self.beside}, on {n} prompt{'s' * (n != 1)}: "
            f"{len(self.card['rows']) - 1} heads like it or unlike it"
        )

    def _draw(self) -> tuple[bytes, int, int]:
        # brings Pillow
        from attn_widgets.widgets.stills.card import draw

        return draw(self)

    def _figure(self) -> Figure:
        # brings matplotlib
        from attn_widgets.widgets.stills.figures import card_figure

        return card_figure(self)

    def _shown(self, name: str, column: int, unit: Unit) -> Shown:
        layer, head = parse_head(name.rpartition(":")[2])
        return Shown(name, column, layer, head, self.head_map.trace_of(name, column, unit))

    def _page_traits(self, unit: Unit) -> dict[str, Any]:
        card = self._card(unit)
        names = dict.fromkeys([*(row["name"] for row in card["rows"]), self.beside])
        every = [self._shown(name, column, unit) for column in range(len(card["columns"])) for name in names]
        codes = sum(one.trace.n_queries * one.trace.n_keys / (2 if one.trace.causal else 1) for one in every)
        if codes > _PAGE_CODES:
            on_show = {picture["column"] for picture in self.windows["pictures"]}
            every = [one for one in every if one.column in on_show and one.name in (self.current, self.beside)]
        return {"card": card, "windows": windows_wire(every)}

    def _card(self, unit: Unit) -> dict[str, Any]:
        head_map = self.head_map
        rows = relatives(head_map, self.current)
        prompts = head_map.prompts
        pictures = (self._picture(row.name, i, unit) for row in rows for i in range(len(prompts)))
        return {
            "head": self.current,
            "model": self.model_name,
            "unit": unit,
            "units": self._units(),
            "exclude_first": head_map.exclude_first,
            "rule": RULE,
            "columns": [{"text": _shortened(text), "prompt": self._runnable(text)} for text in prompts],
            "rows": [self._row(row) for row in rows],
            "thumbs": pictures_wire(pictures, _SIDE),
        }

    def _row(self, row: Relative) -> dict[str, Any]:
        model, _, short = row.name.rpartition(":")
        layer, head = parse_head(short)
        return {
            "name": row.name,
            "layer": layer,
            "head": head,
            "model": model or self.head_map.models[0],
            "relation": row.relation,
            "distance": row.distance,
            "classes": list(row.classes),
            "motif": _motif(row),
        }

    def _runnable(self, text: str) -> str:
        """The prompt that a linked heatmap can run."""
        for source, trace in zip(self.head_map.sources, self.head_map.traces, strict=True):
            if prompt_text(trace) == text and source.editable and source.trace is trace:
                return source.text
        return text


def _motif(row: Relative) -> dict[str, Any] | None:
    """What a row is named by, as the table writes it; None where no motif is there."""
    if row.motif not in MOTIFS:
        return None
    motif = MOTIFS[row.motif]
    score = f"{row.score:.2f}" if np.isnan(row.spread) else f"{row.score:.2f} \N{PLUS-MINUS SIGN} {row.spread:.2f}"
    return {"label": motif.label, "color": motif.color, "score": score, "bits": f"{row.bits:.1f} bits"}


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "\N{HORIZONTAL ELLIPSIS}"
