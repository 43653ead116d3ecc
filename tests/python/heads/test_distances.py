"""Spaces and distances: the pipeline step by step, and what must hold for any distances."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import random_patterns

import attn_widgets as aw
from attn_widgets.heads.distances import head_distances
from attn_widgets.heads.features import head_features
from attn_widgets.heads.space import HeadSpace

TEXTS = [["one", "two", "three", "four", "five", "six", "seven"], list("abcdefghij")]


def traces_of(model_name="m", layers=2, heads=4, seed=0, texts=TEXTS):
    return [
        aw.Trace.from_arrays(
            random_patterns(layers, heads, len(words), seed=seed + i), [f" {w}" for w in words], model_name=model_name
        )
        for i, words in enumerate(texts)
    ]


@pytest.fixture(scope="module")
def features():
    return head_features(traces_of(), kind="published")


def test_the_pipeline_step_by_step(features):
    space = HeadSpace.fit(features, n_components=5)
    rows = features.values.reshape(-1, 94).astype(np.float64)
    kept = np.isfinite(rows).all(axis=0) & (rows.std(axis=0) > 1e-6)
    scaled = (rows[:, kept] - rows[:, kept].mean(axis=0)) / rows[:, kept].std(axis=0)
    _, singular, directions = np.linalg.svd(scaled, full_matrices=False)
    points = space.transform(features).reshape(-1, 5)
    np.testing.assert_array_equal(space.kept, kept)
    np.testing.assert_allclose(np.abs(points), np.abs(scaled @ directions[:5].T), atol=1e-6)
    np.testing.assert_allclose(space.variance, singular[:5] ** 2 / len(rows))
    distances = head_distances(traces_of(), kind="published", space=space)
    on_prompts = points.reshape(2, 8, 5)
    expected = np.linalg.norm(on_prompts[:, :, None] - on_prompts[:, None], axis=-1).mean(axis=0)
    np.testing.assert_allclose(distances.matrix, expected, atol=1e-6)


def test_components_are_orthonormal_and_no_more_than_there_are_directions(features):
    space = HeadSpace.fit(features)
    # 16 rows about their mean span 15 directions
    assert space.components.shape == (15, space.kept.sum())
    np.testing.assert_allclose(space.components @ space.components.T, np.eye(15), atol=1e-9)
    assert (np.diff(space.variance) <= 0).all()
    assert HeadSpace.fit(head_features(traces_of(heads=20), kind="published")).components.shape[0] == 16


def test_a_feature_without_a_value_is_dropped_and_later_counts_as_the_mean(features):
    values = features.values.copy()
    values[0, 0, 0, 3] = np.nan
    values[..., 4] = 7
    gaps = type(features)(values, features.names, features.groups, "published", features.prompts, "m")
    space = HeadSpace.fit(gaps)
    assert not space.kept[[3, 4]].any()
    assert np.isfinite(space.transform(gaps)).all()
    whole = HeadSpace.fit(features)
    mean = values.copy()
    mean[0, 0, 0, 3] = features.values[..., 3].mean()
    mean[..., 4] = features.values[..., 4]
    values[..., 4] = features.values[..., 4]
    filled = type(features)(mean, features.names, features.groups, "published", features.prompts, "m")
    np.testing.assert_allclose(whole.transform(gaps), whole.transform(filled), atol=1e-5)


def test_heads_of_another_model_are_placed_in_a_space_fitted_before(features):
    space = HeadSpace.fit(features)
    np.testing.assert_allclose(space.transform(features.take([1])), space.transform(features)[1:])
    other = head_features(traces_of("n", layers=3, heads=2, seed=9), kind="published")
    assert space.transform(other).shape == (2, 6, 15)


@pytest.mark.parametrize("kind", ["profile", "published", "extended"])
def test_distances_are_distances(kind):
    distances = head_distances(traces_of(), kind=kind)
    assert distances.heads == tuple(f"L{layer}H{head}" for layer in range(2) for head in range(4))
    assert distances.kind == kind
    matrix = distances.matrix
    assert matrix.shape == (8, 8)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    np.testing.assert_array_equal(np.diag(matrix), 0)
    assert (matrix + np.eye(8) > 0).all()
    assert (matrix[:, :, None] + matrix[None] >= matrix[:, None] - 1e-9).all(), "no detour is shorter"


def test_the_nearest_heads_come_first():
    distances = head_distances(traces_of(), kind="published")
    nearest = distances.nearest("L1H0", k=3)
    assert [name for name, _ in nearest] == [
        distances.heads[i] for i in np.argsort(distances.matrix[4]) if distances.heads[i] != "L1H0"
    ][:3]
    assert distances.between("L1H0", nearest[0][0]) == nearest[0][1]
    assert len(distances.nearest((1, 0), k=99)) == 7
    assert distances.to_frame().loc["L1H0", nearest[1][0]] == nearest[1][1]
    with pytest.raises(ValueError, match="k is 0"):
        distances.nearest("L1H0", k=0)
    with pytest.raises(ValueError, match="head is L7H0; expected one of L0H0 to L1H3"):
        distances.nearest("L7H0")


def test_the_same_pattern_is_at_no_distance():
    traces = traces_of()
    twins = []
    for trace in traces:
        patterns = trace.patterns.copy()
        patterns[1, 3] = patterns[0, 2]
        twins.append(aw.Trace.from_arrays(patterns, trace.tokens, model_name="m"))
    distances = head_distances(twins, kind="published")
    assert distances.between("L1H3", "L0H2") == pytest.approx(0, abs=1e-5)
    assert distances.nearest("L1H3", 1)[0][0] == "L0H2"


def test_models_are_compared_on_the_prompts_they_share():
    first, second = traces_of("a"), traces_of("b", layers=1, heads=2, seed=5, texts=[TEXTS[1], TEXTS[0], ["x", "y"]])
    with pytest.warns(UserWarning, match=r"a has not read 'x y'\. Heads are compared on the 2 prompts"):
        distances = head_distances([*first, *second], kind="published")
    assert distances.left_out == {"a": ("x y",)}
    assert distances.prompts == ("one two three four five six seven", "a b c d e f g h i j")
    assert distances.heads[-2:] == ("b:L0H0", "b:L0H1")
    assert distances.models == ("a",) * 8 + ("b",) * 2
    assert distances.nearest("b:L0H0", 1)[0][0] in distances.heads
    # the same patterns under another name, prompts in another order
    twins = [aw.Trace.from_arrays(trace.patterns, trace.tokens, model_name="b") for trace in reversed(first)]
    mirrored = head_distances([*first, *twins], kind="published")
    assert mirrored.between("a:L1H2", "b:L1H2") == pytest.approx(0, abs=1e-5)
    with pytest.raises(ValueError, match="the models a, b share no prompt"):
        head_distances([first[0], second[0]], kind="published")


def test_wrong_arguments_are_explained(features):
    with pytest.raises(ValueError, match="features are of kinds"):
        HeadSpace.fit([features, head_features(traces_of(), kind="extended")])
    with pytest.raises(ValueError, match="features are 'extended'; expected 'published'"):
        HeadSpace.fit(features).transform(head_features(traces_of(), kind="extended"))
    with pytest.raises(ValueError, match="none of 94 features varies between 1 heads and prompts"):
        HeadSpace.fit(head_features(traces_of(layers=1, heads=1)[:1], kind="published"))
