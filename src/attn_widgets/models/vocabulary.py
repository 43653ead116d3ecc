"""Text in, ids of the bundled toy model's few hundred words out, and back: a vocabulary and a word-level tokenizer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

BOS = "<bos>"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Kept by kind so that the sentence templates of `corpus` can draw from a kind. No two words of the
# vocabulary differ by case alone: this is what makes the case-insensitive lookup unambiguous.
PUNCTUATION = (",", ".", "!", "?", ":", ";", "'", '"', "-", "(", ")", "\n")
NAMES = _words("Mary John Anna Tom Alice Bob Kate Paul Emma Jack Lucy Sam Sara Peter Nina Max")
PLACES = _words(
    """
    store park school garden house kitchen beach market library station office river forest city farm
    museum
    """
)
GIFTS = _words("book ball letter apple cake ring flower key cup hat box coat gift drink map bag toy picture")
ANIMALS = _words("cat dog bird fish horse mouse cow fox duck bear")
PEOPLE = _words("boy girl man woman child teacher doctor king queen friend")
SPOTS = _words("mat bed table chair floor wall door window tree road hill roof bench boat")
FOODS = _words("bread milk tea coffee rice soup eggs cheese fruit water salt sugar butter meat banana lemon")
COLORS = _words("red blue green yellow black white brown")
QUALITIES = _words(
    """
    big small old new good bad happy sad fast slow hot cold young little long short nice tired hungry
    warm quiet bright dark clean
    """
)
VERBS_PAST = _words(
    """
    sat slept stood ran walked jumped lived waited played ate saw liked found lost bought took made
    wanted loved opened closed read wrote heard called helped left gave went said asked was were had did
    came looked told got put
    """
)
VERBS = _words(
    """
    is are am be has have do does go goes come see sees like likes love want wants eat eats drinks run
    runs walk sit sits sleep sleeps make makes take give gives say says ask know think look find play
    live lives can will must may would could should
    """
)
NUMBERS = _words("0 1 2 3 4 5 6 7 8 9 10 11 12 one two three four five six seven eight nine ten")
DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
TIMES = _words("day night morning evening today tomorrow yesterday week year time now then")
PRONOUNS = _words("I you he she it we they me him her us them my your his its our their")
FUNCTION_WORDS = _words(
    """
    the a an this that these some any all every no not yes and or but so because if when while after
    before where who what why how which there here to from in on at by with for of into under over near
    behind up down out off about as than very too also again always never only just more
    """
)
NOUNS = _words(
    """
    sun moon star rain snow wind sea name word song story game world life hand eye head car bus train
    """
)
SPEECH = _words("'s don't didn't can't won't isn't hello thanks please goodbye")

VOCABULARY: tuple[str, ...] = (
    BOS,
    *PUNCTUATION,
    *NAMES,
    *PLACES,
    *GIFTS,
    *ANIMALS,
    *PEOPLE,
    *SPOTS,
    *FOODS,
    *COLORS,
    *QUALITIES,
    *VERBS_PAST,
    *VERBS,
    *NUMBERS,
    *DAYS,
    *TIMES,
    *PRONOUNS,
    *FUNCTION_WORDS,
    *NOUNS,
    *SPEECH,
)

# What word processors put in place of the plain characters of the vocabulary.
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": ".", "\r": "\n", "\u00a0": " "}
)
# A possessive is its own token ("Mary's" -> "Mary", "'s"); a contraction with n't is one word.
_PIECE = re.compile(r"<bos>|'s\b|[^\W\d_]+(?:'t\b)?|\d+|\n|[^\w\s]|_", re.IGNORECASE)
_CLOSES = frozenset(",.!?:;)") | {"'s"}
_SUGGESTIONS = 4


class ToyTokenizer:
    """Word-level tokenizer of the bundled toy model: one word, number or punctuation mark is one token.

    Case is looked up freely ("The" is "the", "mary" is "Mary") and each token has one spelling, the one in
    `vocabulary`. Decoding therefore returns the vocabulary's spelling, not what was typed.

    Attributes
    ----------
    vocabulary : tuple of str
        Every token, at the index that is its id.
    bos_id : int
        Id of ``<bos>``, the token each prompt starts with.
    special_ids : frozenset of int
        Ids of the special tokens: that of ``<bos>``.
    """

    def __init__(self) -> None:
        self.vocabulary: tuple[str, ...] = VOCABULARY
        self.bos_id: int = self.vocabulary.index(BOS)
        self.special_ids: frozenset[int] = frozenset({self.bos_id})
        self._ids = {token.lower(): token_id for token_id, token in enumerate(self.vocabulary)}

    def encode(self, text: str, bos: bool = True) -> list[int]:
        """Turn text into token ids.

        Parameters
        ----------
        text : str
            Words of the vocabulary, punctuation and line breaks. Other spacing is ignored.
        bos : bool
            Start with ``<bos>``, as every training text did. One typed in the text is not doubled.

        Returns
        -------
        list of int
            Ids, shape ``[seq]``.

        Raises
        ------
        ValueError
            If the text is empty, or has words the toy does not know: all of them are named, each with near
            words of the vocabulary.
        """
        if not text.strip():
            raise ValueError(
                f"The prompt is empty (got {text!r}); expected at least one word. "
                'Try "The cat sat on the mat. The cat sat on the".'
            )
        pieces = _PIECE.findall(_plain(text))
        unknown = [piece for piece in dict.fromkeys(pieces) if piece.lower() not in self._ids]
        if unknown:
            raise ValueError(self._unknown_message(unknown))
        ids = [self._ids[piece.lower()] for piece in pieces]
        if bos and ids[0] != self.bos_id:
            ids.insert(0, self.bos_id)
        return ids

    def pieces(self, text: str) -> list[int]:
        """Turn a bit of text within a prompt into token ids, without ``<bos>``; raises as `encode` does."""
        return self.encode(text, bos=False)

    def decode(self, ids: Iterable[int]) -> str:
        """Turn token ids back into text with natural spacing; ``<bos>`` is left out.

        Parameters
        ----------
        ids : iterable of int
            Ids, shape ``[seq]``.

        Returns
        -------
        str
            Text that `encode` turns into the same ids.

        Raises
        ------
        ValueError
            If an id is outside the vocabulary.
        """
        tokens = [token for token in self.token_strings(ids) if token != BOS]
        return "".join(_spaced(tokens))

    def spans(self, ids: Iterable[int], text: str) -> list[tuple[int, int]]:
        """Find each token in the text that it was read from, or that it decodes to.

        Parameters
        ----------
        ids : iterable of int
            Ids, shape ``[seq]``.
        text : str

        Returns
        -------
        list of (int, int)
            Start and end, one a token; an empty span where ``<bos>`` was not typed.
        """
        words = (match.span() for match in _PIECE.finditer(_plain(text)))
        spans: list[tuple[int, int]] = []
        for token in ids:
            last = spans[-1][1] if spans else 0
            given = token != self.bos_id or text[last:].lstrip().lower().startswith(BOS)
            spans.append(next(words, (last, last)) if given else (last, last))
        return spans

    def token_strings(self, ids: Iterable[int]) -> list[str]:
        """Name every token, one string an id.

        Parameters
        ----------
        ids : iterable of int
            Ids, shape ``[seq]``.

        Returns
        -------
        list of str
            The vocabulary's spelling of each id; ``"<bos>"`` for the first token of a prompt.

        Raises
        ------
        ValueError
            If an id is outside the vocabulary.
        """
        ids = [int(token_id) for token_id in ids]
        outside = [token_id for token_id in ids if not 0 <= token_id < len(self.vocabulary)]
        if outside:
            raise ValueError(
                f"Token ids {outside} are not in the toy's vocabulary; expected 0 to {len(self.vocabulary) - 1}."
            )
        return [self.vocabulary[token_id] for token_id in ids]

    def _unknown_message(self, unknown: Sequence[str]) -> str:
        lines = [f"{word!r}: try {', '.join(map(repr, self._near(word)))}" for word in unknown]
        return (
            f"The toy model knows {len(self.vocabulary)} words and not these: {', '.join(map(repr, unknown))}.\n  "
            + "\n  ".join(lines)
            + "\nToyTokenizer().vocabulary lists every word it knows."
        )

    def _near(self, word: str) -> list[str]:
        """Known words spelled most like an unknown one, best first."""
        known = list(self._ids)
        near = difflib.get_close_matches(word.lower(), known, n=_SUGGESTIONS, cutoff=0.6)
        # A word like nothing in the vocabulary still gets suggestions, to show what kind of word would do.
        near += difflib.get_close_matches(word.lower(), known, n=2 * _SUGGESTIONS, cutoff=0.0)
        words = [self.vocabulary[self._ids[token]] for token in dict.fromkeys(near)]
        return [token for token in words if token != BOS][:_SUGGESTIONS]


def _plain(text: str) -> str:
    """The text with the plain characters of the vocabulary, each in its place."""
    return text.replace("\r\n", " \n").translate(_PLAIN)


def _spaced(tokens: Sequence[str]) -> Iterable[str]:
    """Yield tokens with the spaces that writing puts between them."""
    in_quotes = False
    glue_next = True
    for token in tokens:
        opens = token == "(" or (token == '"' and not in_quotes)
        closes = token in _CLOSES or token == "\n" or (token == '"' and in_quotes)
        yield token if glue_next or closes else f" {token}"
        if token == '"':
            in_quotes = not in_quotes
        glue_next = opens or token == "\n"
