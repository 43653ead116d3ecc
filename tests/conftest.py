"""What several rooms of tests need: models (opened once), traces and a synthetic grid of patterns."""

from __future__ import annotations

from typing import Any

import pytest
from synthetic import random_patterns

import attn_widgets as aw

SENTENCE = "When Mary and John went to the store, Mary gave a book to John."


@pytest.fixture(scope="session")
def toy() -> Any:
    return aw.load_model("toy-induction", device="cpu")


@pytest.fixture(scope="session")
def smollm2() -> Any:
    """Return the real pretrained model; about 20 s, so once a session."""
    return aw.load_model("smollm2-135m", device="cpu")


@pytest.fixture(scope="session")
def toy_trace(toy: Any) -> aw.Trace:
    return aw.capture(toy, SENTENCE)


@pytest.fixture
def patterns() -> Any:
    return random_patterns()


@pytest.fixture(scope="session")
def toy_atlas(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two models on five short passages of two kinds. Tests that write to it copy its folder."""
    from passages import CORPUS

    models = [{"model": "toy-induction", "device": "cpu"}, {"model": "toy-induction", "checkpoint": 3, "device": "cpu"}]
    return aw.build_atlas(models, CORPUS, tmp_path_factory.mktemp("toy_atlas"), progress=False)
