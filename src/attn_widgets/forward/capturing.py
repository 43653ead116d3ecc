"""`capture`: a model and prompts -> traces of their attention."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from attn_widgets.forward.batches import batches
from attn_widgets.forward.progress import Progress, Report, reporting
from attn_widgets.forward.recorded import Recorded
from attn_widgets.forward.tracing import trace_of
from attn_widgets.models import Model, load_model
from attn_widgets.trace import Trace

if TYPE_CHECKING:
    import torch

    # text, or token ids
    OnePrompt = str | list[int] | tuple[int, ...] | NDArray[np.integer[Any]] | torch.Tensor
    Prompts = Sequence[OnePrompt]

Keep = Literal["auto", "patterns", "queries_keys"]
KEEPS = ("auto", "patterns", "queries_keys")
# the most that patterns of one prompt take where "auto" keeps them
MOST_BYTES = 256_000_000


@overload
def capture(
    model: Any,
    prompt: OnePrompt,
    *,
    keep: Keep = "auto",
    scores: bool = False,
    value_norms: bool = False,
    dtype: Literal["float32", "float16"] = "float32",
    progress: bool | Progress = False,
) -> Trace: ...


@overload
def capture(
    model: Any,
    prompt: Prompts,
    *,
    keep: Keep = "auto",
    scores: bool = False,
    value_norms: bool = False,
    dtype: Literal["float32", "float16"] = "float32",
    progress: bool | Progress = False,
) -> list[Trace]: ...


def capture(
    model: Any,
    prompt: OnePrompt | Prompts,
    *,
    keep: Keep = "auto",
    scores: bool = False,
    value_norms: bool = False,
    dtype: Literal["float32", "float16"] = "float32",
    progress: bool | Progress = False,
) -> Trace | list[Trace]:
    """Run a model on a prompt and keep its attention.

    A pattern has a number for every two tokens, queries and keys have some for every token: what `keep` chooses is how
    much memory a long prompt takes, and how long it takes to run. The trace offers the same either way.

    Parameters
    ----------
    model : Model or anything `load_model` accepts
    prompt : str, array of int, or list of prompts
        Text; or token ids `[seq]` or `[1, seq]` (list of int, torch, numpy), taken as they are; or a list
        of these. Short prompts of a list are run several at a time, see Notes.
    keep : {"auto", "patterns", "queries_keys"}
        "patterns" come from TransformerLens, which computes all of them at every layer. "queries_keys" come from the
        Hugging Face model beneath, which runs with its own attention; any head's pattern is made of them when it is
        asked for. "auto" keeps patterns as long as those of a prompt take up to 256 MB, and queries and keys beyond;
        it keeps patterns, with a warning, where the others cannot be had.
    scores : bool
        Keep the attention scores before the softmax too. Queries and keys make them anyway.
    value_norms : bool
        Keep the norm of every value vector too.
    dtype : {"float32", "float16"}
        How the trace stores its arrays. float16 halves the memory and is for looking. Queries and keys of a model in
        bfloat16 are stored in float32, exactly.
    progress : bool or callable
        True draws a progress bar; a callable is called with the share done, in (0, 1], and ends the capture by
        returning False.

    Returns
    -------
    Trace, or list of Trace
        A list, in the order given, if `prompt` is a list of prompts.

    Raises
    ------
    ValueError
        If a prompt is empty, too long or not text or ids; if the model forms no patterns that can be
        seen; if patterns have NaN; with the reason, if `keep` is "queries_keys" and they cannot be had of this model.
    concurrent.futures.CancelledError
        If `progress` returned False. This and KeyboardInterrupt leave the model as it was.
    RuntimeError
        Whatever the model itself raises.

    Notes
    -----
    Queries and keys are checked while they are recorded. The whole mask of every layer must be one that can be made
    again: causal, a sliding window, all keys, a bias by distance; with soft caps and learned sinks. In every layer, the
    patterns that queries and keys make for four rows of every head must be those of the model's own eager attention,
    computed in float32, within 1e-4; and, times the values, what the layer's attention gave, within 1e-4 of the largest
    output in float32, 1e-2 in float16 and 5e-2 in bfloat16. A model in bfloat16 rounds its own scores, so its patterns
    are not better known than that.

    Prompts of up to 64 tokens are run in batches of like length, up to 512 tokens in all. Prompts of causal models are
    padded at their end, which nothing before it sees, by up to 15%; those of other models are batched with others
    exactly as long. Patterns are the same to rounding (within 1e-5 in float32). In a model where they are not, such as
    a mixture of experts with places for so many tokens, no batches are made: the first two prompts are compared.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> trace = aw.capture(aw.load_model("toy-induction", device="cpu"), "The cat sat on the mat.")
    >>> trace.patterns.shape
    (2, 4, 8, 8)
    """
    if dtype not in ("float32", "float16"):
        raise ValueError(f'dtype is {dtype!r}; expected "float32" or "float16"')
    if keep not in KEEPS:
        raise ValueError(f"keep is {keep!r}; expected {', '.join(map(repr, KEEPS))}")
    model = load_model(model)
    many = is_list_of_prompts(prompt)
    given: Any = prompt if many else [prompt]
    prompts = [(one, model.encode(one)) for one in given]
    work = _Work(model, [ids for _, ids in prompts], keep, scores, value_norms, np.dtype(dtype))
    with reporting(progress, len(prompts), "prompt") as report:
        recorded = work.run(report)
    traces = [
        trace_of(model, ids, one, kept.attention, scores=kept.scores, value_norms=kept.value_norms)
        for (one, ids), kept in zip(prompts, recorded, strict=True)
    ]
    return traces if many else traces[0]


@dataclass(frozen=True)
class _Work:
    """What is to be run, and what of it kept."""

    model: Model
    prompts: list[list[int]]
    keep: Keep
    scores: bool
    value_norms: bool
    dtype: np.dtype[Any]

    def run(self, report: Report) -> list[Recorded]:
        from attn_widgets.forward.recording_patterns import record_patterns
        from attn_widgets.forward.recording_queries_keys import record_queries_keys

        found: dict[int, Recorded] = {}
        squares = []
        for position, ids in enumerate(self.prompts):
            if not self._as_queries_keys(ids):
                squares.append(position)
                continue
            try:
                found[position] = record_queries_keys(
                    self.model,
                    ids,
                    value_norms=self.value_norms,
                    dtype=self.dtype,
                    report=_onwards(report, len(found), 1),
                )
            except ValueError as error:
                raise ValueError(_refusal(self.model, str(error))) from error
        for group in self._groups(squares):
            recorded = record_patterns(
                self.model,
                [self.prompts[position] for position in group],
                scores=self.scores,
                value_norms=self.value_norms,
                dtype=self.dtype,
                report=_onwards(report, len(found), len(group)),
            )
            found.update(zip(group, recorded, strict=True))
        return [found[position] for position in range(len(self.prompts))]

    def _as_queries_keys(self, ids: list[int]) -> bool:
        from attn_widgets.forward.comparing import why_not_beneath

        model = self.model
        size = model.n_layers * model.n_heads * len(ids) ** 2 * self.dtype.itemsize
        # rows of a pattern sum to 1, and with sinks they do not
        wanted = self.keep == "queries_keys" or (self.keep == "auto" and (size > MOST_BYTES or model.has_sinks))
        reason = why_not_beneath(model, ids) if wanted else ""
        if reason and self.keep == "queries_keys":
            raise ValueError(_refusal(model, reason))
        if reason:
            warnings.warn(
                f"the patterns of {len(ids)} tokens take {size / 1e9:.2g} GB, and queries and keys instead cannot be "
                f'had of {model.name}: {reason}. Shorten the prompt, or halve it with dtype="float16"; '
                'keep="patterns" says that they are meant',
                stacklevel=4,
            )
        return wanted and not reason

    def _groups(self, positions: list[int]) -> list[list[int]]:
        from attn_widgets.forward.comparing import batches_alike

        lengths = [len(self.prompts[position]) for position in positions]
        groups = [[positions[place] for place in group] for group in batches(lengths, padded=self.model.causal)]
        several = next((group for group in groups if len(group) > 1), None)
        if several is None or batches_alike(self.model, [self.prompts[position] for position in several]):
            return groups
        return [[position] for position in positions]


def _refusal(model: Model, reason: str) -> str:
    return f'queries and keys of {model.name} cannot be had: {reason}. keep="patterns" works without them'


def _onwards(report: Report, done: int, more: int) -> Report:
    def onwards(share: float) -> None:
        report(done + more * share)

    return onwards


def is_list_of_prompts(prompt: Any) -> bool:
    """Whether this is a list of prompts, and not one prompt, which may be a list of token ids."""
    if not isinstance(prompt, (list, tuple)):
        return False
    return not all(isinstance(one, Integral) or getattr(one, "ndim", None) == 0 for one in prompt)
