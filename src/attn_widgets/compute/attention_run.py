"""AttentionRun: a model and a prompt, kept up to date as a trace."""

from __future__ import annotations

from typing import Any

import traitlets as t

from attn_widgets.arrays import as_numpy
from attn_widgets.forward.capturing import capture
from attn_widgets.models import Model, load_model
from attn_widgets.trace import Trace


class AttentionRun(t.HasTraits):
    """A model and a prompt; assign `prompt` and `trace`, with everything that shows it, follows.

    Parameters
    ----------
    model : Model or anything `load_model` accepts
    prompt : str or array of int
        As for `capture`.
    scores, value_norms : bool
        Keep attention scores, or the norms of the value vectors, too. A heatmap that is asked to show
        them switches these on.

    Raises
    ------
    ValueError
        If the model cannot read the prompt. Assigning a bad `prompt` raises it too, puts it into `error`,
        and leaves the last good `trace` in place.

    Attributes
    ----------
    model : Model
    prompt : str or list of int
        Token ids of any kind of array become a list.
    trace : Trace
        What the model did with the prompt.
    busy : bool
        Whether the model is running.
    progress : float
        Share of the layers done, 0 to 1.
    error : str
        Why the last prompt has no trace; "" when it has.
    scores, value_norms : bool
        Inputs, as above.
    """

    model: t.TraitType[Any, Any] = t.Any()
    prompt: t.TraitType[Any, Any] = t.Any()
    scores = t.Bool(False)
    value_norms = t.Bool(False)

    trace = t.Instance(Trace, allow_none=True, read_only=True)
    busy = t.Bool(False, read_only=True)
    progress = t.Float(0.0, read_only=True)
    error = t.Unicode("", read_only=True)

    def __init__(self, model: Any, prompt: Any, *, scores: bool = False, value_norms: bool = False) -> None:
        super().__init__(model=model, prompt=prompt, scores=scores, value_norms=value_norms)
        self._run()
        self.observe(self._run, ["model", "prompt", "scores", "value_norms"])

    @t.validate("model")
    def _open_model(self, proposal: Any) -> Model:
        return load_model(proposal["value"])

    @t.validate("prompt")
    def _comparable_prompt(self, proposal: Any) -> Any:
        value = proposal["value"]
        # arrays have no single truth when compared, which is how a trait sees whether it changed
        return value if isinstance(value, str) else as_numpy(value).tolist()

    def _run(self, change: Any = None) -> None:
        if change is not None and change["name"] in ("scores", "value_norms") and not change["new"]:
            return  # what is kept already does no harm
        self.set_trait("progress", 0.0)
        self.set_trait("busy", True)
        try:
            self.set_trait("trace", self._capture())
        finally:
            self.set_trait("busy", False)

    def _capture(self) -> Trace:
        try:
            trace: Trace = capture(
                self.model,
                self.prompt,
                scores=self.scores,
                value_norms=self.value_norms,
                progress=lambda share: self.set_trait("progress", share),
            )
        except Exception as error:
            self.set_trait("error", str(error) or type(error).__name__)
            raise
        self.set_trait("error", "")
        return trace
