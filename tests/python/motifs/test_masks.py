"""Which cells belong to a motif: every mask against a double loop over its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.motifs import MOTIFS, Prompt
from attn_widgets.motifs.masks import is_delimiter

BAND = 3
WORDS = ("<bos>", "a", " b", ".", "\n")

# query, key, tokens -> whether the cell belongs to the motif
DEFINITIONS = {
    "first_token": lambda q, k, t: k == 0,
    "current_token": lambda q, k, t: k == q,
    "previous_token": lambda q, k, t: k == q - 1,
    "recent_band": lambda q, k, t: 0 <= q - k < BAND,
    "duplicate_token": lambda q, k, t: k < q and t[k] == t[q],
    "induction": lambda q, k, t: 1 <= k <= q and t[k - 1] == t[q],
    "delimiter": lambda q, k, t: k > 0 and t[k] in (0, 3, 4),
}
FIRST_ROW = {"recent_band": BAND, "duplicate_token": 0, "induction": 0}


def prompt_of(ids, causal=True, **about) -> Prompt:
    ids = np.array(ids)
    special = tuple(np.flatnonzero(ids == 0).tolist())
    tokens = tuple(WORDS[i] for i in ids)
    about = {"n_queries": len(ids), "same_sequence": True, **about}
    return Prompt(n_keys=len(ids), tokens=tokens, token_ids=ids, special=special, causal=causal, band=BAND, **about)


@given(ids=st.lists(st.integers(0, 4), min_size=1, max_size=9), causal=st.booleans())
def test_masks_and_rows_are_those_of_the_definitions(ids, causal):
    prompt = prompt_of(ids, causal)
    for name, belongs in DEFINITIONS.items():
        mask, rows = MOTIFS[name].cells(prompt)
        for q in range(len(ids)):
            row = [belongs(q, k, ids) and (k <= q or not causal) for k in range(len(ids))]
            assert mask[q].tolist() == row, (name, q)
            assert rows[q] == (any(row) and q >= FIRST_ROW.get(name, 1)), (name, q)


@pytest.mark.parametrize("token", [",", " .", "\n", "\n\n", " \n ", '."', ".\n", "—", "«", "Ġ,", "Ċ", "▁(", "=", "..."])
def test_punctuation_and_line_breaks_are_delimiters(token):
    assert is_delimiter(token)


@pytest.mark.parametrize("token", ["a", " the", "", "  ", "'s", "3.5", "don't", "Ġ", "▁the", "🎉", "é"])
def test_words_numbers_and_spaces_are_not(token):
    assert not is_delimiter(token)


def test_cross_attention_has_no_motif_that_compares_positions_or_tokens():
    prompt = prompt_of([0, 1, 3, 1, 3], causal=False, n_queries=3, same_sequence=False)
    for name in ("current_token", "previous_token", "recent_band", "duplicate_token", "induction"):
        mask, rows = MOTIFS[name].cells(prompt)
        assert mask.shape == (3, 5)
        assert not mask.any()
        assert not rows.any()
    for name, keys in (("first_token", [0]), ("delimiter", [2, 4])):
        mask, rows = MOTIFS[name].cells(prompt)
        assert rows.all(), "the first query of cross-attention is a query like any other"
        assert np.flatnonzero(mask.all(axis=0)).tolist() == keys


def test_tokens_without_ids_are_the_same_when_they_read_the_same(toy_trace):
    from dataclasses import replace

    with_ids, without = Prompt.of(toy_trace), Prompt.of(replace(toy_trace, token_ids=None))
    for name in ("duplicate_token", "induction"):
        np.testing.assert_array_equal(MOTIFS[name].cells(with_ids)[0], MOTIFS[name].cells(without)[0])
