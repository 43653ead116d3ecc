"""What freezing and attribution keep of a pass."""

from __future__ import annotations

import pytest

import attn_widgets as aw


def test_a_prompt_whose_patterns_have_no_room_is_refused_before_the_model_runs(toy, monkeypatch):
    monkeypatch.setattr("attn_widgets.forward.recording._MOST_BYTES", 8 * 4 * 20**2)
    monkeypatch.setattr(type(toy), "run", lambda *_: pytest.fail("the model ran"))
    with pytest.raises(MemoryError, match=r"prompt has 30 tokens.*toy-induction take .* GB; .* Take at most 20 tokens"):
        aw.freeze(toy, list(range(5, 35)))
