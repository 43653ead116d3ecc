"""Texts, given in any of the ways people keep them -> a Corpus: ordered, no text twice, known by a hash."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, overload

from attn_widgets.atlas.reading_texts import name_of, rows
from attn_widgets.names import near_miss

# one file a kind
_BUNDLED = Path(__file__).with_name("passages")


def _hash(data: bytes) -> str:
    """Return 16 hex digits."""
    return hashlib.sha256(data).digest()[:8].hex()


@dataclass(frozen=True)
class Passage:
    """One text of a corpus.

    Parameters
    ----------
    text : str
    kind : str
        What sort of text it is, such as "code"; scores can be looked at kind by kind.

    Raises
    ------
    TypeError
        If either is not a str.
    ValueError
        If the text holds half of a surrogate pair, which no file can hold.
    """

    text: str
    kind: str = ""

    def __post_init__(self) -> None:
        for name, value in (("text", self.text), ("kind", self.kind)):
            if not isinstance(value, str):
                raise TypeError(f"{name} is {type(value).__name__}: {value!r:.60}; expected a str")
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"text has half of a surrogate pair, {self.text[error.start]!r}, at character {error.start};"
                " it was decoded wrongly where it comes from"
            ) from None

    @cached_property
    def id(self) -> str:
        """What the text is known by, on every machine: 16 hex digits of the SHA-256 of its UTF-8."""
        return _hash(self.text.encode())


@dataclass(frozen=True, repr=False)
class Corpus:
    """Texts in an order, none of them twice: of those that are alike the first stays.

    Parameters
    ----------
    passages : tuple of Passage
    name : str
        What people call it. It does not enter `id`.
    """

    passages: tuple[Passage, ...]
    name: str = "texts"
    id: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        for index, passage in enumerate(self.passages):
            if not isinstance(passage, Passage):
                raise TypeError(
                    f"passages[{index}] is {type(passage).__name__}; expected a Passage. as_corpus takes plain texts"
                )
        kept = {passage.id: passage for passage in reversed(tuple(self.passages))}
        object.__setattr__(self, "passages", tuple(reversed(kept.values())))
        object.__setattr__(self, "id", _hash("\n".join(passage.id for passage in self.passages).encode()))

    def __len__(self) -> int:
        return len(self.passages)

    def __iter__(self) -> Iterator[Passage]:
        return iter(self.passages)

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> Corpus: ...
    def __getitem__(self, index: int | slice) -> Passage | Corpus:
        if isinstance(index, slice):
            return replace(self, passages=self.passages[index])
        return self.passages[index]

    def __repr__(self) -> str:
        kinds = ", ".join(f"{number} {kind or 'of no kind'}" for kind, number in self.kinds().items())
        return f"Corpus({self.name!r}, {len(self)} passages: {kinds or 'none'}; id {self.id})"

    @property
    def texts(self) -> list[str]:
        """The texts alone."""
        return [passage.text for passage in self.passages]

    def kinds(self) -> dict[str, int]:
        """How many passages there are of each kind, in the order in which the kinds come."""
        return dict(Counter(passage.kind for passage in self.passages))

    def of_kind(self, *kinds: str) -> Corpus:
        """The passages of some kinds alone, in the order they have here.

        Raises
        ------
        ValueError
            If there is no passage of one of the kinds.
        """
        there = self.kinds()
        for kind in kinds:
            if kind not in there:
                raise ValueError(f"{self.name} has no passage of kind {kind!r}; {near_miss(str(kind), there)}")
        return replace(self, passages=tuple(passage for passage in self.passages if passage.kind in kinds))


def _passage(given: Any, where: str) -> Passage:
    """Make a passage of a text, or of something that has one."""
    if isinstance(given, Passage):
        return given
    kind = ""
    if isinstance(given, Mapping):
        if "text" not in given:
            near = near_miss("text", map(str, given)).replace("expected one of", "it has")
            raise ValueError(f'{where} has no "text"; {near}')
        given, kind = given["text"], given.get("kind") or ""
    elif not isinstance(given, str):
        raise TypeError(
            f'{where} is {type(given).__name__}: {given!r:.60}; expected a text, a Passage or a dict with "text"'
        )
    try:
        return Passage(given, kind)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{where}: {error}") from None


def _once(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Leave out what came before, and what is only white space; knows the ids, not the texts, of what has passed."""
    seen = set()
    for passage in passages:
        if passage.id not in seen and not passage.text.isspace() and passage.text:
            seen.add(passage.id)
            yield passage


def as_corpus(
    corpus: Corpus | str | os.PathLike[str] | Iterable[str | Passage | Mapping[str, Any]],
    *,
    limit: int | None = None,
    encoding: str | None = None,
) -> Corpus:
    r"""Read texts into a corpus.

    Everything is read as a stream: only the texts that are kept are held. Texts of nothing but white space are left
    out, and so is every text that came before.

    Parameters
    ----------
    corpus : Corpus, path, or iterable of str, Passage or dict
        A path is that of a text file (`.txt`, `.md`: a passage is a paragraph, with a blank line before the next), of
        JSONL (a line is a text, or an object with `"text"` and, where wanted, `"kind"`) or of Parquet (a column
        `text` and, where wanted, `kind`). In place of a list, an iterator, a pandas or Arrow table or a `datasets`
        object with these columns will do, streamed ones too.
    limit : int, optional
        Read no further than so many different texts.
    encoding : str, optional
        Of a text file or of JSONL. Without it UTF-8, or the UTF-16 or UTF-32 that the file's first bytes announce.

    Returns
    -------
    Corpus
        Named after its file or data set.

    Raises
    ------
    TypeError
        If `corpus` is nothing of the above; the text that is not one is named.
    ValueError
        If there is no text; if a line, row or column is not what it should be, which is named.
    FileNotFoundError
        If there is no such file.
    """
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise ValueError(f"limit is {limit!r}; expected how many texts to read, 1 or more")
    if isinstance(corpus, Corpus):
        read = corpus[:limit]
    else:
        given = (_passage(one, where) for where, one in rows(corpus, encoding))
        read = Corpus(tuple(islice(_once(given), limit)), name_of(corpus))
    if not len(read):
        raise ValueError(f"corpus has no text: {name_of(corpus)} is empty, or holds nothing but white space")
    return read


@cache
def _bundled() -> dict[str, tuple[Passage, ...]]:
    """Read the passages of each kind that come with the package."""
    return {path.stem: as_corpus(path).passages for path in sorted(_BUNDLED.glob("*.jsonl"))}


def passages(kinds: str | Iterable[str] | None = None) -> Corpus:
    """Give the passages that come with the package: ten kinds, at least twenty each, written for this project.

    Each has at least 150 tokens in SmolLM2's tokenizer. The kinds take turns, so that any beginning of the corpus,
    `passages()[:50]`, has all of them.

    Parameters
    ----------
    kinds : str or iterable of str, optional
        Of these kinds alone: "code", "dialogue", "explanations", "languages", "letters", "lists", "prose",
        "repeated", "scripts", "tables".

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    turns = chain.from_iterable(zip_longest(*_bundled().values()))
    every = Corpus(tuple(passage for passage in turns if passage is not None), "passages")
    if kinds is None:
        return every
    return every.of_kind(*([kinds] if isinstance(kinds, str) else kinds))
