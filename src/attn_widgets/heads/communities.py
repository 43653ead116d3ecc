"""How unlike every two heads are -> communities of a graph that ties each head to its nearest, by Leiden."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


def communities(matrix: FloatArray, n_neighbors: int, resolution: float, random_state: int) -> NDArray[np.int64]:
    """Find the groups that have more ties inside than chance would give.

    Parameters
    ----------
    matrix : numpy.ndarray
        `[head, head]`, distances.
    n_neighbors : int
        To how many of its nearest each head is tied.
    resolution : float
        More than 0: the higher, the more groups.
    random_state : int

    Returns
    -------
    numpy.ndarray
        `[head]`, the number of each head's group.

    Raises
    ------
    ValueError
        If a number is not positive.
    ImportError
        If leidenalg is not installed.
    """
    for name, value in (("n_neighbors", n_neighbors), ("resolution", resolution)):
        if not value > 0:
            raise ValueError(f"{name} is {value}; expected more than 0")
    try:
        import igraph
        import leidenalg
    except ImportError as error:
        raise ImportError(
            "method is 'leiden', which needs leidenalg: pip install \"attn_widgets[leiden]\". "
            "The other methods need nothing more"
        ) from error
    ties = _ties(matrix, min(n_neighbors, len(matrix) - 1))
    graph = igraph.Graph(n=len(matrix), edges=ties)
    found = leidenalg.find_partition(
        graph,
        leidenalg.RBConfigurationVertexPartition,
        resolution_parameter=resolution,
        n_iterations=-1,
        seed=random_state,
    )
    return np.array(found.membership, dtype=np.int64)


def _ties(matrix: FloatArray, n_neighbors: int) -> NDArray[np.intp]:
    """`[tie, 2]`, each pair once: heads of which one is among the nearest of the other."""
    others = matrix.astype(np.float64)
    np.fill_diagonal(others, np.inf)
    # of those that are as far the first head is the nearer: nothing depends on how the library sorts
    nearest = np.argsort(others, axis=1, kind="stable")[:, :n_neighbors]
    pairs = np.stack([np.repeat(np.arange(len(matrix)), n_neighbors), nearest.reshape(-1)], axis=1)
    return np.unique(np.sort(pairs, axis=1), axis=0)
