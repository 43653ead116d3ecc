"""`head_weights`: a model -> what each of its heads does on any prompt, as far as its weights alone tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from attn_widgets.circuits.composition import KINDS, composition, norms_of
from attn_widgets.circuits.folded import folded_weights
from attn_widgets.circuits.position_kernel import position_kernel
from attn_widgets.models import Model, load_model
from attn_widgets.names import head_name

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.floating[Any]]
# rows of the vocabulary that are centred at a time
_ROWS = 8192


@dataclass(frozen=True, eq=False, repr=False)
class HeadWeights:
    """What each head's weights say, made by `head_weights`.

    Attributes
    ----------
    model_name : str
    table : pandas.DataFrame
        One row a head, by name (`"L5H1"`): `layer`, `head`; `ov_copying` and `qk_matching`, -1 to 1; `qk_norm` and
        `ov_norm`; `q_composition`, the largest with an earlier head, and `q_from`, that head ("" in the first
        layer), the same for `k` and `v`; `kernel_offset` and `kernel_strength`, where the positional kernel is
        largest, and how large, NaN where there is none.
    q_composition, k_composition, v_composition : numpy.ndarray
        `[later layer, later head, earlier layer, earlier head]`, float32: how much a head's query, key or value reads
        of what an earlier head writes, less `chance`; NaN where it is not earlier.
    chance : float
        What composition scores would be by chance: `1 / sqrt(d_model)`.
    kernel : numpy.ndarray or None
        `[layer, head, offset]`, float32: how much more than on average a head's score is when the key is so many
        positions before the query, whatever the tokens are. None where weights do not tell.
    no_kernel : str
        Why there is none; "" where there is one.
    """

    model_name: str
    table: pd.DataFrame
    q_composition: NDArray[np.float32]
    k_composition: NDArray[np.float32]
    v_composition: NDArray[np.float32]
    chance: float
    kernel: NDArray[np.float32] | None
    no_kernel: str

    def __repr__(self) -> str:
        best = self.table["ov_copying"].sort_values(ascending=False).index[:3]
        return f"<HeadWeights of {self.model_name}: {len(self.table)} heads; {', '.join(best)} copy most>"


def head_weights(model: Any) -> HeadWeights:
    """Tell what every head does on any prompt, from the weights alone.

    With norm scales held, a head is two bilinear forms of the residual stream: `W_QK = W_Q W_K^T`, where it looks, and
    `W_OV = W_V W_O`, what it moves. The weights of the norm before attention are folded into W_Q, W_K and W_V, of
    query and key norms into W_Q and W_K, of a norm after attention into W_O, of the final norm into W_U; LayerNorms
    take off the mean, which is folded in too. Their scales, which depend on the prompt, are left out, and so are
    all biases and what MLPs do. Heads that share keys and values have them each. Nothing of the size of the
    vocabulary squared is made.

    - **Copying** (`ov_copying`): eigenvalues of the full OV circuit `W_E W_OV W_U`, their sum over the sum of
      their moduli: 1 where attending to a token raises its own logit and each direction of its kind, -1 where it
      lowers them, near 0 for neither (Elhage et al. 2021). Means over the vocabulary are taken off the
      embeddings and the unembedding: the first is moved whatever is attended to, the second shifts all logits.
    - **Matching** (`qk_matching`): the same of the full QK circuit `W_E W_QK W_E^T`: 1 where a token looks for itself,
      -1 where it looks away from itself. Means are taken off the embeddings: a softmax does not see the one of
      keys. With rotary positions it is of query and key at one place, offset 0. It is not prefix matching, which an
      induction head does through an earlier head: see `k_composition`.
    - **Composition**: `||W_OV1 W_QK2|| / (||W_OV1|| ||W_QK2||)`, Frobenius norms, for queries; with `W_QK2^T` for keys,
      `W_OV2` for values (Elhage et al. 2021); less `1 / sqrt(d_model)`, the root mean square if one were turned at
      random. Rotary is left out of it, as at offset 0. Directions that all heads use raise all scores.
    - **Positional kernel**: the score of the mean token at a position with the mean token at each earlier position, by
      offset, less its mean over the window; divided by `sqrt(d_head)`; through the norm before attention with the
      scale that it has there. It is of models that add learned positions, and of what reaches a layer from there
      directly. Where positions act inside of attention (rotary, ALiBi), what does not depend on tokens comes only
      from biases and from the mean of what a layer reads, which weights do not tell: None.

    Parameters
    ----------
    model : Model or anything `load_model` accepts

    Returns
    -------
    HeadWeights

    Raises
    ------
    ValueError
        If weights are not what the model computes with, which is tried out on a short run; or it has norms after
        attention only (BERT), or embeddings of another width than its residual stream. The message says which.

    References
    ----------
    Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits": copying by eigenvalues, composition;
    Olsson et al. 2022, "In-context Learning and Induction Heads": what induction heads compose of.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> weights = aw.head_weights(aw.load_model("toy-induction", device="cpu"))
    >>> bool(weights.table.loc["L1H1", "ov_copying"] > 0.9)
    True
    """
    model = load_model(model)
    with torch.no_grad():
        layers = folded_weights(model)
        ov, qk = _through_vocabulary(model, layers[0].w_o.dtype)
        copying = np.stack([_positive(layer.w_o @ ov @ layer.w_v) for layer in layers])
        matching = np.stack([_positive(layer.w_k.mT @ qk @ layer.w_q) for layer in layers])
        composed = composition(layers)
        kernel, no_kernel = position_kernel(model)
    qk_norm, ov_norm = norms_of(layers)
    columns = {"ov_copying": copying, "qk_matching": matching, "qk_norm": qk_norm, "ov_norm": ov_norm}
    return HeadWeights(
        model_name=model.name,
        table=_table(columns, composed, kernel),
        q_composition=composed["q"],
        k_composition=composed["k"],
        v_composition=composed["v"],
        chance=float(model.d_model**-0.5),
        kernel=kernel,
        no_kernel=no_kernel,
    )


def _through_vocabulary(model: Model, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """`W_U W_E` and `W_E^T W_E`, `[d_model, d_model]`, means over the vocabulary taken off."""
    final = model.final_norm
    n = model.n_tokens
    embeddings, unembedding = model.embedded_tokens[:n], model.unembedding[:, :n]
    mean = embeddings.to(dtype).mean(0)
    width = model.d_model
    ov, qk = (torch.zeros(width, width, dtype=dtype, device=embeddings.device) for _ in range(2))
    for start in range(0, n, _ROWS):
        rows = embeddings[start : start + _ROWS].to(dtype) - mean
        ov += unembedding[:, start : start + _ROWS].to(dtype) @ rows
        qk += rows.T @ rows
    return (ov if final is None else final.before(ov)), qk


def _positive(matrices: Tensor) -> FloatArray:
    """Sum of the eigenvalues over the sum of their moduli, of each of `[head, n, n]`; NaN where all are 0."""
    values = np.linalg.eigvals(matrices.double().cpu().numpy())
    sizes = np.abs(values).sum(-1)
    shares: FloatArray = np.divide(values.sum(-1).real, sizes, out=np.full_like(sizes, np.nan), where=sizes > 0)
    return shares


def _table(columns: dict[str, FloatArray], composed: dict[str, FloatArray], kernel: FloatArray | None) -> pd.DataFrame:
    import pandas as pd

    n_layers, n_heads = columns["ov_copying"].shape
    layer, head = np.indices((n_layers, n_heads)).reshape(2, -1)
    rows: dict[str, Any] = {"layer": layer, "head": head} | {name: one.reshape(-1) for name, one in columns.items()}
    for kind in KINDS:
        scores = composed[kind].reshape(n_layers * n_heads, -1)
        rows[f"{kind}_composition"], rows[f"{kind}_from"] = _largest(scores, n_heads)
    nothing = np.full(n_layers * n_heads, np.nan)
    rows["kernel_offset"] = nothing if kernel is None else kernel.argmax(-1).reshape(-1).astype(np.float64)
    rows["kernel_strength"] = nothing if kernel is None else kernel.max(-1).reshape(-1)
    names = [head_name(int(one), int(other)) for one, other in zip(layer, head, strict=True)]
    return pd.DataFrame(rows, index=pd.Index(names, name="name"))


def _largest(scores: FloatArray, n_heads: int) -> tuple[FloatArray, list[str]]:
    """Of `[later, earlier]`: the largest, and whose it is."""
    there = np.asarray(np.isfinite(scores).any(axis=1))
    at = np.where(np.isnan(scores), -np.inf, scores).argmax(1)
    best = np.where(there, scores[np.arange(len(scores)), at], np.nan)
    return best, [head_name(*divmod(int(i), n_heads)) if known else "" for i, known in zip(at, there, strict=True)]
