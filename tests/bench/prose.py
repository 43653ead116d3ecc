"""Texts to run models on: scikit-learn's descriptions of its datasets, which every installation has."""

from __future__ import annotations

from importlib.resources import files


def descriptions() -> list[str]:
    """The descriptions, always in the same order."""
    found = files("sklearn.datasets.descr").iterdir()
    return sorted(file.read_text() for file in found if file.name.endswith(".rst"))
