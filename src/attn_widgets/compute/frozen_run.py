"""FrozenRun: a baseline and an edited prompt, run live and with the baseline's patterns held, kept up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import traitlets as t

from attn_widgets.arrays import as_numpy
from attn_widgets.circuits.alignment import Alignment, align
from attn_widgets.circuits.attribution import Attribution, NotExact, attribution_of
from attn_widgets.circuits.effects import Effects, effects_at
from attn_widgets.circuits.freezing import Frozen, record_baseline
from attn_widgets.circuits.knock_out import knocked_out
from attn_widgets.compute.attention_run import AttentionRun
from attn_widgets.compute.latest import Latest
from attn_widgets.compute.memo import Memo
from attn_widgets.compute.next_tokens import NextTokens, next_tokens
from attn_widgets.forward.recording import Recording, record
from attn_widgets.models import Model
from attn_widgets.names import check_head, head_name
from attn_widgets.trace import Trace

_INPUTS = (
    "prompt",
    "frozen",
    "heads",
    "norms",
    "mlps",
    "knocked_out",
    "align",
    "position",
    "target",
    "versus",
    "watched",
)


class FrozenRun(t.HasTraits):
    """What a model makes of an edited prompt, live and with the attention patterns of the original held.

    Assign any input and what depends on it is computed again, and nothing else. The baseline is the run's prompt; a
    new prompt there starts afresh.

    Parameters
    ----------
    run : AttentionRun
        The baseline.
    **inputs
        Any of the inputs below.

    Raises
    ------
    ValueError
        If the model cannot be frozen or cannot read the prompt, if the prompt has another length and `align` is
        not set, or if a token is no single token. Assigning raises it too, puts it into `error`, and leaves the last
        good outputs in place.

    Attributes
    ----------
    run : AttentionRun
    prompt : str or list of int
        Input: the edited prompt, or its token ids; at first the run's.
    frozen : bool
        Input: the switch, which decides what `trace` and `attribution` are of.
    heads : list of str or None
        Input: whose patterns are held; None, the default, means all.
    norms, mlps : bool
        Inputs: hold norm scales and MLP outputs too.
    knocked_out : list of str
        Input: heads that write nothing, live and frozen.
    align : {"left", "right"} or None
        Input: how to hold patterns on a prompt of another length; see `Frozen.logits`.
    position : int
        Input: the query whose next token is looked at; negative counts from the end.
    target, versus : str, int or None
        Inputs: the token that `attribution` splits (None: the baseline's likeliest), and its rival for a logit
        difference.
    watched : list of str or int
        Input: tokens to have among `next_tokens` besides the likeliest.
    target_id : int
    versus_id : int or None
        Token ids of target and versus as last computed.
    baseline, live, held : Trace
        The patterns of the baseline, of the edited prompt, and of the edited prompt with patterns held.
    trace : Trace
        `held` while frozen, else `live`.
    next_tokens : NextTokens
        For the runs `"baseline"`, `"live"` and `"frozen"`.
    effects : Effects
        The 2 x 2 of tokens and patterns.
    attribution : Attribution or None
        Of the run in effect; None where it cannot be exact, with the reason in `refused`.
    refused : str
    busy : bool
    progress : float
        Share of the work done, 0 to 1.
    error : str
        Why the last change has no result; "" when it has.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> run = aw.AttentionRun("toy-induction", "The cat sat on the mat. The cat sat on the")
    >>> frozen_run = aw.FrozenRun(run, frozen=True)
    >>> frozen_run.prompt = "The dog sat on the mat. The cat sat on the"
    >>> frozen_run.next_tokens.to_frame().columns.tolist()
    ['token', 'id', 'baseline', 'live', 'frozen']
    """

    prompt: t.TraitType[Any, Any] = t.Any()
    frozen = t.Bool(False)
    heads = t.List(t.Unicode(), None, allow_none=True)
    norms = t.Bool(False)
    mlps = t.Bool(False)
    knocked_out = t.List(t.Unicode())
    align: t.TraitType[Any, Any] = t.Enum(("left", "right"), None, allow_none=True)
    position = t.Int(-1)
    target: t.TraitType[Any, Any] = t.Union([t.Unicode(), t.Int()], default_value=None, allow_none=True)
    versus: t.TraitType[Any, Any] = t.Union([t.Unicode(), t.Int()], default_value=None, allow_none=True)
    watched = t.List(t.Union([t.Unicode(), t.Int()]))

    baseline = t.Instance(Trace, allow_none=True, read_only=True)
    live = t.Instance(Trace, allow_none=True, read_only=True)
    held = t.Instance(Trace, allow_none=True, read_only=True)
    trace = t.Instance(Trace, allow_none=True, read_only=True)
    next_tokens = t.Instance(NextTokens, allow_none=True, read_only=True)
    effects = t.Instance(Effects, allow_none=True, read_only=True)
    attribution = t.Instance(Attribution, allow_none=True, read_only=True)
    refused = t.Unicode("", read_only=True)
    busy = t.Bool(False, read_only=True)
    progress = t.Float(0.0, read_only=True)
    error = t.Unicode("", read_only=True)

    def __init__(self, run: AttentionRun, **inputs: Any) -> None:
        if not isinstance(run, AttentionRun):
            raise TypeError(f"run is a {type(run).__name__}; expected an AttentionRun(model, prompt)")
        unknown = sorted(set(inputs) - set(_INPUTS))
        if unknown:
            raise TypeError(f"FrozenRun got {unknown[0]!r}; expected any of {', '.join(_INPUTS)}")
        self._source = run
        self.target_id = 0
        self.versus_id: int | None = None
        self._memo = Memo()
        self._latest = Latest(lambda share: self.set_trait("progress", share), self._end)
        super().__init__(**{"prompt": run.prompt, **inputs})
        self._restart()
        self.observe(self._restart, _INPUTS)
        run.observe(self._start_afresh, "trace")

    @property
    def run(self) -> AttentionRun:
        """The run of the baseline."""
        return self._source

    @property
    def model(self) -> Model:
        """The run's model."""
        model: Model = self._source.model
        return model

    @property
    def text(self) -> str:
        """The edited prompt as text."""
        return self.prompt if isinstance(self.prompt, str) else self.model.tokenizer.decode(self.prompt)

    @property
    def token_ids(self) -> list[int]:
        """`[seq]`, of the edited prompt as last run."""
        trace = self.live
        return [] if trace is None or trace.token_ids is None else [int(i) for i in trace.token_ids]

    def reset(self) -> None:
        """Take back the edits: the prompt is the baseline's again."""
        self.prompt = self._source.prompt

    def between_messages(self) -> AbstractContextManager[None]:
        """Within, changes are computed when the notebook's kernel is free, and newer ones cancel older ones."""
        return self._latest.between_messages()

    def close(self) -> None:
        """Let go of the run."""
        self._source.unobserve(self._start_afresh, "trace")

    @t.validate("prompt")
    def _comparable(self, proposal: Any) -> Any:
        value = proposal["value"]
        # arrays have no single truth when compared, which is how a trait sees whether it changed
        return value if isinstance(value, str) else as_numpy(value).tolist()

    @t.validate("heads", "knocked_out")
    def _exist(self, proposal: Any) -> list[str] | None:
        name, value = proposal["trait"].name, proposal["value"]
        if value is None:
            return None
        try:
            heads = [check_head(head, self.model.n_layers, self.model.n_heads, name) for head in value]
        except ValueError as error:
            raise t.TraitError(str(error)) from error
        return [head_name(*head) for head in sorted(set(heads))]

    def _start_afresh(self, change: Any) -> None:
        self._memo.clear()
        self.prompt = self._source.prompt
        self._restart()

    def _restart(self, change: Any = None) -> None:
        self.set_trait("progress", 0.0)
        self.set_trait("busy", True)
        self._latest.start(self._steps())

    def _end(self, error: Exception | None) -> None:
        self.set_trait("error", "" if error is None else str(error) or type(error).__name__)
        self.set_trait("busy", False)

    def _steps(self) -> Iterator[float]:
        """All the work there may be, in steps of at most one forward pass; what is known is not done again."""
        model, trace = self.model, self._source.trace
        assert trace is not None
        base = self._memo.once("base", trace, lambda: record_baseline(model, trace))
        yield 0.2
        ids = tuple(model.encode(self.prompt))
        side = align(len(base.ids), len(ids), self.align)
        frozen = self._memo.once(
            "frozen",
            (base, self.heads, self.norms, self.mlps),
            lambda: Frozen(model, base, self.heads, self.norms, self.mlps),
        )
        out = tuple(self.knocked_out)
        hooks = knocked_out(check_head(head, model.n_layers, model.n_heads) for head in out)
        unchanged = ids == base.ids and not out
        live = base if unchanged else self._memo.once("live", (base, ids, out), lambda: record(model, ids, hooks))
        yield 0.4
        # held to itself, a prompt gives what it gave
        held = (
            base
            if unchanged
            else self._memo.once("held", (frozen, ids, out, side), lambda: frozen.record(list(ids), self.align, hooks))
        )
        yield 0.6
        self._show(base, live, held, side)

        alone = (
            base.logits
            if not out
            else self._memo.once("alone", (frozen, out), lambda: frozen.record(list(base.ids), hooks=hooks).logits)
        )
        yield 0.8
        swapped = (
            base.logits
            if unchanged
            else self._memo.once("swapped", (frozen, live, side), lambda: frozen.swapped_logits(live, side, hooks))
        )
        cells = [alone, swapped], [held.logits, live.logits]
        self.set_trait("effects", effects_at(model, *cells, self._at(side), side))
        yield 0.9
        self._attribute(held if self.frozen else live, side)

    def _show(self, base: Recording, live: Recording, held: Recording, side: Alignment) -> None:
        at = self._at(side)
        watched = [self.model.token_id(token, "watched") for token in self.watched]
        at_base = base.logits[side.base_position(at)]
        target = int(at_base.argmax()) if self.target is None else self.model.token_id(self.target, "target")
        versus = None if self.versus is None else self.model.token_id(self.versus, "versus")
        logits = {
            "baseline": at_base,
            "live": live.logits[at],
            "frozen": held.logits[at],
        }
        found = next_tokens(self.model, logits, at % side.n_new, watched)
        self.target_id, self.versus_id = target, versus
        with self.hold_trait_notifications():
            self.set_trait("baseline", self._source.trace)
            self.set_trait("live", self._trace("live trace", live, base))
            self.set_trait("held", self._trace("held trace", held, base))
            self.set_trait("trace", self.held if self.frozen else self.live)
            self.set_trait("next_tokens", found)

    def _at(self, side: Alignment) -> int:
        """The position, written from the end where it is the last, which both prompts have."""
        return -1 if self.position == side.n_new - 1 else self.position

    def _attribute(self, recording: Recording, side: Alignment) -> None:
        at = self._at(side)
        out = [check_head(head, self.model.n_layers, self.model.n_heads) for head in self.knocked_out]
        try:
            split: Attribution | None = attribution_of(
                self.model, _without(recording, out), at, self.target_id, self.versus_id
            )
            refused = ""
        except NotExact as error:
            split, refused = None, str(error)
        with self.hold_trait_notifications():
            self.set_trait("attribution", split)
            self.set_trait("refused", refused)

    def _trace(self, name: str, recording: Recording, base: Recording) -> Trace:
        if recording is base:
            assert self._source.trace is not None
            return self._source.trace
        model = self.model
        special = model.tokenizer.special_ids

        def make() -> Trace:
            return Trace(
                patterns=np.stack([pattern.float().cpu().numpy() for pattern in recording.patterns]),
                tokens=tuple(model.tokenizer.token_strings(recording.ids)),
                token_ids=np.array(recording.ids, dtype=np.int64),
                model_name=model.name,
                causal=model.causal,
                special=tuple(position for position, i in enumerate(recording.ids) if i in special),
            )

        return self._memo.once(name, recording, make)


def _without(recording: Recording, heads: list[tuple[int, int]]) -> Recording:
    """The recording of a run in which these heads wrote nothing, so that they contributed nothing."""
    if not heads:
        return recording
    patterns = [pattern.clone() for pattern in recording.patterns]
    for layer, head in heads:
        patterns[layer][head] = 0
    return recording.with_patterns(patterns)
