"""Folded weights of all layers -> how much each head reads of what each earlier head writes, beside chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def composition(layers: Sequence[FoldedWeights], room: int = _ROOM) -> dict[str, FloatArray]:
    """Composition scores by kind, "q", "k" and "v", less what chance gives.

    `||W_OV1 W_QK2|| / (||W_OV1|| ||W_QK2||)` and its like with Frobenius norms, W_OV1 of the earlier head; less
    `1 / sqrt(d_model)`, which is exactly the root mean square of it when one of the two is turned at random.

    Parameters
    ----------
    layers : sequence of FoldedWeights
    room : int
        Bytes for matrices `[d_model, d_model]` of all heads, which are faster; where they need more, products of
        factors.

    Returns
    -------
    dict
        Kind -> float32 `[later layer, later head, earlier layer, earlier head]`, NaN where not earlier.
    """
    heads, _, width = layers[0].w_o.shape
    size = layers[0].w_o.element_size()
    few = len(layers) * heads * width**2 * size <= room
    products = _by_grams(layers) if few else _by_factors(layers)
    shape = (len(layers), heads, len(layers), heads)
    found = {kind: np.full(shape, np.nan, np.float32) for kind in KINDS}
    ov = [_norm(layer.w_v, layer.w_o) for layer in layers]
    qk = [_norm(layer.w_q, layer.w_k.mT) for layer in layers]
    for later in range(len(layers)):
        for earlier, squares in products(later):
            for kind, square, norm in zip(KINDS, squares, (qk[later], qk[later], ov[later]), strict=True):
                scores = square.clamp(min=0).sqrt() / (norm[:, None] * ov[earlier][None])
                found[kind][later, :, earlier] = (scores - width**-0.5).float().cpu().numpy()
    return found


def norms_of(layers: Sequence[FoldedWeights]) -> tuple[FloatArray, FloatArray]:
    """Frobenius norms of `W_Q W_K^T` and of `W_V W_O`, each `[layer, head]`."""
    qk, ov = (
        torch.stack([_norm(*pair(layer)) for layer in layers]).double().cpu().numpy()
        for pair in (lambda one: (one.w_q, one.w_k.mT), lambda one: (one.w_v, one.w_o))
    )
    return qk, ov


def _norm(left: Tensor, right: Tensor) -> Tensor:
    """`[head]`: of the products of `[head, d_model, d_head]` and `[head, d_head, d_model]`, which are not made."""
    return ((left.mT @ left) * (right @ right.mT)).sum((-2, -1)).clamp(min=0).sqrt()


def _by_grams(layers: Sequence[FoldedWeights]) -> Callable[[int], list[tuple[int, tuple[Tensor, ...]]]]:
    """||A B||^2 is the inner product of A^T A and B B^T: one product of long vectors for all heads of two layers."""
    heads = len(layers[0].w_o)
    grams: list[Tensor] = []

    def against(later: int) -> list[tuple[int, tuple[Tensor, ...]]]:
        layer = layers[later]
        found = []
        if grams:
            reads = torch.cat(
                [
                    _gram(layer.w_q.mT, layer.w_k),
                    _gram(layer.w_k.mT, layer.w_q),
                    _gram(layer.w_v.mT, layer.w_o.mT),
                ]
            )
            for earlier, gram in enumerate(grams):
                found.append((earlier, (reads @ gram.T).split(heads)))
        grams.append(_gram(layer.w_o, layer.w_v))
        return found

    return against


def _gram(outer: Tensor, inner: Tensor) -> Tensor:
    """`outer^T (inner^T inner) outer` of each head, as one long row: of `[head, d_head, d_model]` and the other way."""
    # the small matrix in the middle first
    return (outer.mT @ ((inner.mT @ inner) @ outer)).flatten(1)


def _by_factors(layers: Sequence[FoldedWeights]) -> Callable[[int], list[tuple[int, tuple[Tensor, ...]]]]:
    """||V O Q K^T|| is ||R_V O Q R_K^T|| with the triangles of V and K, which need no room."""
    written = [_triangle(layer.w_v) @ layer.w_o for layer in layers]

    def against(later: int) -> list[tuple[int, tuple[Tensor, ...]]]:
        layer = layers[later]
        reads = (
            layer.w_q @ _triangle(layer.w_k).mT,
            layer.w_k @ _triangle(layer.w_q).mT,
            layer.w_v @ _triangle(layer.w_o.mT).mT,
        )
        return [
            (earlier, tuple(torch.stack([_squares(written[earlier], one) for one in read]) for read in reads))
            for earlier in range(later)
        ]

    return against


def _squares(written: Tensor, read: Tensor) -> Tensor:
    """`[earlier head]`, of `[earlier head, d_head, d_model]` and `[d_model, d_head]`."""
    return (written @ read).square().sum((-2, -1))


def _triangle(tall: Tensor) -> Tensor:
    """R of a QR decomposition of each head's `[d_model, d_head]`."""
    return torch.linalg.qr(tall, mode="r").R
