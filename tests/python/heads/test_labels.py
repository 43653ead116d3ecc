"""Heads are labelled by what they do on repeated random tokens."""

from __future__ import annotations

import numpy as np
import pytest

import attn_widgets as aw


@pytest.fixture(scope="module")
def labels(toy):
    return aw.label_heads(toy)


def test_the_toys_heads_are_labelled(labels):
    assert list(labels) == ["induction", "previous-token", "duplicate-token", "sink"]
    assert "L0H1" in labels["previous-token"]
    assert len(labels["induction"]) >= 2
    assert all(head.startswith("L1") for head in labels["induction"])
    assert "previous-token" in labels.of("L0H1")


def test_a_class_is_the_heads_above_its_threshold_the_strongest_first(labels):
    for label, (motif, least) in labels.rules.items():
        scores = labels.scores[motif].reshape(-1)
        names = np.array(labels.scores.heads)
        expected = names[np.argsort(-scores, kind="stable")][: (scores > least).sum()]
        assert labels[label] == expected.tolist()
        assert {head for head in names if label in labels.of(head)} == set(expected)


def test_the_table_has_the_figures_and_the_labels(labels):
    frame = labels.to_frame()
    assert frame.shape[0] == 8
    assert frame.loc["L0H1", "previous_token"] == pytest.approx(labels.scores["previous_token"][0, 1])
    assert "previous-token" in frame.loc["L0H1", "labels"]
    assert frame["induction_std"].notna().all()
    assert "L0H1" in repr(labels)


def test_the_same_seed_gives_the_same_figures_and_another_seed_others(toy, labels):
    np.testing.assert_array_equal(aw.label_heads(toy).scores.score.array, labels.scores.score.array)
    other = aw.label_heads(toy, seed=1).scores.score.array
    assert not np.array_equal(other, labels.scores.score.array)
    np.testing.assert_allclose(other, labels.scores.score.array, atol=0.2)


def test_prompts_are_ordinary_tokens_twice_after_the_first_special_one(toy, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "attn_widgets.heads.labels.capture", lambda model, prompts: seen.extend(prompts) or aw.capture(model, prompts)
    )
    aw.label_heads(toy, n_prompts=2, length=9)
    assert len(seen) == 2
    for ids in seen:
        assert ids[0] == toy.tokenizer.bos_id
        assert ids[1:10] == ids[10:]
        assert len(set(ids[1:10])) == 9
        assert toy.tokenizer.bos_id not in ids[1:]
    assert seen[0] != seen[1]


def test_an_untrained_model_has_no_induction_heads():
    untrained = aw.load_model("toy-induction", device="cpu", checkpoint=0)
    assert aw.label_heads(untrained)["induction"] == []


def test_wrong_arguments_are_explained(toy, labels):
    with pytest.raises(ValueError, match=r"length is 100, .* 201 tokens, .* at most 128; pass length=63 or less"):
        aw.label_heads(toy, length=100)
    with pytest.raises(ValueError, match="n_prompts is 0; expected at least 1"):
        aw.label_heads(toy, n_prompts=0)
    with pytest.raises(KeyError, match="label is 'copying'; expected one of induction, previous-token"):
        labels["copying"]
    with pytest.raises(ValueError, match="head is L5H0"):
        labels.of("L5H0")


def test_smollm2s_heads_are_labelled(smollm2):
    labels = aw.label_heads(smollm2)
    assert set(labels["induction"][:3]) == {"L18H6", "L17H3", "L17H4"}
    assert labels["previous-token"][:2] == ["L16H0", "L11H1"]
    assert "L1H2" in labels["previous-token"][:5]
    assert {"L8H0", "L14H3"} <= set(labels["duplicate-token"])
    assert "L18H8" in labels["sink"]
    assert len(labels["induction"]) < 27, "a tenth of the heads at most"
