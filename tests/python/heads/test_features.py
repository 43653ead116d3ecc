"""`head_features`: what comes out for which traces, and what is said when it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import random_patterns

import attn_widgets as aw
from attn_widgets.heads.features import head_features
from attn_widgets.heads.published import published

KINDS = ["profile", "published", "extended"]


def trace_of(n=9, seed=0, model_name="made-up", **about) -> aw.Trace:
    return aw.Trace.from_arrays(
        random_patterns(2, 3, n, seed=seed), [f" w{i}" for i in range(n)], model_name=model_name, **about
    )


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_of_every_trace_layer_and_head(kind):
    traces = [trace_of(9), trace_of(14, seed=1)]
    features = head_features(traces, kind=kind)
    assert features.values.shape == (2, 2, 3, len(features.names))
    assert features.values.dtype == np.float32
    assert not features.values.flags.writeable
    assert len(features.groups) == len(features.names) == len(set(features.names))
    assert (features.kind, features.model_name) == (kind, "made-up")
    assert features.heads == ("L0H0", "L0H1", "L0H2", "L1H0", "L1H1", "L1H2")
    assert (features.n_traces, features.n_layers, features.n_heads) == (2, 2, 3)
    alone = head_features(traces[1], kind=kind)
    np.testing.assert_array_equal(alone.values[0], features.values[1])
    assert kind in repr(features)


def test_a_feature_or_a_head_can_be_asked_for():
    features = head_features([trace_of(), trace_of(seed=1)], kind="published")
    place = features.names.index("first_tok.median")
    np.testing.assert_array_equal(features["first_tok.median"], features.values[..., place])
    np.testing.assert_array_equal(features.of("L1H2"), features.values[:, 1, 2])
    np.testing.assert_array_equal(features.rows()[:, 5], features.of((1, 2)))
    with pytest.raises(KeyError, match=r"feature is 'first_tok\.mode'; expected one of diag\.mean"):
        features["first_tok.mode"]
    with pytest.raises(ValueError, match="head is L2H0"):
        features.of("L2H0")


def test_values_are_those_of_the_published_features():
    trace = trace_of()
    np.testing.assert_allclose(
        head_features(trace, kind="published").values[0], published(trace.patterns), rtol=1e-6, equal_nan=True
    )


def test_groups_are_families():
    features = head_features(trace_of(), kind="extended")
    by_name = dict(zip(features.names, features.groups, strict=True))
    assert by_name["log.gram.skew.hist.linreg.slope"] == "log.gram.skew"
    assert by_name["row_max.linreg.slope"] == "row_max"
    assert by_name["band_energy"] == "band_energy"


def test_the_table_has_a_row_for_every_head_and_trace():
    features = head_features([trace_of(), trace_of(seed=1)], kind="published")
    frame = features.to_frame()
    assert len(frame) == 12
    row = frame[frame.trace == 1].loc["L1H0"]
    assert (row["model"], row["layer"], row["head"]) == ("made-up", 1, 0)
    assert row["diag.mean"] == features["diag.mean"][1, 1, 0]


def test_prompts_are_known_by_their_text():
    trace = aw.Trace.from_arrays(
        random_patterns(1, 1, 5), ["<bos>", "The", "Ġcat", "Ċ", " sat"], special=[0], model_name="m"
    )
    assert head_features(trace, kind="published").prompts == ("The cat sat",)


def test_wrong_arguments_are_explained(toy_trace):
    with pytest.raises(ValueError, match=r"kind is 'motifs'; expected one of .*'published', 'extended'"):
        head_features(toy_trace, kind="motifs")
    with pytest.raises(ValueError, match="traces is an empty list"):
        head_features([])
    with pytest.raises(TypeError, match="traces is a ndarray; expected a Trace"):
        head_features(toy_trace.patterns)
    with pytest.raises(ValueError, match=r"different models, made-up \(2 x 3 heads\), toy-induction \(2 x 4 heads\)"):
        head_features([toy_trace, trace_of()])
    wide = np.full((1, 1, 2, 4), 0.25, dtype=np.float32)
    cross = aw.Trace.from_arrays(wide, list("abcd"), query_tokens=["x", "y"])
    with pytest.raises(ValueError, match=r"traces\[0\] has 2 queries and 4 keys"):
        head_features(cross)
