"""`ablate`: a model, a trace and heads -> what their loss does to logits and loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import torch
from torch import Tensor

from attn_widgets.circuits.baseline import record_baseline
from attn_widgets.circuits.freezing import Head
from attn_widgets.circuits.knock_out import knocked_out, mean_outputs
from attn_widgets.circuits.over_prompts import OverPrompts, over
from attn_widgets.circuits.restarts import Restarts
from attn_widgets.forward.capturing import is_list_of_prompts
from attn_widgets.forward.recording import Recording
from attn_widgets.models import Model, load_model
from attn_widgets.models.places import Hook
from attn_widgets.names import check_head, head_name

if TYPE_CHECKING:
    from attn_widgets.circuits.baseline import Baseline, Baselines

How = Literal["zero", "mean", "pattern_preserving"]
_HOWS = ("zero", "mean", "pattern_preserving")


@dataclass(frozen=True, eq=False, repr=False)
class Ablation:
    """A prompt without some heads; made by `ablate`.

    Attributes
    ----------
    model : Model
    heads : tuple of str
        Those taken away, all at once.
    how : str
        What was put in their place.
    logits, baseline_logits : torch.Tensor
        `[seq, vocab]`, with the heads ablated and as the model is.
    token_losses, baseline_token_losses : torch.Tensor
        `[seq - 1]`, float32, in nats: how surprising each next token of the prompt is.
    """

    model: Model
    heads: tuple[str, ...]
    how: How
    logits: Tensor
    baseline_logits: Tensor
    token_losses: Tensor
    baseline_token_losses: Tensor

    def __repr__(self) -> str:
        return (
            f"<Ablation of {', '.join(self.heads)} in {self.model.name} ({self.how}): loss {self.baseline_loss:.4g} -> "
            f"{self.loss:.4g} nats>"
        )

    @property
    def change(self) -> Tensor:
        """`[seq, vocab]`: ablated logits less those of the model as it is."""
        return self.logits - self.baseline_logits

    @property
    def loss(self) -> float:
        """Mean over the prompt's next tokens, in nats; NaN for a prompt of one token."""
        return float(self.token_losses.mean())

    @property
    def baseline_loss(self) -> float:
        """The same for the model as it is."""
        return float(self.baseline_token_losses.mean())

    @property
    def loss_change(self) -> float:
        """How much worse the model predicts the prompt without these heads, in nats a token."""
        return self.loss - self.baseline_loss

    def numbers(self) -> dict[str, float]:
        """The losses; logits are a matter of each prompt."""
        return {"loss": self.loss, "baseline_loss": self.baseline_loss, "loss_change": self.loss_change}


@overload
def ablate(
    model: Any, trace: Baseline, heads: Sequence[Head], how: How = "zero", *, reference: Baselines | None = None
) -> Ablation: ...


@overload
def ablate(
    model: Any, trace: Baselines, heads: Sequence[Head], how: How = "zero", *, reference: Baselines | None = None
) -> OverPrompts[Ablation]: ...


def ablate(
    model: Any,
    trace: Baseline | Baselines,
    heads: Sequence[Head],
    how: How = "zero",
    *,
    reference: Baselines | None = None,
) -> Ablation | OverPrompts[Ablation]:
    """Take heads away, all at once, and see what becomes of the logits and the loss.

    The ablated run starts at the first layer with such a head; what comes before is known from the prompt's own run.

    Parameters
    ----------
    model : Model or anything `load_model` accepts
    trace : Trace, str, array of int, or list of these
        The prompt, or its trace, captured from this model. For several calls on the same prompt pass what `freeze`
        returned: it has run already.
    heads : list of str or (int, int)
        Such as `["L1H3"]`.
    how : {"zero", "mean", "pattern_preserving"}
        Replace what the heads output by zero, or by its mean; or by zero with every attention pattern held as it was,
        so that heads which only shape later patterns do not count (Olsson et al. 2022, "In-context Learning and
        Induction Heads").
    reference : list of prompts or traces, optional
        For `how="mean"`: the mean is over all positions of all of these together, the usual definition (Wang et
        al. 2022, "Interpretability in the Wild"). Without it the mean is over the positions of the prompt itself,
        which leaves what the head says at every position of it.

    Returns
    -------
    Ablation, or OverPrompts of them
        For a list of prompts: each ablation, and mean and spread of the losses, every prompt counting alike. Each
        keeps its logits.

    Raises
    ------
    ValueError
        If `heads` is empty or names one that does not exist, `how` is unknown or does not go with `reference`, or the
        trace was not made by this model; for a list it says which prompt.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> model = aw.load_model("toy-induction", device="cpu")
    >>> trace = aw.capture(model, "The cat sat on the mat. The cat sat on the")
    >>> aw.ablate(model, trace, ["L1H0", "L1H1", "L1H2", "L1H3"]).loss_change > 0
    True
    """
    model = load_model(model)
    if how not in _HOWS:
        raise ValueError(f"how is {how!r}; expected one of {', '.join(map(repr, _HOWS))}")
    if isinstance(heads, str) or not heads:
        raise ValueError(f'heads is {heads!r}; expected a list of at least one head, such as ["L1H3"]')
    places = [check_head(head, model.n_layers, model.n_heads, "heads") for head in heads]
    hooks = knocked_out(places, _instead(model, places, how, reference))
    return cast(
        "Ablation | OverPrompts[Ablation]",
        over(model, trace, lambda one, i: _ablation(model, record_baseline(model, one), places, how, hooks)),
    )


def _instead(model: Model, places: list[tuple[int, int]], how: How, reference: Any) -> Any:
    """What heads are replaced by: see `knocked_out`."""
    if reference is None:
        return "mean" if how == "mean" else "zero"
    if how != "mean":
        raise ValueError(f'reference is given, but how is {how!r}; what it is for is how="mean"')
    if not is_list_of_prompts(reference):
        raise ValueError(f"reference is one {type(reference).__name__}; expected a list of prompts or traces")
    try:
        return mean_outputs((record_baseline(model, one) for one in reference), places)
    except ValueError as error:
        raise ValueError(f"reference: {error}") from error


def _ablation(
    model: Model, baseline: Recording, places: list[tuple[int, int]], how: How, hooks: Sequence[Hook]
) -> Ablation:
    logits = Restarts(model, baseline).run(hooks, hold=how == "pattern_preserving")
    return Ablation(
        model=model,
        heads=tuple(head_name(*place) for place in dict.fromkeys(places)),
        how=how,
        logits=logits,
        baseline_logits=baseline.logits,
        token_losses=token_losses(logits, baseline.ids),
        baseline_token_losses=token_losses(baseline.logits, baseline.ids),
    )


def token_losses(logits: Tensor, ids: Sequence[int]) -> Tensor:
    """Cross-entropy of each next token, in nats: logits `[seq, vocab]` -> `[seq - 1]`, float32."""
    following = torch.tensor(list(ids[1:]), dtype=torch.long, device=logits.device)
    losses: Tensor = torch.nn.functional.cross_entropy(logits[:-1].float(), following, reduction="none")
    return losses
