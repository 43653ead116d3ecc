"""AttentionRun: a model and a prompt, kept up to date as a trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import traitlets as t

from attn_widgets.compute.computed import Computed
from attn_widgets.compute.prompts import plain_prompt
from attn_widgets.compute.source import NEEDS
from attn_widgets.forward.capturing import KEEPS, capture
from attn_widgets.models import Model, load_model
from attn_widgets.trace import Trace


class AttentionRun(Computed):
    """A model and a prompt; assign `prompt` and `trace`, with everything that shows it, follows.

    Parameters
    ----------
    model : Model or anything `load_model` accepts
    prompt : str or array of int
        As for `capture`.
    holds : {"auto", "patterns", "queries_keys"}
        What the trace holds, as `keep` of `capture`: patterns of short prompts, queries and keys of long ones.
    scores, value_norms : bool
        Keep attention scores, or the norms of the value vectors, too. A heatmap that is asked to show
        them switches these on.

    Raises
    ------
    ValueError
        If the model cannot read the prompt, or cannot keep what is asked for. Assigning raises it too and puts it into
        `error`; the input goes back to what it was, and `trace` stays.
    TypeError
        If an argument is unknown.

    Attributes
    ----------
    model : Model
    prompt : str or list of int
        Token ids of any kind of array become a list.
    trace : Trace
        What the model did with the prompt.
    text : str
        The prompt as text.
    busy : bool
        Whether the model is running.
    progress : float
        Share of the layers done, 0 to 1.
    error : str
        Why the last change was refused; "" when it was not.
    holds, scores, value_norms
        Inputs, as above.
    """

    model: t.TraitType[Any, Any] = t.Any().tag(input=True)
    prompt: t.TraitType[Any, Any] = t.Any().tag(input=True)
    holds: t.TraitType[Any, Any] = t.Enum(KEEPS, "auto").tag(input=True)
    scores = t.Bool(False).tag(input=True)
    value_norms = t.Bool(False).tag(input=True)

    trace: t.TraitType[Any, Any] = t.Instance(Trace, allow_none=True, read_only=True).tag(output=True)

    editable = True
    kinds = tuple(NEEDS)

    def __init__(self, model: Any, prompt: Any, **inputs: Any) -> None:
        # what the trace was made of
        self._made_of: tuple[Any, ...] = ()
        super().__init__(model=model, prompt=prompt, **inputs)

    @property
    def text(self) -> str:
        """The prompt as text."""
        model: Model = self.model
        return self.prompt if isinstance(self.prompt, str) else model.tokenizer.decode(self.prompt)

    def edit(self, text: str) -> None:
        """Assign `prompt`."""
        self.prompt = text

    def keep(self, kind: str) -> None:
        """Keep what a heatmap needs to show this kind.

        Raises
        ------
        ValueError
            If the model has no such thing.
        """
        need = NEEDS[kind]
        if need is not None:
            setattr(self, need, True)

    @t.validate("model")
    def _open_model(self, proposal: Any) -> Model:
        return load_model(proposal["value"])

    @t.validate("prompt")
    def _comparable_prompt(self, proposal: Any) -> Any:
        return plain_prompt(proposal["value"])

    def _check(self) -> None:
        self.model.encode(self.prompt)

    def _steps(self) -> Iterator[float]:
        yield 0.0
        trace, made_of = self.trace, (self.model, self.prompt, self.holds)
        wanted = {kind for kind, need in NEEDS.items() if need is None or getattr(self, need)}
        # what is kept already does no harm
        if trace is None or self._made_of != made_of or not wanted <= set(trace.kinds):
            trace = capture(
                self.model,
                self.prompt,
                keep=self.holds,
                scores=self.scores,
                value_norms=self.value_norms,
                progress=self._advance,
            )
        self._made_of = made_of
        self._output(trace=trace)
