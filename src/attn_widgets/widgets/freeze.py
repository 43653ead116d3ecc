"""FreezePanel: edit a prompt, hold the patterns, and see what moved and which way it went."""

from __future__ import annotations

from typing import Any

import traitlets as t

from attn_widgets.bundles import bundle
from attn_widgets.compute.frozen_run import FrozenRun
from attn_widgets.models.suggest import suggest_tokens
from attn_widgets.trace import Trace
from attn_widgets.widgets.heatmap import AttentionHeatmap
from attn_widgets.widgets.pattern_widget import trace_name
from attn_widgets.widgets.wire.freeze import attribution_wire, effects_wire, next_tokens_wire
from attn_widgets.widgets.wire.pattern import encode_matrix

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
_OBSERVED = ("live", "held", "refused", *_SHARED, *_OUTPUTS)


class FreezePanel(AttentionHeatmap):
    """A switch that holds the attention patterns, and everything it changes, in the browser.

    Edit the prompt token by token, and compare the baseline, the edited prompt live, and the edited prompt with the
    baseline's patterns held: the pattern of any head (or live - frozen), the next tokens, how much of the change went
    through what is moved (OV) and how much through where it is moved from (QK), and which heads and source tokens the
    logit came from. Heads can be held one by one, and knocked out.

    Parameters
    ----------
    frozen_run : FrozenRun
        Its inputs and this panel's traits of the same names follow each other. What is changed in the browser is
        computed while the kernel is free, and a newer change cancels an older one.
    layer, head, query, key, palette, scale, strip : optional
        As for `AttentionHeatmap`.
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
    layer, head, query, key, kind, palette, scale, strip, busy, progress, error
        As for `AttentionHeatmap`.
    """

    _esm = bundle("freeze.js")
    _css = bundle("freeze.css")
    _run: FrozenRun

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
    asked = t.Dict().tag(sync=True, echo_update=False)
    suggestions = t.Dict(read_only=True).tag(sync=True)

    def __init__(self, frozen_run: FrozenRun, **traits: Any) -> None:
        if not isinstance(frozen_run, FrozenRun):
            raise TypeError(f"frozen_run is a {type(frozen_run).__name__}; expected a FrozenRun(AttentionRun(...))")
        super().__init__(frozen_run, **traits)
        frozen_run.observe(self._on_run, _OBSERVED)
        self.observe(self._on_input, list(_SHARED))
        for name in _SHARED:
            if name in traits:
                self._on_input({"name": name, "new": traits[name]})
        self._mirror_inputs()
        for name in _OUTPUTS:
            self._send_output(name)

    @property
    def trace(self) -> Trace:
        """The live trace of the edited prompt."""
        trace: Trace | None = self._run.live
        assert trace is not None
        return trace

    @property
    def trace_id(self) -> str:
        """Names the pair of traces, live and held, on the wire."""
        return f"{trace_name(self.trace)}-{trace_name(self._held)}"

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sent; the model runs when the kernel is free."""
        with self._run.between_messages():
            super().set_state(sync_data)

    def close(self) -> None:
        """Let go of the run and close every view."""
        if self.comm is not None:
            self._run.unobserve(self._on_run, _OBSERVED)
        super().close()

    def page_state(self) -> dict[str, Any]:
        own = ("ids", "baseline", *_SHARED, *_OUTPUTS)
        return super().page_state() | {name: getattr(self, name) for name in own} | {"asked": {}, "suggestions": {}}

    @property
    def _held(self) -> Trace:
        trace: Trace | None = self._run.held
        assert trace is not None
        return trace

    def _on_run(self, change: Any) -> None:
        name = change["name"]
        if name in ("live", "held"):
            self._show_trace()
        elif name in _SHARED:
            self._mirror_inputs()
            if name == "frozen":
                self._send_output("attribution")
        elif name in _OUTPUTS:
            self._send_output(name)
        elif name == "refused":
            self._send_output("attribution")
        elif name != "trace":
            self._mirror()

    def _on_input(self, change: Any) -> None:
        name, value = change["name"], change["new"]
        if value == self._written(name):
            return
        try:
            setattr(self._run, name, None if value == "" else value)
        except Exception:
            # an error of the run is in `error`, under the widget; anything else is not ours to hide
            if not self._run.error:
                self._mirror_inputs()
                raise

    def _mirror_inputs(self) -> None:
        with self.hold_sync():
            for name in _SHARED:
                setattr(self, name, self._written(name))
            if self.kind != "difference":
                self.kind = "frozen" if self.frozen else "live"

    def _written(self, name: str) -> Any:
        """An input of the run as this panel has it: tokens as the model spells them, and no None."""
        value = getattr(self._run, name)
        if value is None:
            return _SHARED[name]
        if name == "watched":
            return [_word(self._run, token) for token in value]
        return _word(self._run, value) if name in ("target", "versus") else value

    @t.observe("prompt")
    def _on_prompt(self, change: Any) -> None:
        if change["new"] == self.baseline.get("text"):
            # what token ids decode to need not encode to the same ids
            self._run.reset()
        else:
            super()._on_prompt(change)

    @t.observe("ids")
    def _on_ids(self, change: Any) -> None:
        if change["new"] and change["new"] not in (self._run.token_ids, self._run.prompt):
            try:
                self._run.prompt = change["new"]
            except Exception:
                if not self._run.error:
                    raise

    @t.observe("asked")
    def _on_asked(self, change: Any) -> None:
        asked = change["new"]
        position, text, ids = asked.get("position", -1), asked.get("text", ""), self._run.token_ids
        if not 0 <= position < len(ids):
            return
        found = suggest_tokens(self._run.model, ids[position], text)
        words = self._run.model.tokenizer.token_strings(found)
        tokens = [{"id": i, "text": word} for i, word in zip(found, words, strict=True)]
        self.set_trait("suggestions", {"position": position, "text": text, "tokens": tokens})

    def _show_trace(self) -> None:
        run, trace = self._run, self._run.baseline
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
        self.set_trait(name, _OUTPUTS[name](self._run))

    def _motifs(self, trace: Trace) -> dict[str, Any]:
        return {}

    def _kinds_here(self) -> tuple[str, ...]:
        return _KINDS

    def _kinds_on_page(self) -> list[str]:
        return list(_KINDS)

    def _encode(self, kind: str, layer: int, head: int) -> dict[str, Any]:
        live, held = self.trace.head((layer, head)), self._held.head((layer, head))
        matrix = {"live": live, "frozen": held, "difference": live - held}[kind]
        wire = encode_matrix(matrix, causal=self.trace.causal, signed=kind == "difference")
        return wire | {"trace_id": self.trace_id, "kind": kind, "layer": layer, "head": head}


def _word(run: FrozenRun, token: str | int) -> str:
    try:
        return run.model.tokenizer.token_strings([run.model.token_id(token)])[0]
    except ValueError:
        # no single token; the run's error says so
        return str(token)
