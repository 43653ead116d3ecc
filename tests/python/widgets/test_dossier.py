"""HeadDossier, the Python side: what is sent of a head, where it goes, what opens elsewhere and what is refused."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest
import traitlets
from kernel import in_kernel

import attn_widgets as aw
from attn_widgets.atlas.example import parts_of
from attn_widgets.atlas.head_page import examples_by
from attn_widgets.atlas.reading import ids_of
from attn_widgets.widgets.widget import Widget

HEAD = "toy-induction:L1H1"
OTHER = "toy-induction@3:L0H2"


@pytest.fixture
def dossier(toy_atlas):
    return aw.HeadDossier(toy_atlas, HEAD)


def array(wire):
    return np.frombuffer(wire["data"], np.dtype(wire["dtype"]).newbyteorder("<")).reshape(wire["shape"])


def column(table, name):
    return next(one for one in table["columns"] if one["name"] == name)


def test_a_page_says_what_the_atlas_has(dossier, toy_atlas):
    page, row = dossier.page, toy_atlas.heads.loc[HEAD]
    assert (page["name"], page["model"], page["layer"], page["head"]) == (HEAD, "toy-induction", 1, 1)
    assert (page["n_layers"], page["n_heads"], page["n_passages"], page["depth"]) == (2, 4, 5, 1.0)
    assert page["motif"]["label"] == aw.MOTIFS[row["motif"]].label
    assert page["motif"]["score"] == pytest.approx(row[row["motif"]])
    np.testing.assert_array_equal(array(page["strengths"]), toy_atlas.strengths(HEAD))
    by_kind, scores = toy_atlas.scores_by_kind(HEAD), page["scores"]
    assert scores["kinds"] == ["repeated", "prose"]
    np.testing.assert_allclose(array(scores["by_kind"]), by_kind[scores["names"]].to_numpy(), atol=1e-6)
    np.testing.assert_allclose(array(scores["std"])[scores["names"].index("entropy")], row["entropy_std"], atol=1e-6)
    near = [(one["name"], one["distance"]) for one in page["nearest"] if one["here"]]
    assert near == toy_atlas.nearest(HEAD, 6, "toy-induction")
    elsewhere = [one["name"] for one in page["nearest"] if not one["here"]]
    assert elsewhere == [name for name, _ in toy_atlas.nearest(HEAD, 3, "toy-induction@3")]


def test_mean_patterns_of_it_and_of_those_near_come_with_it(dossier, toy_atlas):
    page = dossier.page
    codes, own = array(page["pictures"]), toy_atlas.mean_pattern(HEAD)
    assert len(codes) == len(page["pictures"]["peaks"]) == 1 + len(page["nearest"])
    n = page["n_words"]
    assert n == len(own)
    np.testing.assert_allclose(codes[0][:n, 1:n] / 255 * page["pictures"]["peaks"][0], own[:, 1:], atol=2e-3)
    # beside a sink nothing else would be seen
    assert codes[:, :, 0].max() == 0
    assert codes[0].max() == 255
    assert page["pictures"]["cells"] == [n] * len(codes)


def test_the_table_has_all_heads_and_every_score(dossier, toy_atlas):
    table, heads = dossier.table, toy_atlas.heads
    assert table["names"] == list(heads.index)
    assert [table["models"][i] for i in array(table["model"])] == list(heads["model"])
    np.testing.assert_allclose(array(column(table, "induction")["values"]), heads["induction"], atol=1e-6)
    motifs = column(table, "motif")
    assert [motifs["texts"][i] for i in array(motifs["codes"])] == list(heads["motif"])
    # the number of a cluster is a name
    clusters = column(table, "cluster")
    assert [clusters["texts"][i] for i in array(clusters["codes"])] == [str(one) for one in heads["cluster"]]
    assert column(table, "ov_copying")["label"] == "OV copying"
    names = {one["name"] for one in table["columns"]}
    assert {"entropy", "prefix_matching", "depth"} <= names
    # nothing that is derived, and no column without a value
    assert not names & {"induction_std", "induction_bits", "class"}


def test_columns_of_ones_own_stand_beside_the_others(toy_atlas):
    import pandas as pd

    atlas = aw.Atlas(toy_atlas.path)
    own = pd.DataFrame({"mine": np.arange(16.0), "group": ["a", None] * 8}, index=atlas.heads.index)
    atlas.add_columns(own)
    table = aw.HeadDossier(atlas, HEAD).table
    np.testing.assert_array_equal(array(column(table, "mine")["values"]), np.arange(16))
    assert column(table, "group")["texts"] == ["a", ""]


def test_examples_come_with_the_text_around_query_and_key(dossier, toy_atlas):
    for by in ("top", "decile", "random"):
        sent, expected = dossier.page["examples"][by], toy_atlas.examples(HEAD, 20, by)
        assert [(one["passage"], one["query"], one["key"]) for one in sent] == [
            (one.passage, one.query, one.key) for one in expected
        ]
        for wire, example in zip(sent, expected, strict=True):
            read = {part["start"] + i: token for part in wire["parts"] for i, token in enumerate(part["tokens"])}
            assert all(example.tokens[at] == token for at, token in read.items())
            assert {wire["query"], wire["key"]} <= set(read)
    assert len({one["decile"] for one in dossier.page["examples"]["decile"]}) == 10


def test_what_is_far_from_query_and_key_is_left_out():
    tokens = [str(i) for i in range(60)]
    assert parts_of(tokens, [30, 31, 33, 50]) == [(30, ("30", "31", "32", "33")), (50, ("50",))]
    # a few tokens take no more room than the sign for them
    assert parts_of(tokens, [2, 5]) == [(0, ("0", "1", "2", "3", "4", "5"))]
    assert parts_of(tokens, [-1, 60]) == []


def test_it_follows_its_name_and_its_parts(dossier):
    dossier.current = OTHER
    assert (dossier.model_name, dossier.layer, dossier.head, dossier.page["name"]) == ("toy-induction@3", 0, 2, OTHER)
    dossier.set_state({"layer": 1, "head": 3, "model_name": "toy-induction"})
    assert dossier.current == dossier.page["name"] == "toy-induction:L1H3"
    seen = []
    dossier.observe(lambda change: seen.append(change["new"]), "current")
    dossier.set_state({"current": HEAD, "layer": 1, "head": 1, "model_name": "toy-induction"})
    assert seen == [HEAD]


def test_another_head_is_one_message(dossier, monkeypatch):
    messages = []
    monkeypatch.setattr(Widget, "_send", lambda self, msg, buffers=None: messages.append(msg["state"]))
    dossier.current = "toy-induction:L0H0"
    (state,) = [message for message in messages if "page" in message]
    assert {"current", "layer", "head", "page"} <= set(state)
    assert not any("table" in message for message in messages)


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("current", "L1H1", "several models"),
        ("current", "toy-induction:L7H0", "expected one of toy-induction:L0H0 to toy-induction:L1H3"),
        ("current", "toy-inductoin:L0H0", "did you mean 'toy-induction'"),
        ("heads", [HEAD, "toy-induction:L9H9"], "heads: head is 'toy-induction:L9H9'"),
        ("layer", 2, "expected 0 to 1"),
        ("model_name", "gpt2", "model_name is 'gpt2'"),
        ("by", "best", "by"),
        ("opened", {"head": HEAD, "passage": "x", "query": 1, "key": 0}, "expected one of the examples"),
    ],
)
def test_bad_values_are_refused(dossier, name, value, match):
    page = dossier.page
    with pytest.raises((traitlets.TraitError, ValueError), match=match):
        setattr(dossier, name, value)
    assert dossier.page is page
    dossier.set_state({name: value})
    assert match.split("'")[0].strip() in dossier.error
    dossier.set_state({"by": "top"})
    assert dossier.error == ""


def test_without_a_kernel_a_notebook_says_whose_page_it_was(dossier):
    data, _ = dossier._repr_mimebundle_()
    assert data["text/plain"] == f"HeadDossier of {HEAD}: {dossier.page['motif']['label']}"


def test_other_things_than_an_atlas_and_its_models_are_refused(toy_atlas, toy, toy_trace):
    with pytest.raises(TypeError, match=r"atlas is a Trace; expected an Atlas"):
        aw.HeadDossier(toy_trace)
    with pytest.raises(TypeError, match="did you mean 'current'"):
        aw.HeadDossier(toy_atlas, curent=HEAD)
    stranger = aw.models.Model(toy.lens, toy.tokenizer, "stranger")
    with pytest.raises(ValueError, match="model is 'stranger'; expected one that the atlas has: toy-induction"):
        aw.HeadDossier(toy_atlas, HEAD, model=stranger)


def test_without_a_name_it_begins_with_the_first_head(toy_atlas):
    assert aw.HeadDossier(toy_atlas).current == toy_atlas.heads.index[0]


def test_with_a_model_all_that_a_query_attends_to_is_sent(toy_atlas, toy):
    dossier = aw.HeadDossier(toy_atlas, HEAD, model=toy)
    values, at = array(dossier.rows["values"]), 0
    assert len(dossier.rows["examples"]) == len(dossier.examples()) > 10
    for wire, example in zip(dossier.rows["examples"], dossier.examples(), strict=True):
        row = values[at : at + wire["size"]]
        at += wire["size"]
        pattern = aw.capture(toy, ids_of(toy, toy_atlas.text(example.passage), 128)).head("L1H1")
        np.testing.assert_allclose(row, pattern[example.query, : example.query + 1], atol=1e-6)
        assert row[example.key] == pytest.approx(example.weight, abs=2e-3)
        read = {part["start"] + i for part in wire["parts"] for i in range(len(part["tokens"]))}
        assert set(np.flatnonzero(row >= 0.2)) <= read
    assert at == len(values)
    # of the other model nothing can be read again
    dossier.current = OTHER
    assert dossier.rows["examples"] == []
    dossier.model = None
    assert dossier.model is None


def test_in_a_kernel_passages_are_read_between_messages(toy_atlas, toy):
    async def test():
        dossier = aw.HeadDossier(toy_atlas, HEAD, model=toy)
        assert dossier.rows["examples"] == []
        shares = []
        dossier.observe(lambda change: shares.append(change["new"]), "progress")
        while len(dossier.rows["examples"]) < len(dossier.examples()) or dossier.busy:
            await asyncio.sleep(0.01)
        assert shares[-1] == 1
        assert len(shares) > 2
        return dossier.error

    assert in_kernel(test) == ""


def test_a_model_that_reads_other_tokens_says_so(toy_atlas):
    other = aw.load_model("toy-induction", device="cpu")
    strange = aw.models.Model(other.lens, _Shouting(other.tokenizer), "toy-induction")
    dossier = aw.HeadDossier(toy_atlas, HEAD)
    with pytest.raises(ValueError, match=r"reads passage .* in other tokens than the atlas has"):
        dossier.model = strange
    assert "in other tokens" in dossier.error
    assert not dossier.busy


class _Shouting:
    """A tokenizer that reads every token differently."""

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer

    def __getattr__(self, name):
        return getattr(self._tokenizer, name)

    def token_strings(self, ids):
        return [token.upper() for token in self._tokenizer.token_strings(ids)]


def test_an_example_opens_in_a_linked_heatmap_token_by_token(dossier, toy_atlas, toy):
    run = aw.AttentionRun(toy, "The cat sat.")
    heatmap = aw.AttentionHeatmap(run, unit="word")
    aw.link(dossier, aw.HeadGrid(run), heatmap)
    example = dossier.examples()[3]
    dossier.open_example(example)
    assert run.trace.tokens == example.tokens
    assert run.prompt == ids_of(toy, toy_atlas.text(example.passage), 128)
    assert (heatmap.layer, heatmap.head, heatmap.unit) == (1, 1, "token")
    assert (heatmap.query, heatmap.key) == (example.query, example.key)
    assert dossier.opening["text"] == "Open in the linked widget."
    assert dossier.opening["passage"] == example.passage
    # again, after the run has gone elsewhere
    run.prompt = "Tom has a red apple."
    dossier.open_example(example)
    assert (run.trace.tokens, heatmap.query) == (example.tokens, example.query)


def test_a_click_in_a_kernel_is_answered_when_the_passage_is_read(toy_atlas, toy):
    async def test():
        dossier, run = aw.HeadDossier(toy_atlas, HEAD), aw.AttentionRun(toy, "The cat sat.")
        heatmap = aw.AttentionHeatmap(run)
        aw.link(dossier, heatmap)
        one = dossier.page["examples"]["decile"][0]
        place = {name: one[name] for name in ("passage", "query", "key")}
        dossier.set_state({"opened": {"head": HEAD, **place, "count": 1}})
        first = dossier.opening["text"]
        while run.busy:
            await asyncio.sleep(0.01)
        return first, dossier.opening["text"], (heatmap.query, heatmap.key), (one["query"], one["key"]), dossier.error

    first, last, shown, asked, error = in_kernel(test)
    assert first.startswith("The linked widget reads the passage")
    assert last == "Open in the linked widget."
    assert shown == asked
    assert error == ""


def test_where_an_example_cannot_open_it_says_why(dossier, toy, toy_trace):
    example = dossier.examples()[0]
    dossier.open_example(example)
    assert "aw.link(dossier, aw.AttentionHeatmap(run))" in dossier.opening["text"]
    link = aw.link(dossier, aw.AttentionHeatmap(toy_trace))
    dossier.open_example(example)
    assert "a fixed trace" in dossier.opening["text"]
    link.unlink()
    other = aw.AttentionRun(aw.models.Model(toy.lens, toy.tokenizer, "stranger"), "The cat sat.")
    aw.link(dossier, aw.AttentionHeatmap(other))
    dossier.open_example(example)
    assert dossier.opening["text"] == "The linked widget shows stranger; this example is of toy-induction."
    assert other.prompt == "The cat sat."
    assert dossier.error == ""
    dossier.current = OTHER
    assert dossier.opening == {}


def test_a_page_holds_the_dossiers_that_were_asked_for(dossier, tmp_path, toy_atlas):
    with dossier.chosen_for_page(["L0H1", (0, 2), OTHER], "overview", None):
        state = dossier.page_state()
    assert list(state["archive"]) == ["toy-induction:L0H1", "toy-induction:L0H2", OTHER, HEAD]
    assert state["archive"][OTHER]["name"] == OTHER
    assert state["heads"] == ["toy-induction:L0H1", "toy-induction:L0H2", OTHER]
    assert not state["editable"]
    with pytest.raises(ValueError, match="head is 'toy-induction:L5H5'"):
        dossier.to_html(tmp_path / "page.html", heads=["L5H5"])
    page = dossier.to_html(tmp_path / "page.html").read_text()
    assert f"<title>{HEAD}</title>" in page
    assert list(dossier.page_state()["archive"]) == [HEAD]


def test_pages_are_plain_values_and_bytes(dossier, toy_atlas):
    """JSON has no NaN, and knows no numpy."""

    def plain(value):
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        if isinstance(value, list):
            return [plain(one) for one in value]
        return len(value) if isinstance(value, bytes) else value

    json.dumps([plain(dossier.page), plain(dossier.table), plain(dossier.rows)], allow_nan=False)
    assert set(examples_by(toy_atlas, HEAD)) == {"top", "decile", "random"}
