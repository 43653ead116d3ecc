"""A folder in the format of pattern-lens is read as traces, exactly."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile

import numpy as np
import pytest

import attn_widgets as aw

TEXTS = ("The café sat.", "a b c")
SPELLED = (["The", "ĠcafÃ", "©", "Ġsat", "."], ["a", "Ġb", "Ġc"])


def prompt_folder(path, name, text, tokens):
    """As `compute_activations` makes it (pattern_lens/activations.py, 0.6)."""
    key = base64.urlsafe_b64encode(hashlib.md5(text.encode()).digest()).decode().rstrip("=")
    folder = path / name / "prompts" / key
    folder.mkdir(parents=True, exist_ok=True)
    about = {"text": text, "hash": key, "n_tokens": len(tokens), "tokens": tokens}
    (folder / "prompt.json").write_text(json.dumps(about))
    return folder


def patterns_of(n, seed=0, layers=2, heads=3):
    drawn = np.random.default_rng(seed).random((layers, heads, n, n)).astype(np.float32)
    drawn = np.tril(drawn + 0.1)
    return drawn / drawn.sum(axis=-1, keepdims=True)


def write(path, name="org/model", texts=TEXTS, spelled=SPELLED):
    found = {}
    for i, (text, tokens) in enumerate(zip(texts, spelled, strict=True)):
        folder = prompt_folder(path, name, text, tokens)
        patterns = patterns_of(len(tokens) + 1, i)
        layers = {f"blocks.{layer}.attn.hook_pattern": own[None] for layer, own in enumerate(patterns)}
        np.savez_compressed(folder / "activations.npz", **layers)
        found[text] = patterns
    (path / name / "model_cfg.json").write_text(json.dumps({"model_name": name, "n_layers": 2, "n_heads": 3}))
    return found


def test_patterns_tokens_and_places_are_those_that_were_written(tmp_path):
    written = write(tmp_path)
    traces = aw.read_pattern_lens(tmp_path)
    assert len(traces) == 2
    assert repr(traces) == "<2 traces of org/model, written by pattern-lens>"
    by_text = {trace.text: trace for trace in traces}
    for text, patterns in written.items():
        np.testing.assert_array_equal(by_text[text].patterns, patterns)
    cafe = by_text[TEXTS[0]]
    assert cafe.tokens == ("<bos>", "The", " café", "é", " sat", ".")
    assert [tuple(span) for span in cafe.spans] == [(0, 0), (0, 3), (3, 8), (7, 8), (8, 12), (12, 13)]
    assert (cafe.special, cafe.causal, cafe.model_name) == ((0,), True, "org/model")
    assert cafe.words().tokens == ("<bos>", "The", "café", "sat", ".")


def test_a_slice_is_a_list_and_all_of_them_are_traces_for_whoever_takes_some(tmp_path):
    write(tmp_path)
    traces = aw.read_pattern_lens(tmp_path)
    assert [one.tokens for one in traces[:1]] == [traces[0].tokens]
    assert isinstance(traces[:1], list)
    with pytest.raises(IndexError):
        traces[2]
    assert aw.motif_scores(traces)["previous_token"].shape == (2, 3)


def test_models_are_told_apart_and_one_may_be_opened_by_itself(tmp_path):
    write(tmp_path)
    write(tmp_path, "gpt2", TEXTS[1:], SPELLED[1:])
    assert aw.read_pattern_lens(tmp_path).models == ("gpt2", "org/model")
    (only,) = aw.read_pattern_lens(tmp_path, "gpt2")
    assert only.model_name == "gpt2"
    assert aw.read_pattern_lens(tmp_path / "org" / "model").models == ("org/model",)
    with pytest.raises(ValueError, match="model is 'gpt3'; did you mean 'gpt2'"):
        aw.read_pattern_lens(tmp_path, "gpt3")


def test_a_model_without_a_first_token_one_that_was_cut_and_one_of_all_layers_in_one_file(tmp_path):
    def patterns_in(name, n):
        folder = prompt_folder(tmp_path, name, TEXTS[1], SPELLED[1])
        np.save(folder / "activations-blocks.-.attn.hook_pattern.npy", patterns_of(n)[None])
        return next(iter(aw.read_pattern_lens(tmp_path, name)))

    assert patterns_in("same", 3).tokens == ("a", " b", " c")
    cut = patterns_in("cut", 2)
    assert cut.tokens == ("<bos>", "a")
    np.testing.assert_array_equal(cut.patterns, patterns_of(2))
    with pytest.raises(ValueError, match=r"hook_pattern.npy has patterns of 7 tokens, and prompt.json names 3"):
        patterns_in("longer", 7)


def test_what_is_wrong_is_said_with_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"where there is no <model>/prompts/<hash>/prompt.json"):
        aw.read_pattern_lens(tmp_path)
    write(tmp_path, texts=TEXTS[1:], spelled=SPELLED[1:])
    traces = aw.read_pattern_lens(tmp_path)
    (path,) = tmp_path.rglob("activations.npz")
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    with pytest.raises(ValueError, match=r"activations.npz cannot be read"):
        traces[0]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("blocks.1.attn.hook_pattern.npy", b"")
    with pytest.raises(ValueError, match=r"activations.npz cannot be read: has the layers \[1\]; expected all, from 0"):
        traces[0]
    np.savez(path, **{"blocks.0.attn.hook_pattern": np.array([{}], dtype=object)})
    with pytest.raises(ValueError, match=r"activations.npz cannot be read: Object arrays cannot be loaded"):
        traces[0]
    path.unlink()
    with pytest.raises(ValueError, match=r"activations.npz is not there, and prompt.json is: pattern-lens was interr"):
        traces[0]
    path.write_bytes(whole)
    about = path.with_name("prompt.json")
    about.write_text("{")
    with pytest.raises(ValueError, match=r"prompt.json is damaged"):
        traces[0]
    about.write_text("{}")
    with pytest.raises(ValueError, match=r'prompt.json has no "text" and "tokens"'):
        traces[0]
