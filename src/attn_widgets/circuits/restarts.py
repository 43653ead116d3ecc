"""A prompt that a model has run -> runs that differ from it in one layer and later, begun at that layer.

What comes before is known. Layers that nothing touches are those of the Hugging Face model beneath, whose attention is
faster, several runs at a time; where there is none, TransformerLens's own; and where no layer can be run by itself, the
whole model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from attn_widgets.circuits.alignment import align
from attn_widgets.circuits.hold import Hold
from attn_widgets.forward.precision import tolerance
from attn_widgets.forward.recording import Recording, record
from attn_widgets.models import Model
from attn_widgets.models.places import Hook, layer_of, output_place

# positions of all runs of a batch together: more gains nothing, and takes memory
_POSITIONS = 1536
# numbers of all logits that are there at once
_LOGITS = 2**25
# of a prompt on which ways are compared: enough for positions to matter
_TOKENS = 16


class Replaced(NamedTuple):
    """In one run, what a layer shows of one head at some place, `[seq, d_head]` or what broadcasts to it."""

    head: int
    value: Tensor


class Way(NamedTuple):
    """How runs are begun in the middle: with `plain` layers where nothing touches them, or not at all, and why."""

    plain: bool
    why_whole: str


# by model and whether patterns are held: the state it was in, and what was found
_WAYS: WeakKeyDictionary[Any, dict[bool, tuple[Any, Way]]] = WeakKeyDictionary()


class Restarts:
    """Runs of a model on a baseline's prompt that begin where they differ from it.

    Before the first, ways to do so are compared with a whole run on a few tokens, from two layers; the fastest that
    gives the same logits, within `precision.tolerance` (1e-4 in float32), is taken. That is remembered until weights or
    hooks change.

    Parameters
    ----------
    model : Model
    baseline : Recording
    """

    def __init__(self, model: Model, baseline: Recording) -> None:
        self.model = model
        self.baseline = baseline

    def why_whole(self, hold: bool = False) -> str:
        """Why the whole model is run each time; "" where it is not."""
        return self._way(hold).why_whole

    def run(self, hooks: Sequence[Hook], *, hold: bool = False) -> Tensor:
        """Run the prompt once with hooks, from the first layer that they touch.

        Parameters
        ----------
        hooks : sequence of (place, function)
        hold : bool
            Hold every pattern as it was on the baseline.

        Returns
        -------
        Tensor
            Logits, `[seq, vocab]`.
        """
        layers = [layer_of(place) for place, _ in hooks]
        way = self._way(hold)
        if way.why_whole or None in layers or not layers:
            return self._whole(hooks, hold)
        start = min(layer for layer in layers if layer is not None)
        return self._logits(self._last(start, 1, hooks, hold, way.plain)[0])

    def each(
        self,
        layer: int,
        replaced: Sequence[Replaced],
        place: Callable[[int], str] = output_place,
        *,
        hold: bool = False,
    ) -> Iterator[Tensor]:
        """Run the prompt again and again, with one head's tensor in one layer replaced each time.

        Parameters
        ----------
        layer : int
        replaced : sequence of Replaced
            One a run.
        place : callable
            Layer -> the place that shows the tensors, `[batch, seq, head, d_head]`: of the heads' outputs, or of
            queries, keys or values.
        hold : bool
            Hold every pattern as it was on the baseline.

        Yields
        ------
        Tensor
            Logits of each run, `[seq, vocab]`.
        """
        way = self._way(hold)
        if way.why_whole:
            for one in replaced:
                yield self._whole([(place(layer), _replacing([one]))], hold)
            return
        n_batches = -(-len(replaced) * len(self.baseline.ids) // _POSITIONS)
        size = max(1, -(-len(replaced) // max(1, n_batches)))
        for first in range(0, len(replaced), size):
            some = replaced[first : first + size]
            last = self._last(layer, len(some), [(place(layer), _replacing(some))], hold, way.plain)
            at_once = max(1, _LOGITS // (len(self.baseline.ids) * self.model.n_logits))
            for i in range(0, len(some), at_once):
                yield from self.baseline.kept.logits_after(last[i : i + at_once])

    def _last(self, start: int, n: int, hooks: Sequence[Hook], hold: bool, plain: bool) -> Tensor:
        """The residual stream after the last layer, `[n, seq, d_model]`."""
        if not hold:
            return self.baseline.kept.go_on(start, n, hooks, plain=plain)
        # what the first of them attends to is what it was
        touched = {layer_of(place) for place, _ in hooks} if plain else set(range(self.model.n_layers))
        held = [hook for hook in self._held() if layer_of(hook[0]) in touched and layer_of(hook[0]) != start]
        patterns = self.baseline.patterns if plain else None
        return self.baseline.kept.go_on(start, n, [*held, *hooks], patterns, plain=plain)

    def _logits(self, last: Tensor) -> Tensor:
        return self.baseline.kept.logits_after(last[None])[0]

    def _whole(self, hooks: Sequence[Hook], hold: bool) -> Tensor:
        return self.model.run(self.baseline.ids, [*(self._held() if hold else ()), *hooks])

    def _held(self) -> list[Hook]:
        everyone = torch.ones(self.model.n_layers, self.model.n_heads, dtype=torch.bool)
        n = len(self.baseline.ids)
        return Hold(self.baseline.patterns, everyone, {}, {}).hooks(align(n, n, None))

    def _way(self, hold: bool) -> Way:
        state, known = self.model.state(), _WAYS.setdefault(self.model.identity, {})
        if hold not in known or known[hold][0] != state:
            some = (list(self.baseline.ids) * _TOKENS)[: min(_TOKENS, self.model.context or _TOKENS)]
            known[hold] = state, Restarts(self.model, record(self.model, some))._find_way(hold)
        return known[hold][1]

    def _find_way(self, hold: bool) -> Way:
        wanted = [(layer, head) for layer in self._tried for head in (0, self.model.n_heads - 1)]
        whole = [self._whole([(output_place(layer), _replacing([_nothing(head)]))], hold) for layer, head in wanted]
        why = ""
        for plain in (True, False):
            try:
                off = max(map(_off, self._some(hold, plain), whole))
            # a layer that is called by itself may miss anything
            except Exception as error:
                why = f"a layer of {self.model.name} cannot be run by itself: {error}"
                continue
            if off <= tolerance(self.model.dtype):
                return Way(plain, "")
            why = f"{self.model.name}, begun in the middle, gives other logits (off by {off:.2g} of the largest)"
        return Way(False, why)

    @property
    def _tried(self) -> list[int]:
        """In the middle, and where the model has the most behind it that a layer might want to know."""
        return sorted({(self.model.n_layers - 1) // 2, self.model.n_layers - 1})

    def _some(self, hold: bool, plain: bool) -> list[Tensor]:
        nothings = [_nothing(0), _nothing(self.model.n_heads - 1)]
        return [
            self._logits(last)
            for layer in self._tried
            for last in self._last(layer, 2, [(output_place(layer), _replacing(nothings))], hold, plain)
        ]


def _nothing(head: int) -> Replaced:
    return Replaced(head, torch.zeros(()))


def _replacing(replaced: Sequence[Replaced]) -> Callable[..., Tensor]:
    def hook(tensor: Tensor, hook: Any) -> Tensor:
        tensor = tensor.clone()
        for run, (head, value) in enumerate(replaced):
            tensor[run, :, head] = value.to(tensor.dtype).to(tensor.device)
        return tensor

    return hook


def _off(one: Tensor, other: Tensor) -> float:
    """The largest difference, as a share of the largest number."""
    return float((one - other).abs().max() / other.abs().max().clamp_min(1e-9))
