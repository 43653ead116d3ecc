"""Names of models -> the checkpoints of one model among them, in the order of its training."""

from __future__ import annotations

from collections.abc import Mapping


def course_of(sizes: Mapping[str, tuple[int, int]]) -> list[str]:
    """The checkpoints `name@0`, `name@1`, ... of one model, which is the last where `name` itself is there too.

    Parameters
    ----------
    sizes : dict
        Model -> layers, and heads a layer.

    Returns
    -------
    list of str
        Of the model with the most checkpoints, all of one size; empty where none has two.
    """
    courses: dict[str, dict[float, str]] = {}
    for model in sizes:
        base, _, number = model.rpartition("@")
        at = float(number) if base and number.isdecimal() else float("inf")
        courses.setdefault(base if at < float("inf") else model, {})[at] = model
    found = max(courses.values(), key=len, default={})
    models = [found[at] for at in sorted(found)]
    alike = len({sizes[model] for model in models}) == 1
    return models if len(models) > 1 and alike else []
