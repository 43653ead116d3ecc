"""Folded weights of all layers -> how much each head reads of what each earlier head writes, beside chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from attn_widgets.circuits.folded import FoldedWeights

FloatArray = NDArray[np.floating[Any]]
KINDS = ("q", "k", "v")
# bytes that the products of all earlier heads may take
_ROOM = 2**30
# rows of a product of long rows, about
_READS = 96


def composition(layers: Sequence[FoldedWeights], room: int = _ROOM) -> dict[str, FloatArray]:
    """Composition scores by kind, "q", "k" and "v", less what chance gives.

    `||W_OV1 W_QK2|| / (||W_OV1|| ||W_QK2||)` and its like with Frobenius norms, W_OV1 of the earlier head; less
    `1 / sqrt(d_model)`, which is exactly the root mean square of it when one of the two is turned at random.

    Parameters
    ----------
    layers : sequence of FoldedWeights
    room : int
        Bytes for half of a matrix `[d_model, d_model]` of each head, which is faster; where they need more, products of
        factors.

    Returns
    -------
    dict
        Kind -> float32 `[later layer, later head, earlier layer, earlier head]`, NaN where not earlier.
    """
    heads, _, width = layers[0].w_o.shape
    size = layers[0].w_o.element_size()
    few = len(layers) * heads * width**2 // 2 * size <= room
    products = _by_grams(layers) if few else _by_factors(layers)
    shape = (len(layers), heads, len(layers), heads)
    found = {kind: np.full(shape, np.nan, np.float32) for kind in KINDS}
    ov = [_norm(layer.w_v, layer.w_o) for layer in layers]
    qk = [_norm(layer.w_q, layer.w_k.mT) for layer in layers]
    for later, squares in enumerate(products):
        before = torch.cat([ov[0][:0], *ov[:later]])
        for kind, square, norm in zip(KINDS, squares, (qk[later], qk[later], ov[later]), strict=True):
            scores = square.clamp(min=0).sqrt() / (norm[:, None] * before) - width**-0.5
            found[kind][later, :, :later] = scores.reshape(heads, later, heads).float().cpu().numpy()
    return found


def norms_of(layers: Sequence[FoldedWeights]) -> tuple[FloatArray, FloatArray]:
    """Frobenius norms of `W_Q W_K^T` and of `W_V W_O`, each `[layer, head]`."""
    qk = torch.stack([_norm(layer.w_q, layer.w_k.mT) for layer in layers])
    ov = torch.stack([_norm(layer.w_v, layer.w_o) for layer in layers])
    return qk.double().cpu().numpy(), ov.double().cpu().numpy()


def _norm(left: Tensor, right: Tensor) -> Tensor:
    """`[head]`: of the products of `[head, d_model, d_head]` and `[head, d_head, d_model]`, which are not made."""
    return ((left.mT @ left) * (right @ right.mT)).sum((-2, -1)).clamp(min=0).sqrt()


def _by_grams(layers: Sequence[FoldedWeights]) -> Iterator[tuple[Tensor, ...]]:
    """||A B||^2 is the inner product of A^T A and B B^T: one product of long rows for some layers and all earlier ones.

    Both are symmetric: one half of each is enough.
    """
    heads, _, width = layers[0].w_o.shape
    row, column = torch.triu_indices(width, width, device=layers[0].w_o.device)
    half = row * width + column
    twice = torch.where(row == column, 1, 2).to(layers[0].w_o)
    grams = layers[0].w_o.new_empty(len(layers) * heads, len(half))
    # a product of few rows takes as long as one of many
    together = max(1, _READS // (len(KINDS) * heads))
    for start in range(0, len(layers), together):
        some = layers[start : start + together]
        for at, layer in enumerate(some, start):
            grams[at * heads : (at + 1) * heads] = _gram(layer.w_o, layer.w_v)[:, half]
        before = (start + len(some) - 1) * heads
        reads = [(one.w_q.mT, one.w_k) for one in some], [(one.w_k.mT, one.w_q) for one in some]
        moves = [(one.w_v.mT, one.w_o.mT) for one in some]
        rows = torch.cat([_gram(*read)[:, half] for kind in (*reads, moves) for read in kind])
        products = ((rows * twice) @ grams[:before].T).reshape(len(KINDS), len(some), heads, before)
        for at in range(len(some)):
            yield tuple(products[:, at, :, : (start + at) * heads])


def _gram(outer: Tensor, inner: Tensor) -> Tensor:
    """`outer^T (inner^T inner) outer` of each head, as one long row: of `[head, d_head, d_model]` and the other way."""
    # the small matrix in the middle first
    return (outer.mT @ ((inner.mT @ inner) @ outer)).flatten(1)


def _by_factors(layers: Sequence[FoldedWeights]) -> Iterator[tuple[Tensor, ...]]:
    """||V O Q K^T|| is ||R_V O Q R_K^T|| with the triangles of V and K, which need no room."""
    written: list[Tensor] = []
    for layer in layers:
        reads = (
            layer.w_q @ _triangle(layer.w_k).mT,
            layer.w_k @ _triangle(layer.w_q).mT,
            layer.w_v @ _triangle(layer.w_o.mT).mT,
        )
        nothing = layer.w_o.new_zeros(0)
        yield tuple(
            torch.stack([torch.cat([nothing, *(_squares(one, head) for one in written)]) for head in read])
            for read in reads
        )
        written.append(_triangle(layer.w_v) @ layer.w_o)


def _squares(written: Tensor, read: Tensor) -> Tensor:
    """`[earlier head]`, of `[earlier head, d_head, d_model]` and `[d_model, d_head]`."""
    return (written @ read).square().sum((-2, -1))


def _triangle(tall: Tensor) -> Tensor:
    """R of a QR decomposition of each head's `[d_model, d_head]`."""
    triangle: Tensor = torch.linalg.qr(tall, mode="r").R
    return triangle
