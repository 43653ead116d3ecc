"""A corpus: what people keep texts in, read as it is; and the passages that come with the package."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations

import pytest

import attn_widgets as aw
from attn_widgets.atlas import Corpus, Passage, as_corpus

KINDS = {
    "code",
    "dialogue",
    "explanations",
    "languages",
    "letters",
    "lists",
    "prose",
    "repeated",
    "scripts",
    "tables",
}


def runs_of_words(text, n=8):
    words = text.split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def test_two_hundred_passages_of_ten_kinds_come_with_the_package():
    kinds = aw.passages().kinds()
    assert set(kinds) == KINDS
    assert len(aw.passages()) >= 200
    assert min(kinds.values()) >= 20


def test_each_passage_is_long_enough_for_the_150_tokens_that_are_promised(smollm2):
    # a first token that stands before the text does not count
    lengths = {passage.text[:40]: len(smollm2.encode(passage.text)) - 1 for passage in aw.passages()}
    short = {text: length for text, length in lengths.items() if length < 150}
    assert not short


def test_no_two_passages_share_eight_words_in_a_row_or_their_beginning():
    corpus = aw.passages()
    shared = [
        (one.text[:40], other.text[:40])
        for (one, a), (other, b) in combinations([(passage, runs_of_words(passage.text)) for passage in corpus], 2)
        if a & b or one.text[:20] == other.text[:20]
    ]
    assert not shared


def test_passages_are_clean_text():
    for passage in aw.passages():
        assert passage.text == passage.text.rstrip().lstrip("\n")
        assert not set("\r\ufeff\ufffd\0") & set(passage.text), passage.text[:40]
        assert all(line == line.rstrip() for line in passage.text.splitlines()), passage.text[:40]


def test_only_repeated_text_repeats_long_runs():
    def repeats(passage):
        words = passage.text.split()
        runs = Counter(tuple(words[i : i + 5]) for i in range(len(words) - 4))
        return sum(n for n in runs.values() if n > 1) / max(1, len(words))

    means = {kind: sum(map(repeats, aw.passages(kind))) / len(aw.passages(kind)) for kind in KINDS}
    assert max(means, key=means.get) == "repeated"
    assert all(means["repeated"] > 3 * means[kind] for kind in KINDS - {"repeated", "code", "tables"})


def test_kinds_take_turns_so_that_any_beginning_has_all_of_them():
    assert set(aw.passages()[:10].kinds()) == KINDS
    assert set(aw.passages(["code", "prose"]).kinds()) == {"code", "prose"}
    with pytest.raises(ValueError, match=r"dialog.*dialogue"):
        aw.passages("dialog")


def test_texts_are_kept_in_order_and_once():
    corpus = as_corpus(iter(["b", "a", "  \n", "b", {"text": "c", "kind": "letter"}, ""]))
    assert corpus.texts == ["b", "a", "c"]
    assert corpus.kinds() == {"": 2, "letter": 1}


def test_a_corpus_is_known_by_its_texts_in_their_order_and_not_by_its_name():
    one = as_corpus(["a", "b"])
    assert one.id == Corpus((Passage("a"), Passage("b", "kind")), "another name").id
    assert one.id != as_corpus(["b", "a"]).id


@pytest.mark.parametrize("ending", ["txt", "jsonl", "parquet", "pandas", "arrow", "arrow with more columns"])
def test_the_same_texts_are_read_from_anything_that_holds_them(ending, tmp_path):
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"text": "Grüße aus Köln.", "kind": "letter"}, {"text": "Two lines\nof one.", "kind": "letter"}]
    path = tmp_path / f"texts.{ending}"
    if ending == "txt":
        path.write_text("\n\n\n".join(row["text"] for row in rows) + "\n", encoding="utf-8")
    elif ending == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    elif ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    given = {
        "pandas": lambda: pd.DataFrame(rows),
        "arrow": lambda: pa.Table.from_pylist(rows),
        "arrow with more columns": lambda: pa.Table.from_pylist([{**row, "more": 1} for row in rows]),
    }.get(ending, lambda: path)()
    corpus = as_corpus(given)
    assert corpus.texts == [row["text"] for row in rows]
    assert corpus.kinds() == ({"": 2} if ending == "txt" else {"letter": 2})
    assert corpus.name == "texts"


def test_a_limit_reads_no_further():
    def endless():
        yield from ["a", "a", "b"]
        raise AssertionError("read on")

    assert as_corpus(endless(), limit=2).texts == ["a", "b"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "has no text"),
        (["a", 3], r"corpus\[1\] is int"),
        ([{"txt": "a"}], 'no "text".*txt'),
        ("no such file.txt", r"pass \[text\]"),
        ({"train": ["a"]}, r'corpus\["train"\]'),
        ({"a", "b"}, "sorted"),
        (["half \ud800"], "surrogate"),
    ],
)
def test_what_is_no_corpus_is_refused_with_what_to_do(given, says):
    with pytest.raises((TypeError, ValueError, FileNotFoundError), match=says):
        as_corpus(given)


def test_a_line_that_is_not_json_or_not_utf8_is_named(tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "a"}\n{"text": \n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 2 is not JSON"):
        as_corpus(path)
    path.write_bytes(b'{"text": "a"}\n{"text": "K\xf6ln"}\n')
    with pytest.raises(ValueError, match=r"line 2: the bytes are not text in UTF-8.*latin-1"):
        as_corpus(path)
    assert as_corpus(path, encoding="latin-1").texts == ["a", "Köln"]
