"""FreezePanel: edit a prompt, hold the patterns, and see what moved and which way it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from attn_widgets.bundles import bundle
from attn_widgets.compute.frozen_run import FrozenRun
from attn_widgets.models.suggest import suggest_tokens
from attn_widgets.tiles import Matrix, matrix_of
from attn_widgets.trace import Trace
from attn_widgets.widgets.pattern_widget import PatternWidget
from attn_widgets.widgets.stills.words import head_words
from attn_widgets.widgets.wire.freeze import attribution_wire, effects_wire, next_tokens_wire
from attn_widgets.widgets.wire.names import trace_name

_KINDS = ("live", "frozen", "difference")
# inputs of the run that are traits of the same name here, and what stands here for None there
_SHARED: dict[str, Any] = {
    "frozen": False,
    "heads": None,
    "norms": False,
    "mlps": False,
    "knocked_out": [],
    "align": "",
    "position": -1,
    "target": "",
    "versus": "",
    "watched": [],
}
_OUTPUTS = {"next_tokens": next_tokens_wire, "effects": effects_wire, "attribution": attribution_wire}
# what an output says besides, and is sent again for
_PART_OF = {"refused": ("attribution",), "frozen": ("attribution",)} | dict.fromkeys(
    ("target_id", "versus_id"), ("effects", "attribution")
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure
_OBSERVED = ("live", "held", *_SHARED, *_OUTPUTS, *(name for name in _PART_OF if name not in _SHARED))


class FreezePanel(PatternWidget):
    """A switch that holds the attention patterns, and everything it changes, in the browser.

    Edit the prompt token by token, and compare the baseline, the edited prompt live, and the edited prompt with the
    baseline's patterns held: the pattern of any head (or live - frozen), the next tokens, how much of the change went
    past the heads (direct), through what they move (OV), through where they move it from (QK) and through both at once,
    and which heads and source tokens the logit came from. Heads can be held one by one, and knocked out.

    Parameters
    ----------
    frozen_run : FrozenRun
        Its inputs and this panel's traits of the same names follow each other. What is changed in the browser is
        computed while the kernel is free, and a newer change cancels an older one.
    layer, head, query, key, palette, scale, strip, overlays : optional
        As for `AttentionHeatmap`; motifs are those of the run on show.
    kind : {"live", "frozen", "difference"}, optional
        Which pattern to show: that of the edited prompt, live or held, or live - held. The switch sets it.

    Raises
    ------
    TypeError
        If `frozen_run` is not a FrozenRun.
    traitlets.TraitError
        If a head or position does not exist.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> run = aw.AttentionRun("toy-induction", "The cat sat on the mat. The cat sat on the")
    >>> panel = aw.FreezePanel(aw.FrozenRun(run), layer=1, head=1)
    >>> panel.frozen = True

    Attributes
    ----------
    frozen, heads, norms, mlps, knocked_out, align, position, target, versus, watched
        Those of the `FrozenRun`; "" where that has None.
    prompt : str
        The edited prompt as text.
    ids : list of int
        Its token ids.
    layer, head, query, key, kind, palette, scale, strip, overlays, busy, progress, error
        As for `AttentionHeatmap`.
    """

    _bundle = "freeze"
    _esm = bundle("freeze.js")
    _css = bundle("freeze.css")
    kind = t.Enum(_KINDS, "live").tag(sync=True)
    ids = t.List(t.Int()).tag(sync=True)

    frozen = t.Bool(False).tag(sync=True)
    heads = t.List(t.Unicode(), None, allow_none=True).tag(sync=True)
    norms = t.Bool(False).tag(sync=True)
    mlps = t.Bool(False).tag(sync=True)
    knocked_out = t.List(t.Unicode()).tag(sync=True)
    align = t.Enum(("", "left", "right"), "").tag(sync=True)
    position = t.Int(-1).tag(sync=True)
    target = t.Unicode("").tag(sync=True)
    versus = t.Unicode("").tag(sync=True)
    watched = t.List(t.Unicode()).tag(sync=True)

    baseline = t.Dict(read_only=True).tag(sync=True)
    next_tokens = t.Dict(read_only=True).tag(sync=True)
    effects = t.Dict(read_only=True).tag(sync=True)
    attribution = t.Dict(read_only=True).tag(sync=True)

    # the browser asks for tokens to put at a position
    asked = t.Dict().tag(sync=True, echo_update=False, page={})
    suggestions = t.Dict(read_only=True).tag(sync=True, page={})

    def __init__(self, frozen_run: FrozenRun, **traits: Any) -> None:
        if not isinstance(frozen_run, FrozenRun):
            raise TypeError(f"frozen_run is a {type(frozen_run).__name__}; expected a FrozenRun(AttentionRun(...))")
        super().__init__(frozen_run, **traits)
        self.observe(self._on_input, list(_SHARED))
        for name in _SHARED:
            if name in traits:
                self._on_input({"name": name, "new": traits[name]})
        self._mirror_inputs()
        for name in _OUTPUTS:
            self._send_output(name)

    @property
    def frozen_run(self) -> FrozenRun:
        """What is shown."""
        assert isinstance(self._source, FrozenRun)
        return self._source

    @property
    def trace(self) -> Trace:
        """The live trace of the edited prompt."""
        trace: Trace | None = self.frozen_run.live
        assert trace is not None
        return trace

    def _name_of(self, trace: Trace) -> str:
        """Names the pair of traces, live and held."""
        return f"{trace_name(self.trace)}-{trace_name(self._held)}"

    @property
    def _held(self) -> Trace:
        trace: Trace | None = self.frozen_run.held
        assert trace is not None
        return trace

    def _observed(self) -> tuple[str, ...]:
        return (*(name for name in super()._observed() if name != "trace"), *_OBSERVED)

    def _on_source(self, change: Any) -> None:
        self._heard(change)
        name = change["name"]
        if name in ("live", "held"):
            self._show_trace()
        elif name in _SHARED:
            self._mirror_inputs()
        elif name in _OUTPUTS:
            self._send_output(name)
        elif name not in _PART_OF:
            self._mirror()
        for output in _PART_OF.get(name, ()):
            self._send_output(output)

    def _on_input(self, change: Any) -> None:
        name, value = change["name"], change["new"]
        if value != self._written(name):
            self._pass_on(lambda: setattr(self.frozen_run, name, None if value == "" else value))

    def _mirror(self) -> None:
        super()._mirror()
        self._mirror_inputs()

    def _mirror_inputs(self) -> None:
        with self.hold_sync():
            for name in _SHARED:
                setattr(self, name, self._written(name))
            if self.kind != "difference":
                self.kind = "frozen" if self.frozen else "live"

    def _written(self, name: str) -> Any:
        """An input of the run as this panel has it: tokens as the model spells them, and no None."""
        value = getattr(self.frozen_run, name)
        if value is None:
            return _SHARED[name]
        if name == "watched":
            return [_word(self.frozen_run, token) for token in value]
        return _word(self.frozen_run, value) if name in ("target", "versus") else value

    @t.observe("prompt")
    def _on_prompt(self, change: Any) -> None:
        run = self.frozen_run
        if change["new"] == self.baseline.get("text") != run.text:
            # what token ids decode to need not encode to the same ids
            self._pass_on(run.reset)
        else:
            super()._on_prompt(change)

    @t.observe("ids")
    def _on_ids(self, change: Any) -> None:
        run = self.frozen_run
        if change["new"] and change["new"] not in (run.token_ids, run.prompt):
            self._pass_on(lambda: setattr(run, "prompt", change["new"]))

    @t.observe("kind")
    def _other_motifs(self, change: Any) -> None:
        if self.trace_info:
            self._on_motifs()

    @t.observe("asked")
    def _on_asked(self, change: Any) -> None:
        asked, run = change["new"], self.frozen_run
        position, text, ids = asked.get("position", -1), asked.get("text", ""), run.token_ids
        if not isinstance(position, int) or not isinstance(text, str) or not 0 <= position < len(ids):
            return
        found = suggest_tokens(run.model, ids[position], text)
        words = run.model.tokenizer.token_strings(found)
        tokens = [{"id": i, "text": word} for i, word in zip(found, words, strict=True)]
        self.set_trait("suggestions", {"position": position, "text": text, "tokens": tokens})

    def _show_trace(self) -> None:
        run, trace = self.frozen_run, self.frozen_run.baseline
        assert trace is not None
        with self.hold_sync():
            self.ids = run.token_ids
            before = run.run.prompt
            text = before if isinstance(before, str) else run.model.tokenizer.decode(before)
            ids = [] if trace.token_ids is None else [int(i) for i in trace.token_ids]
            about = {"id": trace_name(trace), "text": text, "tokens": list(trace.tokens), "ids": ids}
            self.set_trait("baseline", about)
            # they were about another prompt; asking the same again must be a change
            self.asked = {}
            self.set_trait("suggestions", {})
            super()._show_trace()

    def _send_output(self, name: str) -> None:
        self.set_trait(name, _OUTPUTS[name](self.frozen_run))

    def _measured(self) -> Trace:
        """That of the run on show; a difference has no motifs of its own: those of the live run."""
        return self._held if self.kind == "frozen" else self.trace

    def _describe(self, trace: Trace) -> dict[str, Any]:
        return super()._describe(trace) | {"kinds": list(_KINDS)}

    def _says(self) -> str:
        line = head_words(type(self).__name__, self._measured(), self.layer, self.head)
        state = "frozen" if self.frozen else "live"
        rows = self.next_tokens.get("rows")
        if not rows:
            return f"{line}; {state}"
        best = max(rows, key=lambda row: row[state]["probability"])
        return f"{line}; {state}: next token {best['text']!r} {best[state]['probability']:.2f}"

    def _draw(self) -> tuple[bytes, int, int]:
        # brings Pillow
        from attn_widgets.widgets.stills.freeze import draw

        return draw(self)

    def _figure(self) -> Figure:
        # brings matplotlib
        from attn_widgets.widgets.stills.figures import freeze_figure

        return freeze_figure(self)

    def _matrix(self, trace: Trace, kind: str, head: tuple[int, int]) -> Matrix:
        live, held = matrix_of(self.trace, head), matrix_of(self._held, head)
        return live.minus(held) if kind == "difference" else held if kind == "frozen" else live

    def _kinds_here(self) -> tuple[str, ...]:
        return _KINDS

    def _kinds_on_page(self) -> list[str]:
        return list(_KINDS)


def _word(run: FrozenRun, token: str | int) -> str:
    try:
        return run.model.tokenizer.token_strings([run.model.token_id(token)])[0]
    except ValueError:
        # no single token; the run's error says so
        return str(token)
