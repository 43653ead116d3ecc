"""Clusters: what was made in groups is found in groups, and trees are cut as scipy cuts them."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_distances import blobs, distances_of, euclidean
from scipy.cluster.hierarchy import cut_tree, fcluster, is_valid_linkage, leaves_list
from sklearn.cluster import HDBSCAN

import attn_widgets as aw


def partition(labels):
    """The groups, without their numbers."""
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(np.asarray(labels).tolist())}


@pytest.mark.parametrize("method", ["average", "complete", "single", "ward"])
def test_groups_that_are_far_apart_are_found_by_number_and_by_height(method):
    points, group = blobs()
    distances = distances_of(points)
    clusters = aw.cluster_heads(distances, n_clusters=3, method=method)
    assert partition(clusters.labels) == partition(group)
    assert partition(aw.cluster_heads(distances, distance_threshold=10, method=method).labels) == partition(group)
    assert [len(clusters[i]) for i in clusters] == [12, 8, 5], "the largest first"
    assert is_valid_linkage(clusters.linkage)


@pytest.mark.parametrize("method", ["average", "complete", "single", "ward"])
def test_trees_are_cut_as_scipy_cuts_them(method):
    matrix = euclidean(np.random.default_rng(0).normal(size=(40, 3)))
    for number in (1, 2, 7, 39, 40):
        clusters = aw.cluster_heads(matrix, n_clusters=number, method=method)
        assert len(clusters) == number
        assert partition(clusters.labels) == partition(cut_tree(clusters.linkage, number)[:, 0])
    tree = clusters.linkage
    for height in (0, 0.5, float(tree[20, 2]), 100):
        clusters = aw.cluster_heads(matrix, distance_threshold=height, method=method)
        assert partition(clusters.labels) == partition(fcluster(tree, height, "distance"))


def test_the_number_is_exact_where_merges_are_at_the_same_height():
    clusters = aw.cluster_heads(1 - np.eye(6), n_clusters=4)
    assert len(clusters) == 4


def test_a_mapping_from_clusters_to_heads():
    points, group = blobs()
    clusters = aw.cluster_heads(distances_of(points), n_clusters=3)
    assert list(clusters) == [0, 1, 2]
    assert sorted(head for heads in clusters.values() for head in heads) == sorted(clusters.heads)
    assert clusters[0] == [f"L{i // 5}H{i % 5}" for i in np.flatnonzero(group == 0)]
    assert clusters.of(clusters[1][3]) == 1
    assert clusters.of((0, 0)) == clusters.labels[0]
    assert clusters.to_frame().loc["L2H3", "cluster"] == clusters.labels[13]
    assert clusters.unclustered == []
    assert str(clusters).startswith("<HeadClusters, average: 3 clusters of 25 heads>\n  0: ")
    with pytest.raises(KeyError, match="cluster is 3; there are 3, from 0"):
        clusters[3]
    with pytest.raises(ValueError, match="head is L7H7; expected one of L0H0 to L4H4"):
        clusters.of("L7H7")


def test_several_models():
    points = np.concatenate([blobs()[0], blobs()[0]])
    clusters = aw.cluster_heads(distances_of(points, models=("a", "b")), n_clusters=3)
    assert clusters.of("a:L0H0") == clusters.of("b:L0H0")
    assert {head.partition(":")[0] for head in clusters[2]} == {"a", "b"}


def test_hdbscan_finds_the_number_by_itself_and_leaves_out_heads_like_no_other():
    points, group = blobs((15, 10, 8))
    points = np.concatenate([points, [[-50, -50, 0, 0]]])
    clusters = aw.cluster_heads(distances_of(points, heads_in_layer=17), method="hdbscan", min_cluster_size=4)
    assert len(clusters) == 3
    assert clusters.of("L1H16") == -1
    assert "L1H16" in clusters.unclustered
    for members in clusters.values():
        groups = {int(group[int(name[1]) * 17 + int(name[3:])]) for name in members}
        assert len(groups) == 1
    assert clusters.linkage is None
    assert f"in none: {len(clusters.unclustered)}" in str(clusters)
    assert [len(heads) for heads in clusters.values()] == sorted(map(len, clusters.values()), reverse=True)


def test_hdbscan_is_that_of_scikit_learn():
    points, _ = blobs((40, 30, 20, 10), apart=2)
    clusters = aw.cluster_heads(euclidean(points), method="hdbscan", min_cluster_size=6)
    theirs = HDBSCAN(min_cluster_size=6, copy=True).fit_predict(points)
    assert len(clusters) == theirs.max() + 1 > 1
    assert (theirs < 0).any()
    np.testing.assert_array_equal(clusters.labels < 0, theirs < 0)
    assert partition(clusters.labels) == partition(theirs)


def test_leiden_finds_groups_of_heads_that_are_tied_to_each_other():
    points, group = blobs((30, 20, 10))
    matrix = euclidean(points)
    clusters = aw.cluster_heads(matrix, method="leiden", n_neighbors=9, resolution=0.1)
    assert partition(clusters.labels) == partition(group)
    finer = aw.cluster_heads(matrix, method="leiden", n_neighbors=9, resolution=3)
    assert len(finer) > 3
    again = aw.cluster_heads(matrix, method="leiden", n_neighbors=9, resolution=3)
    np.testing.assert_array_equal(finer.labels, again.labels)
    assert len(aw.cluster_heads(matrix[:4, :4], method="leiden")) >= 1


def test_a_tree_of_very_many_heads_is_cut_as_well_without_an_order_of_its_leaves(monkeypatch):
    matrix = euclidean(np.random.default_rng(0).normal(size=(40, 3)))
    ordered = aw.cluster_heads(matrix, n_clusters=7)
    monkeypatch.setattr("attn_widgets.heads.clusters._ORDERED", 39)
    plain = aw.cluster_heads(matrix, n_clusters=7)
    assert not np.array_equal(plain.linkage, ordered.linkage)
    np.testing.assert_array_equal(plain.labels, ordered.labels)


def test_neighbouring_leaves_are_alike():
    draw = np.random.default_rng(2)
    line = draw.permutation(20)[:, None].astype(float)
    leaves = leaves_list(aw.cluster_heads(euclidean(line), n_clusters=1).linkage)
    assert np.abs(np.diff(line[leaves, 0])).max() == 1


def test_wrong_arguments_are_explained():
    matrix = euclidean(np.arange(6.0)[:, None])
    with pytest.raises(ValueError, match=r"pass n_clusters=.* or distance_threshold=.* up to 3; neither was given"):
        aw.cluster_heads(matrix)
    with pytest.raises(ValueError, match="both were given"):
        aw.cluster_heads(matrix, n_clusters=2, distance_threshold=1.0)
    with pytest.raises(ValueError, match="n_clusters is 7; expected from 1 to 6"):
        aw.cluster_heads(matrix, n_clusters=7)
    with pytest.raises(ValueError, match="n_clusters is 0; expected from 1 to 6"):
        aw.cluster_heads(matrix, n_clusters=0)
    with pytest.raises(ValueError, match="distance_threshold is -1; expected a distance, from 0 to 3"):
        aw.cluster_heads(matrix, distance_threshold=-1)
    with pytest.raises(ValueError, match=r"method is 'louvain'; expected one of 'average', .*'hdbscan', 'leiden'"):
        aw.cluster_heads(matrix, n_clusters=2, method="louvain")
    with pytest.raises(ValueError, match="distance_threshold is 2, but Leiden finds the clusters by itself"):
        aw.cluster_heads(matrix, distance_threshold=2, method="leiden")
    with pytest.raises(ValueError, match="resolution is 0; expected more than 0"):
        aw.cluster_heads(matrix, method="leiden", resolution=0)
    with pytest.raises(ValueError, match="n_clusters is 2, but HDBSCAN finds the clusters by itself"):
        aw.cluster_heads(matrix, n_clusters=2, method="hdbscan")
    with pytest.raises(ValueError, match="min_cluster_size is 9; expected from 2 to 6"):
        aw.cluster_heads(matrix, method="hdbscan", min_cluster_size=9)
    with pytest.raises(ValueError, match="distances are of 1 heads; expected at least 2"):
        aw.cluster_heads([[0.0]], n_clusters=1)
