"""Head features on one thread beside a loop over scipy, and how near heads of a class are on held-out prompts."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Any

from python.heads import held_out, scipy_features
from table import Row, interleaved, ratio
from threadpoolctl import threadpool_limits

import attn_widgets as aw
from attn_widgets.heads.features import Kind

_REPETITIONS = 5
_KINDS: tuple[Kind, ...] = ("published", "extended", "profile")
# what ours is compared with, and how many times faster it has to be
_SOONER: Mapping[str, tuple[Callable[..., Any], int | None]] = {
    "published": (scipy_features.published, 15),
    "extended": (scipy_features.extended, None),
    "profile": (scipy_features.published, 60),
}
# how many times the mean average precision of the published features that of the profile has to be
_BETTER = {"prose": 1.25, "prose and repeats": 1.5}


def bench() -> list[Row]:
    model = aw.load_model("smollm2-135m", device="cpu")
    (trace,) = held_out.prose(model, 1)
    with threadpool_limits(1):
        rows = [row for kind in _KINDS for row in _speed(trace, kind)]
    return rows + judge(model)


def judge(model: aw.models.Model) -> list[Row]:
    """How near heads of a class are to each other, by each kind of features."""
    prose, repeated = held_out.prose(model), held_out.repeated(model)
    labels = aw.label_heads(model)
    return [
        row
        for prompts, traces in (("prose", prose), ("prose and repeats", prose[:4] + repeated))
        for row in _precision(prompts, traces, labels)
    ]


def _speed(trace: aw.Trace, kind: Kind) -> list[Row]:
    one_by_one, budget = _SOONER[kind]
    layer = trace.patterns[trace.n_layers // 2]
    works = {
        "ours": lambda: aw.head_features(trace, kind=kind),
        "loop": lambda: [one_by_one(pattern) for pattern in layer],
    }
    interleaved(works, 1)  # warm up
    seconds = interleaved(works, _REPETITIONS)
    heads = {"ours": trace.n_layers * trace.n_heads, "loop": trace.n_heads}
    each = {name: statistics.median(times) / heads[name] for name, times in seconds.items()}
    sooner = heads["ours"] / heads["loop"] / ratio(seconds["ours"], seconds["loop"])
    return [
        Row(
            f"{kind} features of a pattern, {trace.n_keys} tokens, one thread",
            f"{1e3 * each['ours']:.2f} ms",
            f"scipy, {one_by_one.__name__} {1e3 * each['loop']:.1f} ms",
            f"1/{sooner:.0f}",
            f">= {budget}x sooner" if budget else "",
            sooner >= budget if budget else None,
        )
    ]


def _precision(prompts: str, traces: list[aw.Trace], labels: Mapping[str, list[str]]) -> list[Row]:
    found = {}
    for kind in _KINDS:
        distances = aw.head_distances(traces, kind=kind)
        found[kind] = held_out.average_precision(distances.matrix, distances.heads, labels)
    ours, published, extended = (found[kind] for kind in ("profile", "published", "extended"))
    rows = []
    for label, precision in ours.items():
        ok = precision > published[label] - 0.05
        budget = "at most 0.05 less"
        if label == "mean":
            times = _BETTER[prompts]
            ok = precision >= times * published[label] and precision > extended[label]
            budget = f">= {times}x published, > extended"
        rows.append(
            Row(
                f"mAP of the profile, {prompts}, {label}",
                f"{precision:.2f}",
                f"published {published[label]:.2f}, extended {extended[label]:.2f}",
                f"{precision / published[label]:.2f}",
                budget,
                ok,
            )
        )
    return rows
