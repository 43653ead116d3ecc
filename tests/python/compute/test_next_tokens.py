"""next_tokens: the likeliest tokens of every run, with the probabilities a softmax gives them."""

from __future__ import annotations

import pytest
import torch

from attn_widgets.compute.next_tokens import next_tokens


def test_rows_are_the_likeliest_of_every_run_and_those_asked_for(toy):
    generator = torch.Generator().manual_seed(0)
    logits = {run: torch.randn(toy.n_logits, generator=generator) * 3 for run in ("baseline", "live", "frozen")}
    found = next_tokens(toy, logits, 4, watched=[7])
    ids = [row.id for row in found.rows]
    expected = {int(i) for tensor in logits.values() for i in tensor.argsort(descending=True)[:5]}
    assert set(ids) == expected | {7}
    assert [row.id for row in found.rows if row.watched] == [7]
    for run, tensor in logits.items():
        probabilities = tensor.double().exp() / tensor.double().exp().sum()
        for row in found.rows:
            assert row.probabilities[run] == pytest.approx(float(probabilities[row.id]))
            assert row.logits[run] == pytest.approx(float(tensor[row.id]))
    best = [max(row.probabilities.values()) for row in found.rows]
    assert best == sorted(best, reverse=True)


def test_the_table_reads_like_the_bars(toy):
    logits = {run: torch.arange(float(toy.n_logits)) for run in ("baseline", "live", "frozen")}
    frame = next_tokens(toy, logits, 0).to_frame()
    assert list(frame.columns) == ["token", "id", "baseline", "live", "frozen"]
    assert frame["id"].tolist() == [toy.n_logits - i for i in range(1, 6)]
    assert frame["live"][0] == pytest.approx(1 - 1 / 2.718281828, rel=1e-3)
