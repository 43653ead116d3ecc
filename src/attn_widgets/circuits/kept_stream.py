"""A model and a prompt -> KeptStream: its residual stream and scores, kept for other cells of the prompt."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from attn_widgets.circuits.baseline import record_baseline
from attn_widgets.circuits.layer_scores import LayerScores, layer_scores
from attn_widgets.circuits.stream_parts import StreamParts
from attn_widgets.forward.recording import Recording
from attn_widgets.models import Model
from attn_widgets.trace import Trace

if TYPE_CHECKING:
    from attn_widgets.circuits.baseline import Baseline

# prompts that are kept for each model
_KEPT = 2


class KeptStream:
    """One prompt that has run.

    Attributes
    ----------
    recording : Recording
    stream : StreamParts
    """

    def __init__(self, model: Model, recording: Recording) -> None:
        self.recording = recording
        self.stream = StreamParts(model, recording)
        self._model = model
        self._scores: dict[int, LayerScores] = {}

    def scores(self, layer: int) -> LayerScores:
        """Those of a layer; it is run, alone, when they are first asked for."""
        if layer not in self._scores:
            self._scores[layer] = layer_scores(self._model, self.recording, layer)
        return self._scores[layer]


def kept_stream(model: Model, given: Baseline) -> KeptStream:
    """That of a prompt, a trace or what was frozen; one of the last two of this model is not run again.

    Raises
    ------
    ValueError
        As `record_baseline`.
    """
    asked = _asked(model, given)
    # the last ones, each with what it was asked by
    kept: list[tuple[Any, KeptStream]] = model.remembered.setdefault("streams", [])
    for i, (known, stream) in enumerate(kept):
        if known == asked:
            kept.append(kept.pop(i))
            return stream
    stream = KeptStream(model, record_baseline(model, given))
    # asked anew: the first run of all may change what hooks a model has
    kept.append((_asked(model, given), stream))
    del kept[:-_KEPT]
    return stream


def _asked(model: Model, given: Any) -> tuple[Any, ...]:
    """What makes a prompt the same: its object or its ids, and the state of the weights."""
    known = getattr(given, "baseline", None)
    if isinstance(known, Recording):
        return model.same_as(given.model), weakref.ref(known)
    if isinstance(given, Trace):
        return model.state(), weakref.ref(given)
    return model.state(), tuple(model.encode(given))
