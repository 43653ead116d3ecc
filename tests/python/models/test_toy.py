"""The bundled toy model has the heads it is said to have, and its checkpoints show them appear."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from attn_widgets.models import train_toy
from attn_widgets.models.toy import N_CTX, WEIGHTS, load_toy, toy_checkpoints
from attn_widgets.models.vocabulary import ANIMALS, GIFTS, NAMES, PLACES, SPOTS, ToyTokenizer

PHRASE = 30
TOKENIZER = ToyTokenizer()


def fresh_repeats(n_rows: int = 64, seed: int = 2**31) -> np.ndarray:
    """`<bos>`, 30 random words, the same words again: [row, 61]. Drawn here, not by the training code."""
    phrases = np.random.default_rng(seed).integers(1, len(TOKENIZER.vocabulary), (n_rows, PHRASE))
    return np.concatenate([np.zeros((n_rows, 1), int), phrases, phrases], axis=1)


def patterns(model, ids: np.ndarray) -> np.ndarray:
    """Patterns [layer, row, head, query, key]."""
    _, cache = model.run_with_cache(torch.tensor(ids), names_filter=lambda name: name.endswith("hook_pattern"))
    return np.stack([cache[f"blocks.{layer}.attn.hook_pattern"].detach().numpy() for layer in (0, 1)])


def previous_token_scores(attention: np.ndarray) -> np.ndarray:
    """Mean of A[q, q - 1], [layer, head]."""
    return np.diagonal(attention, offset=-1, axis1=-2, axis2=-1).mean(axis=(1, 3))


def induction_scores(attention: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Mean attention to keys that follow an earlier copy of the query's token, [layer, head]."""
    rows = []
    for row, tokens in enumerate(ids):
        for query, token in enumerate(tokens):
            keys = [key for key in range(1, query + 1) if tokens[key - 1] == token]
            if keys:
                rows.append(attention[:, row, :, query, keys].sum(axis=0))
    return np.mean(rows, axis=0)


def next_word(model, text: str) -> str:
    logits = model(torch.tensor([TOKENIZER.encode(text)]))
    return TOKENIZER.vocabulary[int(logits[0, -1].argmax())]


@pytest.fixture(scope="module")
def model():
    return load_toy()


@pytest.fixture(scope="module")
def scores(model):
    ids = fresh_repeats()
    attention = patterns(model, ids)
    return previous_token_scores(attention), induction_scores(attention, ids)


def test_a_head_of_layer_0_attends_to_the_previous_token(scores):
    assert scores[0][0].max() > 0.8
    assert scores[0][1].max() < 0.2


def test_at_least_two_heads_of_layer_1_do_induction(scores):
    assert (scores[1][1] > 0.8).sum() >= 2
    assert scores[1][0].max() < 0.2


def test_repeated_random_phrases_are_continued(model):
    ids = fresh_repeats()
    predicted = model(torch.tensor(ids)).argmax(-1).numpy()
    # The first word that can be known to come is the second of the repeat.
    accuracy = (predicted[:, PHRASE + 1 : -1] == ids[:, PHRASE + 2 :]).mean()
    assert accuracy > 0.93


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The cat sat on the mat. The cat sat on the", "mat"),
        ("red, blue, green, red, blue,", "green"),
        ("one two three four one two three", "four"),
        ("Tom: hello, Kate!\nKate: hello,", "Tom"),
        ("When Mary and John went to the store, Mary gave a book to", "John"),
        ("When Mary and John went to the store, John gave a book to", "Mary"),
    ],
)
def test_classroom_prompts_are_continued(model, text, answer):
    assert next_word(model, text) == answer


def test_a_repeated_sentence_is_continued_whatever_its_words(model):
    draw = np.random.default_rng(0)
    spots = draw.choice(SPOTS, 50)
    sentences = [f"The {draw.choice(ANIMALS)} sat on the " for _ in spots]
    continued = [next_word(model, s + spot + ". " + s) == spot for s, spot in zip(sentences, spots, strict=True)]
    assert np.mean(continued) > 0.9


def test_the_indirect_object_is_the_person_who_did_not_act(model):
    draw = np.random.default_rng(0)
    right = []
    for trial in range(100):
        first, second = draw.choice(NAMES, 2, replace=False)
        actor, other = (first, second) if trial % 2 else (second, first)
        opening = f"When {first} and {second} went to the {draw.choice(PLACES)}, "
        right.append(next_word(model, opening + f"{actor} gave a {draw.choice(GIFTS)} to") == other)
    assert np.mean(right) > 0.9


def test_induction_appears_during_training():
    ids = fresh_repeats(16)
    best = [induction_scores(patterns(load_toy(i), ids), ids).max() for i in range(len(toy_checkpoints()))]
    assert max(best[:3]) < 0.2
    assert best[-1] > 0.8
    # The change is sudden: from none to nearly all of it within a fifth of the training.
    steps, best = np.array(toy_checkpoints()), np.array(best)
    assert steps[best > 0.8][0] - steps[best < 0.2][-1] <= steps[-1] / 5


def test_checkpoints_go_from_untrained_to_finished():
    steps = toy_checkpoints()
    assert len(steps) >= 10
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    final, last = load_toy().state_dict(), load_toy(-1).state_dict()
    assert all(torch.equal(final[name], last[name]) for name in final)


@pytest.mark.parametrize("checkpoint", [12, -13, 2000])
def test_a_checkpoint_that_does_not_exist_is_refused(checkpoint):
    with pytest.raises(IndexError, match=rf"checkpoint {checkpoint} .*0 to 11.*\[0, 100, .*, 2000\]"):
        load_toy(checkpoint)


def test_the_model_is_ready_to_run(model):
    assert not model.training
    assert model.cfg.model_name == "toy-induction"
    assert model.cfg.n_ctx == N_CTX
    assert {weight.dtype for weight in model.state_dict().values()} == {torch.float32}
    assert {weight.device.type for weight in model.state_dict().values()} == {"cpu"}


def test_loading_leaves_the_random_state_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    load_toy()
    assert torch.equal(torch.rand(3), expected)


def test_the_weights_are_small():
    assert sum(file.stat().st_size for file in WEIGHTS.parent.iterdir()) < 3e6


def test_training_is_deterministic_and_its_weights_load(tmp_path):
    for run in ("a", "b"):
        checkpoints = train_toy.train(5, seed=3, report=lambda line: None)
        train_toy.save_weights(checkpoints, tmp_path / run / "toy.safetensors", seed=3)
    first, second = (tmp_path / run / "toy.safetensors" for run in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.glob("*/*")) == [first, second]

    loaded = load_toy(weights=first).state_dict()
    assert all(torch.equal(loaded[name], weight) for name, weight in checkpoints[5].items())
    untrained = load_toy(0, weights=first).state_dict()
    assert not torch.equal(untrained["unembed.weight"], loaded["unembed.weight"])


def test_training_for_no_steps_is_refused():
    with pytest.raises(ValueError, match="steps is 0; expected at least 1"):
        train_toy.train(0)
