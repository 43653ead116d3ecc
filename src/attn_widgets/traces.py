"""What is given as traces -> a list of them, checked; are they of one model; and all heads of one, some at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from attn_widgets.threads import CORES, threads
from attn_widgets.trace import FloatArray, Trace

T = TypeVar("T")

# patterns that are made of queries and keys go through several threads; each works on so many bytes of them
_PART_BYTES = 24 * 2**20


def as_traces(traces: Any, argument: str = "traces") -> list[Trace]:
    """One trace or several as a list.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If there is none.
    """
    if isinstance(traces, Trace):
        return [traces]
    if not isinstance(traces, Sequence) or not all(isinstance(one, Trace) for one in traces):
        hint = ". Pass its .trace" if isinstance(getattr(traces, "trace", None), Trace) else ""
        raise TypeError(f"{argument} is a {type(traces).__name__}; expected a Trace or a list of Trace{hint}")
    if not traces:
        raise ValueError(f"{argument} is an empty list; expected at least one Trace")
    return list(traces)


def of_one_model(traces: Sequence[Trace], argument: str = "traces") -> list[Trace]:
    """The same, if they are of one model and checkpoint: heads of others are other heads.

    Raises
    ------
    ValueError
        If they are not.
    """
    models = sorted({(trace.model_name, trace.n_layers, trace.n_heads) for trace in traces})
    if len(models) > 1:
        found = ", ".join(f"{name or 'unknown'} ({layers} x {heads} heads)" for name, layers, heads in models)
        raise ValueError(
            f"{argument} holds traces of different models, {found}; expected those of one. Call once for each"
        )
    return list(traces)


def by_model(traces: Sequence[Trace]) -> dict[str, list[Trace]]:
    """Model -> its traces, in the order they came."""
    models: dict[str, list[Trace]] = {}
    for trace in traces:
        models.setdefault(trace.model_name, []).append(trace)
    return models


def each_part(
    trace: Trace, measure: Callable[[FloatArray], T], only: Sequence[tuple[int, int]] | None = None
) -> Iterator[tuple[int, slice, T]]:
    """What a function of patterns says of all heads, layer by layer, or of some.

    Parameters
    ----------
    trace : Trace
    measure : callable
        `measure(patterns)` of some heads of a layer, `[head, query, key]`. Where patterns are made of queries and keys
        it is called in several threads at once, with few heads, so that memory stays bounded.
    only : sequence of (int, int), optional
        Layer and head of those that are wanted.

    Yields
    ------
    int, slice, object
        Layer, heads, and what was said of them.
    """
    parts = trace.split(_PART_BYTES) if only is None else [(layer, slice(head, head + 1)) for layer, head in only]

    def one(layer: int, heads: slice) -> T:
        return measure(trace.attention.of(layer, heads))

    if trace.holds == "patterns" or len(parts) == 1:
        for layer, heads in parts:
            yield layer, heads, one(layer, heads)
        return
    with threads("heads") as pool:
        begun: deque[tuple[int, slice, Future[T]]] = deque()
        try:
            for layer, heads in parts:
                begun.append((layer, heads, pool.submit(one, layer, heads)))
                if len(begun) > CORES:
                    layer, heads, future = begun.popleft()
                    yield layer, heads, future.result()
            while begun:
                layer, heads, future = begun.popleft()
                yield layer, heads, future.result()
        finally:
            # whoever stops asking does not wait for what was not begun
            for *_, future in begun:
                future.cancel()
