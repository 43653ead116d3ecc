"""What somebody has texts in -> the texts, one after the other, each with the words that say where it stood."""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from attn_widgets.names import near_miss

Rows = Iterator[tuple[str, Any]]

# UTF-32 begins as UTF-16 does, so it is looked for first
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_COLUMNS = ("text", "kind")
# rows of a Parquet file that are in memory at once
_ROWS = 256
# what a byte that cannot be decoded is read as
_NOT_DECODED = re.compile("[\udc80-\udcff]")


def name_of(given: Any) -> str:
    """Call a corpus after its file or data set."""
    if isinstance(given, (str, os.PathLike)):
        return Path(given).stem
    info = getattr(given, "info", None)
    name = getattr(given, "name", None) or getattr(info, "dataset_name", None)
    return name if isinstance(name, str) else "texts"


def rows(given: Any, encoding: str | None) -> Rows:
    """Give `where, text` for each text: a text is a str, a dict with `text` and perhaps `kind`, or whatever was given.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        As `as_corpus` does.
    """
    if isinstance(given, (str, os.PathLike)):
        return _in_file(given, encoding)
    if encoding is not None:
        raise ValueError(f"encoding is {encoding!r}, but corpus is {type(given).__name__}; expected a path with it")
    if isinstance(given, (Mapping, AbstractSet, bytes)):
        raise TypeError(_refused(given))
    if hasattr(given, "column_names"):
        return _numbered("row", _rows_of_columns(given))
    if hasattr(given, "columns") and hasattr(given, "to_dict"):
        return _numbered("row", iter(given[_wanted(list(given.columns), "corpus")].to_dict("records")))
    if not isinstance(given, Iterable):
        raise TypeError(_refused(given))
    return ((f"corpus[{index}]", one) for index, one in enumerate(given))


def _refused(given: Any) -> str:
    """What is wrong with something that is no corpus, and what to do."""
    if isinstance(given, Mapping):
        keys = ", ".join(repr(key) for key in list(given)[:5])
        advice = f'of {keys}; pass one of its splits, corpus["train"], or its list of texts'
    elif isinstance(given, AbstractSet):
        advice = "which has no order, so that it could not be known again; pass sorted(...) of it"
    else:
        advice = "expected texts in a list or iterator, the path of a file, or a datasets object"
    return f"corpus is a {type(given).__name__}, {advice}"


def _wanted(names: list[str], where: str) -> list[str]:
    """Which of the columns are read."""
    if "text" not in names:
        near = near_miss("text", names).replace("expected one of", "it has")
        raise ValueError(f'{where} has no column "text"; {near}. Rename the column that holds the texts')
    return [name for name in _COLUMNS if name in names]


def _numbered(word: str, values: Iterable[Any], where: str = "corpus") -> Rows:
    return ((f"{where}, {word} {number}", value) for number, value in enumerate(values))


def _rows_of_columns(given: Any) -> Iterator[Any]:
    """Rows of a data set or of an Arrow table; what else the rows have, such as pictures, is not decoded."""
    names = given.column_names
    if isinstance(names, Mapping):
        raise TypeError(_refused(names))
    # a streamed data set may not know its columns
    if names is not None:
        wanted = _wanted(list(names), "corpus")
        given = given.select_columns(wanted) if hasattr(given, "select_columns") else given.select(wanted)
    if hasattr(given, "to_batches"):
        return (row for batch in given.to_batches(max_chunksize=_ROWS) for row in batch.to_pylist())
    return iter(given)


def _in_file(given: str | os.PathLike[str], encoding: str | None) -> Rows:
    path = os.fspath(given)
    if os.path.isdir(path):
        raise ValueError(
            f"corpus is the folder {path!r}; expected a .txt, .jsonl or .parquet file in it,"
            " or what datasets.load_from_disk makes of it"
        )
    if not os.path.isfile(path):
        shown = path if len(path) < 80 else f"{path[:80]}..."
        raise FileNotFoundError(f"corpus is {shown!r}, and there is no such file. To pass one text, pass [text]")
    kind = Path(path).suffix.lower()
    if kind in (".txt", ".text", ".md"):
        return _paragraphs(path, encoding)
    if kind in (".jsonl", ".ndjson"):
        return _objects(path, encoding)
    if kind in (".parquet", ".pq"):
        return _parquet(path)
    raise ValueError(f"corpus is {path!r}; expected a file that ends in .txt, .md, .jsonl or .parquet")


def _lines(path: str, encoding: str | None) -> Iterator[tuple[int, str]]:
    """Numbered lines, without what ends them; a byte that is not of the encoding is found in its line."""
    if encoding is None:
        with open(path, "rb") as file:
            start = file.read(4)
        encoding = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "utf-8-sig")
    number = 0
    try:
        with open(path, encoding=encoding, errors="surrogateescape") as file:
            for number, line in enumerate(file, 1):
                if "\0" in line or _NOT_DECODED.search(line):
                    raise ValueError(_not_in(encoding, path, f"line {number}"))
                yield number, line.rstrip("\n")
    except LookupError:
        raise ValueError(f"encoding is {encoding!r}; expected one that Python knows, such as 'latin-1'") from None
    except UnicodeError:
        raise ValueError(_not_in(encoding, path, f"after line {number}")) from None


def _not_in(encoding: str, path: str, where: str) -> str:
    name = "UTF-8" if encoding == "utf-8-sig" else encoding
    return (
        f"{path}, {where}: the bytes are not text in {name};"
        f" say which encoding it is, as_corpus({path!r}, encoding='latin-1') for one, or save the file as UTF-8"
    )


def _paragraphs(path: str, encoding: str | None) -> Rows:
    begun, lines = 0, list[str]()
    for number, line in _lines(path, encoding):
        if line.strip():
            begun = begun if lines else number
            lines.append(line)
        elif lines:
            yield f"{path}, line {begun}", "\n".join(lines)
            lines = []
    if lines:
        yield f"{path}, line {begun}", "\n".join(lines)


def _objects(path: str, encoding: str | None) -> Rows:
    for number, line in _lines(path, encoding):
        where = f"{path}, line {number}"
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(
                f"{where} is not JSON: {error.msg} at character {error.pos + 1} of {line[:60]!r};"
                ' expected {"text": ...} on a line of its own'
            ) from None
        yield where, given


def _parquet(path: str) -> Rows:
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise ValueError(f"{path} is not Parquet, or not all of it is there: {error}") from error
    with file:
        wanted = _wanted(list(file.schema_arrow.names), path)
        batches = file.iter_batches(batch_size=_ROWS, columns=wanted)
        yield from _numbered("row", (row for batch in batches for row in batch.to_pylist()), path)
