"""Scores of every motif for 270 heads at 512 tokens, beside the loop over heads of TransformerLens's `detect_head`."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
from table import Row, interleaved, ratio

import attn_widgets as aw

_LAYERS, _HEADS, _TOKENS, _REPETITIONS = 30, 9, 512, 5
_BUDGET = 2.0
_THREE = ["previous_token", "duplicate_token", "induction"]


def bench() -> list[Row]:
    trace = _trace()
    works = {
        "scores": lambda: aw.motif_scores(trace),
        "without the first": lambda: aw.motif_scores(trace, exclude_first=True),
        "same three": lambda: aw.motif_scores(trace, motifs=_THREE),
        "loop": lambda: _loop(trace),
    }
    interleaved(works, 1)  # warm up
    seconds = interleaved(works, _REPETITIONS)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    n = len(aw.MOTIFS)
    what = f"motif scores, {_LAYERS * _HEADS} heads, {_TOKENS} tokens"
    return [
        Row(
            f"{what}, {n} motifs",
            f"{medians['scores']:.2f} s",
            budget=f"<= {_BUDGET:.0f} s",
            ok=medians["scores"] <= _BUDGET,
        ),
        Row(
            f"{what}, previous, duplicate and induction",
            f"{medians['same three']:.2f} s",
            f"detect_head's loop {medians['loop']:.2f} s",
            f"{ratio(seconds['same three'], seconds['loop']):.2f}",
        ),
        Row(
            f"{what}, without the first token",
            f"{medians['without the first']:.2f} s",
            budget=f"<= {_BUDGET:.0f} s",
            ok=medians["without the first"] <= _BUDGET,
        ),
    ]


def _trace() -> aw.Trace:
    draw = np.random.default_rng(0)
    patterns = np.empty((_LAYERS, _HEADS, _TOKENS, _TOKENS), dtype=np.float32)
    for layer in patterns:
        layer[:] = np.tril(np.exp(2 * draw.standard_normal(layer.shape, dtype=np.float32)))
        layer /= layer.sum(axis=-1, keepdims=True)
    return aw.Trace.from_arrays(patterns, [f"w{i % 200}" for i in range(_TOKENS)])


def _loop(trace: aw.Trace) -> list[list[Any]]:
    """What detect_head does for previous_token, duplicate_token and induction, without running the model."""
    from transformer_lens import head_detector

    tokens = _tensor(np.unique(trace.tokens, return_inverse=True)[1][None])
    masks = [
        head_detector.get_previous_token_head_detection_pattern(tokens),
        head_detector.get_duplicate_token_head_detection_pattern(tokens),
        head_detector.get_induction_head_detection_pattern(tokens),
    ]
    return [
        [
            head_detector.compute_head_attention_similarity_score(
                _tensor(head),
                detection_pattern=mask,
                exclude_bos=False,
                exclude_current_token=False,
                error_measure="mul",
            )
            for layer in trace.patterns
            for head in layer
        ]
        for mask in masks
    ]


def _tensor(array: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(array.copy())
