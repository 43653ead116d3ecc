"""`explain`: a model, a prompt and a cell -> its attention score as an exact sum over pairs of parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

from attn_widgets.circuits.attribution import NotExact
from attn_widgets.circuits.explanation import By, Explanation
from attn_widgets.circuits.kept_stream import kept_stream
from attn_widgets.circuits.layer_scores import LayerScores, Side, before_cap
from attn_widgets.circuits.stream_parts import StreamParts, exact, read_heads
from attn_widgets.forward.precision import tolerance
from attn_widgets.models import Model, load_model
from attn_widgets.models.rotary import Rotary
from attn_widgets.names import check_head, head_name, near_miss

if TYPE_CHECKING:
    from attn_widgets.circuits.baseline import Baseline

_BY = ("component", "head", "source")
# terms of both sides by source are as many as heads x tokens, squared
_MOST_TERMS = 60_000_000


def explain(
    model: Any,
    prompt: Baseline,
    head: str | tuple[int, int],
    query: int,
    key: int,
    *,
    versus: int | Literal["row"] | None = None,
    by: By | tuple[By, By] = "head",
) -> Explanation:
    """Split one attention score exactly: which part of the query meets which part of the key.

    A score is a product of two vectors, and each is a linear map of the residual stream while the scales of norms are
    held as they were: the norm before attention at each position, and those of queries and keys where a model has them.
    Rotary positions, grouped heads and the scaling are linear too. The stream at a position is the sum of the token's
    embedding, the position's where the model adds one, what each earlier head and each earlier MLP wrote there, and
    biases; so the score is a sum over pairs of these (Elhage et al. 2021, "A Mathematical Framework for Transformer
    Circuits"; with learned features in place of heads, Kamath et al. 2025, "Tracing Attention Computation Through
    Feature Interactions"). All is summed in float64.

    A softmax sees only differences along a row: what all keys share moves no attention. To ask why a head looks *there*
    and not elsewhere, take a contrast with `versus`. What this does not show: what a norm's scale would be without a
    part, and why a part is there; a head's output has its own reasons, which `explain` of that head's cell tells.

    Parameters
    ----------
    model : Model or anything `load_model` accepts
    prompt : str, array of int, or Trace
        Text or token ids, or a trace captured from this model; or what `freeze` returned, which has run already. The
        last two prompts are kept with the `Model`, so that another cell of one costs no forward pass.
    head : str or (int, int)
        `"L5H1"`.
    query, key : int
        Positions; negative counts from the end.
    versus : int or "row", optional
        Take off the score of another key, or the mean over the row's other visible keys, weighted equally.
    by : {"head", "component", "source"} or a pair of them
        What parts are: each earlier head; each earlier layer's heads together; each earlier head by the token it moved
        from. One for both query and key, or `(query, key)`; "source" alone is `("head", "source")`, as both sides by
        source have too many pairs.

    Returns
    -------
    Explanation

    Raises
    ------
    NotExact
        A ValueError: the terms leave more than rounding (1e-4 in float32, 1e-6 in float64, beside the largest part), or
        the scores are no such sum at all, as with ALiBi and relative biases. The message has the reason. A learned sink
        is no key: its score is one number, of no parts, and not in the row's mean.
    ValueError
        If head, query, key or versus do not exist, or the query does not see the key.
    MemoryError
        If there are more than 60 million terms.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> model = aw.load_model("toy-induction", device="cpu")
    >>> why = aw.explain(model, "The cat sat on the mat. The cat sat on the", "L1H1", query=-1, key=6, versus="row")
    >>> why.top(1, of="key").key_part[0]  # what the previous-token head wrote there
    'L0H1'
    """
    model = load_model(model)
    layer, index = check_head(head, model.n_layers, model.n_heads)
    query_by, key_by = _checked_by(by)
    kept = kept_stream(model, prompt)
    n = len(kept.recording.ids)
    query, key = _position("query", query, n), _position("key", key, n)
    scores = kept.scores(layer)
    row = exact(scores.scores[index, query])
    rival: int | Literal["row"] | None = versus if versus is None or versus == "row" else _position("versus", versus, n)
    weights = _contrast(row, query, key, rival)
    seen = weights.nonzero().flatten()
    ends = [_Ends("query", query_by, torch.tensor([query]), torch.ones(1, dtype=torch.float64), scores.query)]
    ends.append(_Ends("key", key_by, seen, weights[seen], scores.key))
    _refuse_too_many(model, layer, ends)
    (query_parts, queries), (key_parts, keys) = (
        _parts(model, kept.stream, layer, index, scores.rotary, one) for one in ends
    )
    terms = scores.factor * queries @ keys.T
    score, sum_error = _score(row, weights, terms, scores, key)
    _check(model, scores, terms, row, sum_error, head_name(layer, index))
    return Explanation(
        model=model,
        tokens=tuple(model.tokenizer.token_strings(kept.recording.ids)),
        head=head_name(layer, index),
        query=query,
        key=key,
        versus=rival,
        by=(query_by, key_by),
        terms=terms.numpy(),
        query_parts=query_parts,
        key_parts=key_parts,
        score=score,
        cap=scores.cap,
        sum_error=sum_error,
    )


@dataclass(frozen=True, eq=False)
class _Ends:
    """One side of the products: positions, what each counts, and how they are read."""

    name: Literal["query", "key"]
    by: By
    positions: Tensor
    weights: Tensor
    side: Side


def _parts(
    model: Model, stream: StreamParts, layer: int, head: int, rotary: Rotary, ends: _Ends
) -> tuple[tuple[str, ...], Tensor]:
    """Names, and each part's query or key, turned, and summed over positions by their weights: `[part, d_head]`."""
    at, turned = ends.positions, rotary.at(ends.positions)
    own = ends.weights / ends.side.own[head, at]
    counts = own / ends.side.norm[at]
    reads = ends.side.weights[head]

    def read(written: Tensor) -> Tensor:
        return turned.weighted_sum(written[at] @ reads, counts)

    named = {name: read(embedding) for name, embedding in stream.embeddings.items()}
    names, vectors = list(named), [torch.stack(list(named.values()))]
    biases = turned.weighted_sum(ends.side.bias[head].expand(len(at), -1), own)
    many = len(at) > reads.shape[1] // 2
    for earlier in range(layer):
        wrote = stream.layer(earlier)
        n_heads, through = len(wrote.w_o), counts / wrote.scale[at]
        found = stream.read_by((layer, head, ends.name), reads, earlier)[:, at] if many else wrote.read(reads, at)
        heads, mlps = found[:n_heads], found[n_heads:]
        if ends.by == "component":
            vectors.append(turned.weighted_sum(heads.sum(0), through)[None])
            names.append(f"attention {earlier}")
        elif ends.by == "head":
            vectors.append(turned.weighted_sum(heads, through))
            names += [head_name(earlier, one) for one in range(n_heads)]
        else:
            sources = int(at.max()) + 1 if model.causal else len(wrote.values)
            values = read_heads(wrote.values[:sources], wrote.w_o, reads)
            vectors.append(_by_source(exact(wrote.patterns[:, at, :sources]), values, turned, through).flatten(0, 1))
            names += [f"{head_name(earlier, one)} from {k}" for one in range(n_heads) for k in range(sources)]
        biases = biases + turned.weighted_sum((wrote.bias @ reads).expand(len(at), -1), through)
        # norms after MLPs are in what they wrote
        vectors.append(turned.weighted_sum(mlps, counts))
        names += [f"MLP {earlier}"] * len(mlps)
    return (*names, "biases"), torch.cat([*vectors, biases[None]])


def _by_source(patterns: Tensor, values: Tensor, rotary: Rotary, weights: Tensor) -> Tensor:
    """`[head, position, source]` and values as they are read -> turned and summed, `[head, source, d_head]`."""
    moved = patterns.mT * weights
    return values * (moved @ rotary.cos) + values[..., rotary.partner] * (moved @ rotary.sin)


def _contrast(row: Tensor, query: int, key: int, versus: int | Literal["row"] | None) -> Tensor:
    """What each key's score counts, `[key]`."""
    visible = row.isfinite()
    for name, one in (("key", key), ("versus", versus)):
        if isinstance(one, int) and not visible[one]:
            raise ValueError(
                f"{name} is {one}, which query {query} does not see; expected one of "
                f"{int(visible.nonzero().min())} to {int(visible.nonzero().max())}"
            )
    weights = torch.zeros_like(row)
    weights[key] = 1
    if versus == "row":
        others = visible.clone()
        others[key] = False
        if not others.any():
            raise ValueError(f"versus is 'row', but query {query} sees no other key than {key}; leave versus out")
        weights[others] = -1 / float(others.sum())
    elif versus is not None:
        if versus == key:
            raise ValueError(f"versus is {versus}, which is key itself; expected another key, or 'row'")
        weights[versus] = -1
    return weights


def _score(row: Tensor, weights: Tensor, terms: Tensor, scores: LayerScores, key: int) -> tuple[float, float]:
    """The model's own score, and what the terms leave of it."""
    used = weights != 0
    values = row[used] if scores.cap is None else before_cap(row[used], scores.cap)
    if values.isnan().any():
        raise NotExact(
            f"scores of this row are within 1 % of their cap of {scores.cap:g}, so what they were before it cannot be "
            f"told (key {key}); take another cell, or another versus"
        )
    score = float(values @ weights[used])
    return score, score - float(terms.sum())


def _check(model: Model, scores: LayerScores, terms: Tensor, row: Tensor, sum_error: float, head: str) -> None:
    """Refuse terms that leave more than rounding of a part, of the row's scores, or of 1."""
    parts = (terms.sum(0), terms.sum(1), row[row.isfinite()])
    size = max(1.0, *(float(one.abs().max()) for one in parts))
    allowed = tolerance(scores.scores.dtype) * size
    if scores.cap is not None:
        # what was rounded below the cap is larger above it
        allowed /= 1 - 0.99**2
    if abs(sum_error) <= allowed:
        return
    raise NotExact(
        f"model {model.name} cannot be explained exactly at {head}: a sum error of {sum_error:.3g} beside parts up to "
        f"{size:.3g}, so something else than embeddings, heads, MLPs and biases writes into its residual stream, or "
        "hooks change what they write"
    )


def _refuse_too_many(model: Model, layer: int, ends: list[_Ends]) -> None:
    each = [
        layer * (model.n_heads * (int(one.positions.max()) + 1) if one.by == "source" else model.n_heads)
        for one in ends
    ]
    if np.prod([float(count) for count in each]) > _MOST_TERMS:
        raise MemoryError(
            f"by {ends[0].by} and {ends[1].by} the score has about {each[0]:,} x {each[1]:,} terms; expected at most "
            f'{_MOST_TERMS:,}. Take by=("component", "source"), or by="head"'
        )


def _position(name: str, position: int, n: int) -> int:
    if isinstance(position, bool) or not isinstance(position, (int, np.integer)) or not -n <= position < n:
        near = ' or "row"' if name == "versus" else ""
        raise ValueError(
            f"{name} is {position!r}; the prompt has positions 0 to {n - 1}, or -{n} to -1; expected one{near}"
        )
    return int(position) % n


def _checked_by(by: Any) -> tuple[By, By]:
    pair = ("head", "source") if by == "source" else (by, by) if isinstance(by, str) else tuple(by)
    if len(pair) != 2 or any(one not in _BY for one in pair):
        wrong = next((one for one in pair if one not in _BY), by)
        raise ValueError(f"by is {by!r}; {near_miss(str(wrong), _BY)}, or a pair of them for query and key")
    return pair[0], pair[1]
