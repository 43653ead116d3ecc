"""`Atlas.to_site`: which files are written, what they hold, and what happens to what was there."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import attn_widgets as aw
from attn_widgets.atlas import site
from attn_widgets.atlas.corpus import Passage
from attn_widgets.atlas.head_page import examples_by, head_page
from attn_widgets.buffers import json_for_script, with_base64

HOSTILE = "</script><script>window.hacked = 1</script>\u2028 <!-- \ud800"


@pytest.fixture(scope="module")
def folder(toy_atlas, tmp_path_factory):
    path = tmp_path_factory.mktemp("site") / "new"
    assert toy_atlas.to_site(path, progress=False) == path / "index.html"
    return path


def files_of(folder):
    (heads,) = folder.glob("heads-*")
    return sorted(heads.iterdir(), key=lambda path: int(path.stem))


def page_in(file):
    text = file.read_text(encoding="ascii")
    number, page = re.fullmatch(r"attnWidgetsSite\((\d+),(\{.*\})\)\n", text).groups()
    return int(number), json.loads(page)


def index_of(folder):
    text = (folder / "index.html").read_text()
    return json.loads(re.search(r'id="attn-widgets-site">(.*?)</script>', text)[1])


def test_each_head_has_a_file_that_says_what_a_dossier_says(folder, toy_atlas):
    table = index_of(folder)["state"]["table"]
    assert table["names"] == list(toy_atlas.heads.index)
    files = files_of(folder)
    assert len(files) == 16
    for number, name in ((1, "toy-induction:L0H1"), (13, "toy-induction@3:L1H1")):
        found, page = page_in(files[number])
        assert (found, page["state"]["name"]) == (number, name)
        # read all at once, or of one head
        expected = json.loads(json_for_script(with_base64(head_page(toy_atlas, name, examples_by(toy_atlas, name)))))
        assert page == expected
    assert index_of(folder)["state"]["files"] == files[0].parent.name


def test_every_column_is_in_the_index(folder, toy_atlas):
    names = {column["name"] for column in index_of(folder)["state"]["table"]["columns"]}
    heads = toy_atlas.heads
    some = [
        name
        for name in heads.columns
        if heads[name].dtype.kind in "fi" and name not in ("layer", "head") and np.isfinite(heads[name]).any()
    ]
    assert set(some) | {"motif"} <= names


def test_a_site_needs_nothing_from_elsewhere(folder):
    text = (folder / "index.html").read_text()
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', text) == []
    assert not re.search(r"\bfetch\(|@import|cdn", text)


def test_it_is_written_over_and_another_folder_is_not(toy_atlas, tmp_path):
    folder = tmp_path / "site"
    toy_atlas.to_site(folder, models=["toy-induction@3"], title="Early <b>", progress=False)
    assert "<title>Early &lt;b&gt;</title>" in (folder / "index.html").read_text()
    first = files_of(folder)
    assert len(first) == 8
    assert page_in(first[0])[1]["state"]["name"] == "toy-induction@3:L0H0"
    toy_atlas.to_site(folder, models=["toy-induction@3"], title="Early", progress=False)
    assert files_of(folder) == first
    toy_atlas.to_site(folder, progress=False)
    assert len(files_of(folder)) == 16
    with pytest.raises(ValueError, match="other things than a site"):
        toy_atlas.to_site(tmp_path, progress=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="a file; expected a folder"):
        toy_atlas.to_site(tmp_path / "file", progress=False)
    with pytest.raises(ValueError, match="did you mean 'toy-induction'"):
        toy_atlas.to_site(folder, models=["toy-inductio"], progress=False)
    with pytest.raises(TypeError, match="expected a list of names"):
        toy_atlas.to_site(folder, models="toy-induction", progress=False)


def test_what_was_there_stays_until_the_new_one_is_whole(toy_atlas, tmp_path, monkeypatch):
    folder = tmp_path / "site"
    toy_atlas.to_site(folder, models=["toy-induction@3"], progress=False)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    calls = []

    def failing(*given):
        calls.append(given)
        if len(calls) == 5:
            raise OSError(28, "no room")
        return head_page(*given)

    monkeypatch.setattr(site, "head_page", failing)
    with pytest.raises(OSError, match="no room"):
        toy_atlas.to_site(folder, progress=False)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    monkeypatch.undo()
    toy_atlas.to_site(folder, progress=False)
    assert len(files_of(folder)) == 16


def test_nothing_in_a_text_ends_a_script():
    text = json_for_script(with_base64({"tokens": [HOSTILE], "bytes": b"\x00</script>"}))
    assert text.isascii()
    assert "<" not in text
    assert json.loads(text)["state"]["tokens"] == [HOSTILE]


def test_passages_may_hold_anything(tmp_path):
    """Half of a character stands in no passage: the corpus refuses it."""
    words = "cat sat on the mat"
    kind = "</script><script>window.hacked = 1</script>\u2028"
    texts = [{"text": f"The {words}. The {words}.", "kind": kind}, {"text": f"A {words}. A {words}.", "kind": ""}]
    atlas = aw.build_atlas({"model": "toy-induction", "device": "cpu"}, texts, tmp_path / "atlas", progress=False)
    folder = tmp_path / "site"
    atlas.to_site(folder, progress=False)
    _, page = page_in(files_of(folder)[0])
    assert page["state"]["scores"]["kinds"] == [kind, "no kind"]
    with pytest.raises(ValueError, match="half of a surrogate pair"):
        Passage("a\ud800")
