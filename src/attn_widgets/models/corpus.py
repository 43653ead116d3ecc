"""A seeded generator in, batches of token ids [batch, seq] out: the text the bundled toy model learns from.

Two kinds of text teach the same lesson, that what came before comes again: stories made from sentence
templates, in which names and whole sentences recur, and random words repeated until the context is full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from attn_widgets.models import vocabulary as words
from attn_widgets.models.vocabulary import ToyTokenizer

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Shortest and longest random phrase to repeat. Varied lengths keep the model from learning a fixed distance
# back, which rotary positions would make easy, in place of finding the earlier copy of a token.
SHORTEST_PHRASE, LONGEST_PHRASE = 3, 60

# Two people, one of whom gives something to the other: indirect object identification (Wang et al. 2022,
# "Interpretability in the Wild"). Each sentence comes with either person acting, so order tells nothing.
TWO_PEOPLE = (
    "When {name} and {name2} went to the {place}, {name} gave a {gift} to {name2}.",
    "When {name} and {name2} went to the {place}, {name2} gave a {gift} to {name}.",
    "When {name} and {name2} were at the {place}, {name} gave the {gift} to {name2}.",
    "When {name} and {name2} were at the {place}, {name2} gave the {gift} to {name}.",
    "Then {name} and {name2} came to the {place}, and {name} gave a {gift} to {name2}.",
    "Then {name} and {name2} came to the {place}, and {name2} gave a {gift} to {name}.",
    "After {name} and {name2} found a {gift} in the {place}, {name} gave it to {name2}.",
    "After {name} and {name2} found a {gift} in the {place}, {name2} gave it to {name}.",
)
STORY = (
    "The {animal} sat on the {spot}.",
    "The {quality} {animal} slept under the {spot}.",
    "A {animal} ran to the {place}, and the {animal2} ran after it.",
    "{name} saw a {animal} near the {spot}.",
    "{name} lived in a {quality} {place}.",
    "{name} liked {food} and {food2}.",
    "The {person} made {food} for {name}.",
    "{name} went to the {place} on {day}.",
    "{name}'s {gift} was {color}, but {name2}'s {gift} was {color2}.",
    "The {color} {gift} was on the {spot}.",
    "{name} likes {name2}, and {name2} likes {name}.",
    "The {person} told {name} a story about the {animal}.",
    "In the {time}, {name} walked to the {place} with {name2}.",
    "It was a {quality} day, and the {person} was {quality2}.",
    "{name} took the {gift} and put it in the {place}.",
    "{name} has {number} {food} and {name2} has {number2}.",
)
LISTS = (
    "{name} bought {food}, {food2} and {food3}.",
    "{food}, {food2}, {food3}, {food}, {food2}, {food3},",
    "The {animal}, the {animal2} and the {animal3}; the {animal}, the {animal2} and the {animal3}.",
    "{number}, {number2}, {number3}; {number}, {number2}, {number3};",
    "{color}, {color2}, {color3} and {color}, {color2}, {color3}.",
    "{name}: {gift}, {gift2}\n{name2}: {gift2}, {gift}\n",
    "{number} - {animal}\n{number2} - {animal2}\n{number} - {animal}\n",
)
DIALOGUE = (
    '{name} said: "I like the {animal}." {name2} said: "I like the {animal} too."\n',
    '"Where is the {gift}?" asked {name}. "It is in the {place}," said {name2}.\n',
    "{name}: hello, {name2}!\n{name2}: hello, {name}!\n",
    '"Do you want {food}?" asked {name}. "No thanks," said {name2}, "I want {food2}."\n',
    'The {person} asked {name}: "Who took my {gift}?" {name} said: "{name2} took your {gift}."\n',
    "{name}: can you see the {animal}?\n{name2}: yes, the {animal} is on the {spot}!\n",
)
_KINDS: dict[str, tuple[str, ...]] = {
    "name": words.NAMES,
    "place": words.PLACES,
    "gift": words.GIFTS,
    "animal": words.ANIMALS,
    "person": words.PEOPLE,
    "spot": words.SPOTS,
    "food": words.FOODS,
    "color": words.COLORS,
    "quality": words.QUALITIES,
    "number": words.NUMBERS[:13],
    "day": words.DAYS,
    "time": ("morning", "evening", "night"),
}
# Few people, so that names recur between sentences of a story; other words recur with their sentence.
_PEOPLE_IN_A_STORY = 4
_REPEAT_A_SENTENCE = 0.5
_GROUP_SHARES = (0.35, 0.35, 0.15, 0.15)

# A template ready to fill: fixed token ids, and slots as (kind, which one of that kind in the sentence).
_Template = list[int | tuple[str, int]]


class Corpus:
    """Training text of the toy model.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of all choices: the same seed gives the same batches.
    seq_len : int
        Tokens in a row, ``<bos>`` counted.
    """

    def __init__(self, rng: np.random.Generator, seq_len: int) -> None:
        self.rng = rng
        self.seq_len = seq_len
        self.tokenizer = ToyTokenizer()
        self._two_people, self._story, self._lists, self._dialogue = (
            [_compile(template, self.tokenizer) for template in group] for group in (TWO_PEOPLE, STORY, LISTS, DIALOGUE)
        )
        self._kinds = {kind: self.tokenizer.encode(" ".join(known), bos=False) for kind, known in _KINDS.items()}

    def batch(self, n_rows: int, random_share: float = 0.5) -> tuple[Ids, Mask]:
        """Draw a batch of both kinds of text.

        Parameters
        ----------
        n_rows : int
            Rows in the batch.
        random_share : float
            Part of the rows that are repeated random words, 0 to 1; the others are stories.

        Returns
        -------
        ids : numpy.ndarray
            Token ids ``[n_rows, seq_len]``, int64, each row starting with ``<bos>``.
        predictable : numpy.ndarray
            Bool ``[n_rows, seq_len]``: False at ``<bos>`` and where a random word could only be guessed.
        """
        n_random = round(n_rows * random_share)
        lengths = [self._phrase_length() for _ in range(n_random)]
        rows = [self.repeated_phrase(length) for length in lengths]
        rows += [self.story() for _ in range(n_rows - n_random)]
        # A phrase of n words fills positions 1 to n. Position n + 1 has its first word again, but only the
        # second one, at n + 2, follows a word that was seen before.
        first = np.array([length + 2 for length in lengths] + [1] * (n_rows - n_random))
        return np.stack(rows), np.arange(self.seq_len) >= first[:, None]

    def repeated_phrase(self, length: int) -> Ids:
        """Draw ``<bos>`` and a phrase of random words, repeated until the row is full.

        Parameters
        ----------
        length : int
            Words in the phrase.

        Returns
        -------
        numpy.ndarray
            Ids ``[seq_len]``, int64.
        """
        # Ids from 1: <bos> marks the start of a text and occurs nowhere else.
        phrase = self.rng.integers(1, len(self.tokenizer.vocabulary), size=length)
        return np.concatenate([[self.tokenizer.bos_id], np.resize(phrase, self.seq_len - 1)])

    def story(self) -> Ids:
        """Draw ``<bos>`` and sentences about a small cast, some said again, until the row is full.

        Returns
        -------
        numpy.ndarray
            Ids ``[seq_len]``, int64.
        """
        cast: dict[str, npt.ArrayLike] = {
            **self._kinds,
            "name": self.rng.permutation(self._kinds["name"])[:_PEOPLE_IN_A_STORY],
        }
        groups = (self._two_people, self._story, self._lists, self._dialogue)
        ids = [self.tokenizer.bos_id]
        sentences: list[list[int]] = []
        while len(ids) < self.seq_len:
            if sentences and self.rng.random() < _REPEAT_A_SENTENCE:
                sentence = sentences[self.rng.integers(len(sentences))]
            else:
                group = groups[self.rng.choice(len(groups), p=_GROUP_SHARES)]
                sentence = self._fill(group[self.rng.integers(len(group))], cast)
                sentences.append(sentence)
            ids += sentence
        return np.array(ids[: self.seq_len], dtype=np.int64)

    def _phrase_length(self) -> int:
        """Draw a length, each doubling as likely as the next: short phrases teach first, long ones sharpen."""
        exponent = self.rng.uniform(np.log(SHORTEST_PHRASE), np.log(LONGEST_PHRASE + 1))
        return int(np.exp(exponent))

    def _fill(self, template: _Template, cast: Mapping[str, npt.ArrayLike]) -> list[int]:
        """Put words of the cast into the slots; slots of one kind with different numbers get different words."""
        chosen: dict[str, Ids] = {}
        ids = []
        for part in template:
            if isinstance(part, int):
                ids.append(part)
                continue
            kind, which = part
            if kind not in chosen:
                chosen[kind] = self.rng.permutation(cast[kind])
            ids.append(int(chosen[kind][which]))
        return ids


def _compile(template: str, tokenizer: ToyTokenizer) -> _Template:
    parts: _Template = []
    for text, kind, which in re.findall(r"([^{]+)|\{([a-z]+)(\d?)\}", template):
        if kind:
            parts.append((kind, int(which or 1) - 1))
        elif text.strip(" "):
            # Only the newline has meaning among spaces; encode() refuses text without words.
            parts += tokenizer.encode(text, bos=False) if text.strip() else [tokenizer.vocabulary.index("\n")]
    return parts


def repeated_phrases(seeds: Sequence[int], length: int = 30) -> Ids:
    """Draw the sequences induction is measured on: ``<bos>``, random words, the same words again.

    Parameters
    ----------
    seeds : sequence of int
        One row for each seed.
    length : int
        Random words before they come again.

    Returns
    -------
    numpy.ndarray
        Ids ``[len(seeds), 1 + 2 * length]``, int64.
    """
    return np.stack([Corpus(np.random.default_rng(seed), 1 + 2 * length).repeated_phrase(length) for seed in seeds])
