"""`capture`: a model and prompts -> traces of their attention."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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
    MemoryError
        If patterns are to be kept that take more memory than the machine has.
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

    Prompts of up to 64 tokens are run in batches of like length, up to 512 tokens in all, where that saves three passes
    or more. Prompts of causal models are padded at their end, which nothing before it sees, by up to 15%; those of
    other models are batched with others exactly as long. Patterns are the same to rounding (within 1e-5 in float32). In
    a model where they are not, such as a mixture of experts with places for so many tokens, no batches are made: the
    first two prompts are compared.

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

        found: dict[int, Recorded] = {}
        squares = []
        for position, ids in enumerate(self.prompts):
            recorded = (
                self._queries_keys(ids, _onwards(report, len(found), 1)) if self._wants_queries_keys(ids) else None
            )
            if recorded is None:
                self._refuse_without_room(ids)
                squares.append(position)
            else:
                found[position] = recorded
        for group in self._groups(squares):
            together = record_patterns(
                self.model,
                [self.prompts[position] for position in group],
                scores=self.scores,
                value_norms=self.value_norms,
                dtype=self.dtype,
                report=_onwards(report, len(found), len(group)),
            )
            found.update(zip(group, together, strict=True))
        return [found[position] for position in range(len(self.prompts))]

    @cached_property
    def _sinks(self) -> bool:
        return self.model.has_sinks

    def _size(self, ids: list[int]) -> int:
        """What the patterns of a prompt take."""
        return self.model.n_layers * self.model.n_heads * len(ids) ** 2 * self.dtype.itemsize

    def _wants_queries_keys(self, ids: list[int]) -> bool:
        if self.keep == "queries_keys":
            return True
        if self.keep == "patterns" and self._sinks:
            raise ValueError(
                f"keep is 'patterns', but heads of {self.model.name} have learned sinks, which take a share of every "
                'row, and rows of patterns that are kept sum to 1. Pass keep="queries_keys": they make any pattern'
            )
        return self.keep == "auto" and (self._sinks or self._size(ids) > MOST_BYTES)

    def _queries_keys(self, ids: list[int], report: Report) -> Recorded | None:
        """None where they cannot be had and need not."""
        from attn_widgets.forward.comparing import why_not_beneath
        from attn_widgets.forward.recording_queries_keys import record_queries_keys

        model = self.model
        reason = why_not_beneath(model, ids)
        try:
            if not reason:
                return record_queries_keys(model, ids, value_norms=self.value_norms, dtype=self.dtype, report=report)
        except ValueError as error:
            reason = str(error)
        refusal = f"queries and keys of {model.name} cannot be had: {reason}"
        if self._sinks:
            raise ValueError(refusal)
        if self.keep == "queries_keys":
            raise ValueError(f'{refusal}. keep="patterns" works without them')
        warnings.warn(
            f"{refusal}. Instead, patterns of {len(ids)} tokens are kept, which take {self._size(ids) / 1e9:.2g} GB. "
            'Shorten the prompt, or halve them with dtype="float16"; '
            'keep="patterns" says that they are meant',
            stacklevel=4,
        )
        return None

    def _refuse_without_room(self, ids: list[int]) -> None:
        """Before the system ends the kernel."""
        size = self._size(ids) * (2 if self.scores else 1)
        if size > _memory():
            instead = 'Pass keep="queries_keys", or shorten it' if self.keep == "patterns" else "Shorten it"
            raise MemoryError(
                f"the patterns{' and scores' if self.scores else ''} of a prompt of {len(ids)} tokens take "
                f"{size / 1e9:.1f} GB, and this machine has {_memory() / 1e9:.1f}. {instead}"
            )

    def _groups(self, positions: list[int]) -> list[list[int]]:
        from attn_widgets.forward.comparing import batches_alike

        lengths = [len(self.prompts[position]) for position in positions]
        groups = [[positions[place] for place in group] for group in batches(lengths, padded=self.model.causal)]
        # to know that batches are alike takes as many passes
        if len(positions) - len(groups) >= 3:
            several = next(group for group in groups if len(group) > 1)
            if batches_alike(self.model, [self.prompts[position] for position in several]):
                return groups
        return [[position] for position in positions]


def _memory() -> float:
    """Bytes of memory of this machine; infinite where the system does not say."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def _onwards(report: Report, done: int, more: int) -> Report:
    def onwards(share: float) -> None:
        report(done + more * share)

    return onwards


def is_list_of_prompts(prompt: Any) -> bool:
    """Whether this is a list of prompts, and not one prompt, which may be a list of token ids."""
    if not isinstance(prompt, (list, tuple)):
        return False
    return not all(isinstance(one, Integral) or getattr(one, "ndim", None) == 0 for one in prompt)
