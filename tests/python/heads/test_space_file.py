"""A space on disk: read back exactly, used for heads of another model, and refused when it is not one."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from synthetic import random_patterns

import attn_widgets as aw
from attn_widgets.heads.space import HeadSpace

TEXTS = [["one", "two", "three", "four", "five", "six", "seven"], list("abcdefghij")]


def traces_of(model_name, layers=2, heads=4, seed=0):
    return [
        aw.Trace.from_arrays(
            random_patterns(layers, heads, len(words), seed=seed + i), [f" {w}" for w in words], model_name=model_name
        )
        for i, words in enumerate(TEXTS)
    ]


@pytest.fixture(scope="module")
def space():
    return HeadSpace.fit(aw.head_features(traces_of("m")))


@pytest.fixture
def path(space, tmp_path):
    return space.save(tmp_path / "space.safetensors")


def test_a_space_is_read_back_exactly(space, path):
    again = HeadSpace.load(path)
    for field in fields(HeadSpace):
        saved, read = getattr(space, field.name), getattr(again, field.name)
        assert type(read) is type(saved), field.name
        if isinstance(saved, np.ndarray):
            assert read.dtype == saved.dtype
            np.testing.assert_array_equal(read, saved)
        else:
            assert read == saved
    assert str(again) == str(space)


def test_another_models_heads_are_placed_where_the_fitted_space_places_them(space, path):
    other = traces_of("n", layers=3, heads=2, seed=9)
    features = aw.head_features(other)
    placed = HeadSpace.load(str(path)).transform(features)
    np.testing.assert_allclose(placed, space.transform(features), atol=1e-12)
    distances = aw.head_distances(other, space=HeadSpace.load(path))
    expected = np.linalg.norm(placed[:, :, None] - placed[:, None], axis=-1).mean(axis=0)
    np.testing.assert_allclose(distances.matrix, expected, atol=1e-5)


def test_both_models_are_on_one_map_without_moving_the_first(space, path):
    first, other = traces_of("m"), traces_of("n", layers=3, heads=2, seed=9)
    alone = aw.head_distances(first, space=space)
    together = aw.head_distances([*first, *other], space=HeadSpace.load(path))
    assert together.heads[0] == "m:L0H0"
    assert together.heads[-1] == "n:L2H1"
    np.testing.assert_allclose(together.matrix[:8, :8], alone.matrix, atol=1e-6)
    assert aw.embed_heads(together, "pca").shape == (14, 2)


def test_another_file_is_refused(path, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        HeadSpace.load(tmp_path / "nothing")
    trace = traces_of("m")[0].save(tmp_path / "trace.safetensors")
    with pytest.raises(ValueError, match=r"a safetensors file that is not a head space; .* HeadSpace\.save"):
        HeadSpace.load(trace)
    with pytest.raises(ValueError, match="a safetensors file that is not a trace"):
        aw.Trace.load(path)
    text = tmp_path / "notes.txt"
    text.write_text("not a space")
    with pytest.raises(ValueError, match="it is damaged or not a safetensors file"):
        HeadSpace.load(text)


def test_a_damaged_or_newer_file_is_refused(space, path, tmp_path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="it is damaged or not a safetensors file"):
        HeadSpace.load(path)
    path.write_bytes(whole)
    tensors = load_file(path)
    about = {"format": "attn_widgets.head_space", "version": "2"}
    with pytest.raises(ValueError, match="format version 2; this attn_widgets reads version 1: update it"):
        HeadSpace.load(saved(tensors, about, tmp_path))
    with pytest.raises(ValueError, match="it is damaged"):
        HeadSpace.load(saved(tensors, about | {"version": "1"}, tmp_path))
    with pytest.raises(ValueError, match="it is damaged"):
        HeadSpace.load(saved(tensors, about | {"version": "1", "head_space": "{"}, tmp_path))
    with pytest.raises(ValueError, match="it is damaged"):
        HeadSpace.load(saved(tensors, about | {"version": "1", "head_space": "[]"}, tmp_path))
    with pytest.raises(ValueError, match=r"a head space that lacks .*names; fit and save it again"):
        HeadSpace.load(saved(tensors, about | {"version": "1", "head_space": "{}"}, tmp_path))
    more = tensors | {"surprise": np.zeros(1)}
    path = saved(more, {"format": "attn_widgets.head_space", "version": "1", "head_space": "{}"}, tmp_path)
    with pytest.raises(ValueError, match="has surprise besides"):
        HeadSpace.load(path)


def test_nothing_is_pickled(space, path):
    assert b"pickle" not in path.read_bytes()
    # an object that only pickle could write
    with pytest.raises(TypeError, match="not JSON serializable"):
        replace(space, kind=object()).save(path)


def saved(tensors, about, tmp_path):
    path = tmp_path / "other.safetensors"
    save_file(tensors, path, metadata=about)
    return path
