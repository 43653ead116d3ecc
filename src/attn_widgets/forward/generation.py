"""`generate`: a model goes on with a prompt -> Trace over both, which says where the model began to write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from attn_widgets.forward.capturing import Keep, capture, is_list_of_prompts
from attn_widgets.forward.progress import Progress, reporting
from attn_widgets.models import Model, load_model
from attn_widgets.trace import Trace

if TYPE_CHECKING:
    import torch

    from attn_widgets.forward.capturing import OnePrompt


def generate(
    model: Any,
    prompt: OnePrompt,
    max_new_tokens: int = 50,
    *,
    temperature: float = 0.0,
    top_k: int | None = None,
    seed: int | None = None,
    stop_at_end: bool = True,
    keep: Keep = "auto",
    scores: bool = False,
    value_norms: bool = False,
    dtype: Literal["float32", "float16"] = "float32",
    progress: bool | Progress = False,
) -> Trace:
    """Let a model go on with a prompt, and keep its attention over the prompt and what it wrote.

    A token that the model wrote attends as it did when it was written: a causal model sees nothing after it.

    Parameters
    ----------
    model : Model or anything `load_model` accepts
        A causal one.
    prompt : str or array of int
        As for `capture`; one prompt.
    max_new_tokens : int
        The most that it writes. It ends before that at the model's context.
    temperature : float
        0, the default, takes the most likely token each time. Above 0 tokens are drawn from
        `softmax(logits / temperature)`.
    top_k : int, optional
        Draw from so many of the most likely tokens only. Needs a temperature.
    seed : int, optional
        Of the draws; the same seed gives the same text. Default: other draws each time.
    stop_at_end : bool
        End at the model's end of text. That token is part of the trace.
    keep, scores, value_norms, dtype
        As for `capture`.
    progress : bool or callable
        As for `capture`; all tokens but the last share are written, the last is the capture.

    Returns
    -------
    Trace
        `trace.generated_from` is the position of the first token that the model wrote; `trace.text` holds both parts.

    Raises
    ------
    ValueError
        If the model is not causal, the prompt fills its context, or an argument is out of its range; and as `capture`.
    concurrent.futures.CancelledError
        If `progress` returned False.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> trace = aw.generate(aw.load_model("toy-induction", device="cpu"), "The cat sat. The cat", max_new_tokens=3)
    >>> trace.generated_from, trace.n_keys
    (7, 10)
    """
    if max_new_tokens < 1:
        raise ValueError(f"max_new_tokens is {max_new_tokens}; expected at least 1")
    if not temperature >= 0:
        raise ValueError(f"temperature is {temperature}; expected 0, for the most likely token each time, or more")
    if top_k is not None and (top_k < 1 or temperature == 0):
        raise ValueError(
            f"top_k is {top_k} at temperature {temperature}; expected at least 1, and a temperature above 0"
        )
    if is_list_of_prompts(prompt):
        raise ValueError(
            "prompt is a list of prompts; expected one: [aw.generate(model, prompt) for prompt in prompts]"
        )
    model = load_model(model)
    if not model.causal:
        raise ValueError(f"model {model.name} sees what comes after a token, so it does not go on with a text")
    ids = model.encode(prompt)
    room = max_new_tokens if model.context is None else min(max_new_tokens, model.context - len(ids))
    if room < 1:
        raise ValueError(f"prompt has {len(ids)} tokens, all that {model.name} can read; shorten it")
    choose = _Choice(temperature, top_k, seed)
    ends = model.end_ids if stop_at_end else frozenset()
    with reporting(progress, max_new_tokens + 1, "token") as report:
        written = _written(model, ids, room, choose, ends, report)
        trace = capture(
            model,
            [*ids, *written],
            keep=keep,
            scores=scores,
            value_norms=value_norms,
            dtype=dtype,
            progress=lambda share: report(max_new_tokens + share),
        )
    return replace(trace, generated_from=len(ids), **_text(model, prompt, ids, written))


def _text(model: Model, prompt: OnePrompt, ids: list[int], written: list[int]) -> dict[str, Any]:
    """What was read and written; of a prompt that is text, as it was given, which a tokenizer may not decode to."""
    decode = model.tokenizer.decode
    whole, read = decode([*ids, *written]), decode(ids)
    if not isinstance(prompt, str) or not whole.startswith(read):
        return {}
    text = prompt + whole[len(read) :]
    spans = model.tokenizer.spans([*ids, *written], text)
    return {} if spans is None else {"text": text, "spans": np.array(spans, dtype=np.int64).reshape(-1, 2)}


def _written(model: Model, ids: list[int], room: int, choose: _Choice, ends: frozenset[int], report: Any) -> list[int]:
    reader, new = model.reader(ids), ids
    written: list[int] = []
    while len(written) < room:
        written.append(choose(reader.read(new)))
        new = written[-1:]
        report(len(written))
        if written[-1] in ends:
            break
    return written


class _Choice:
    """Logits `[vocab]` -> the id of the next token."""

    def __init__(self, temperature: float, top_k: int | None, seed: int | None) -> None:
        import torch

        self._temperature, self._top_k = temperature, top_k
        self._random = torch.Generator()
        if seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(seed)

    def __call__(self, logits: torch.Tensor) -> int:
        import torch

        # drawn on the CPU: a seed means the same everywhere
        logits = logits.float().cpu()
        if not self._temperature:
            return int(logits.argmax())
        logits = logits / self._temperature
        if self._top_k is not None and self._top_k < len(logits):
            logits = torch.where(logits >= logits.topk(self._top_k).values[-1], logits, -torch.inf)
        return int(torch.multinomial(logits.softmax(-1), 1, generator=self._random))
