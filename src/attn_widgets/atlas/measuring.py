"""`measure_patterns`: a model and a block of passages -> a table with one row a passage, layer and head."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.atlas.as_table import Read, table_of
from attn_widgets.atlas.first_words import MeanPatterns
from attn_widgets.atlas.numbers import Cells, Measured, numbers_of
from attn_widgets.atlas.reading import ids_of
from attn_widgets.atlas.reservoirs import Reservoirs
from attn_widgets.atlas.windows import Windows, orders
from attn_widgets.forward.capturing import capture
from attn_widgets.models import Model, load_model
from attn_widgets.threads import CORES, threads

if TYPE_CHECKING:
    import pyarrow as pa

    from attn_widgets.atlas.corpus import Passage
    from attn_widgets.atlas.settings import Settings

# what is shorter shows nothing of where a head looks
FEWEST_TOKENS = 8


def measure_patterns(
    model: Any, passages: Sequence[Passage], settings: Settings, compared: Collection[str] = frozenset()
) -> pa.Table:
    """Run a model on some passages and keep numbers of every head, and of examples of what it does.

    The patterns of a passage become numbers while the model reads the next one: those of two passages are in memory at
    a time (of a model on a GPU, of up to five), or their queries and keys where `capture` keeps these. A passage is
    always read by itself, so that nothing depends on which others are in the block.

    Parameters
    ----------
    model : Model or anything `load_model` accepts
    passages : sequence of Passage
    settings : Settings
        `tokens`: a passage is cut to so many of the model's own tokens, its special ones among them, and to what the
        model can read; a special token that ends every text stays the last. `keep_examples`: how many examples of each
        head are kept.
    compared : collection of str
        Ids of the passages of which profiles are kept too.

    Returns
    -------
    pyarrow.Table
        One row a passage, layer and head, in this order. There is none of passages with fewer than 8 tokens, and of
        those that the model's tokenizer refuses, as the toy's does words it does not know: their ids are in the
        schema's metadata, `left_out`, a list in JSON, and why in `why_left_out`, an object. Columns:

        model, kind, passage, tokens
            Names of the model and of the passage's kind; its id; the tokens that were read, a list in JSON.
        layer, head, n_tokens
        one of each motif's name, `<motif>_lift` and `<motif>_bits`
            As `motif_scores(trace, exclude_first=True)` has them; of `first_token` with the first token in. Null where
            the prompt cannot show the motif.
        entropy
            Mean over the rows from 1 on of a row's entropy, in bits.
        distance
            Mean over the same rows of how far away the keys are, in tokens, the first key taken out; rows with less
            than 1e-3 of their mass elsewhere are left out, null where all are.
        on_first
            Mean mass on the first key over the same rows.
        prefix_matching
            Mean mass on tokens that came after an earlier occurrence of the query's token, over the rows that have
            such, the first key in (Olsson et al. 2022, "In-context Learning and Induction Heads"). Null where no token
            comes twice.
        profile, profile_words
            As `head_features` has them of tokens and of words; null of passages that are not compared.
        examples
            Of each query from 1 on the cell with most of its weight, the first key aside: those among the head's
            `keep_examples` heaviest in this block (`top`), and those among ten times as many drawn by chance
            (`sampled`), with the numbers they were drawn by (`order`). Of several with the same tokens attending,
            attended to and around, one.
        strengths
            How many of all these cells have a weight in each of 64 bins of [0, 1].
        mean_pattern, mean_pattern_passages
            On the rows of the first passage alone: the head's mean pattern over all passages between their first 32
            words, 65535 a weight of 1, row by row, without what is above the diagonal where the model is causal; and
            how many passages have a first word, a second and so on. Where blocks were compacted, those of each, one
            after the other.

    Raises
    ------
    ValueError
        If the model's attention cannot be captured.
    """
    model = load_model(model)
    left_out: dict[str, str] = {}
    read: list[Read] = []
    reservoirs = Reservoirs(model.n_layers * model.n_heads, settings.keep_examples)
    means = MeanPatterns(model.n_layers, model.n_heads, causal=model.causal)

    def finish(passage: Passage, tokens: tuple[str, ...], measured: Future[Measured]) -> None:
        numbers, cells, between = measured.result()
        means.add(between)
        _add_examples(reservoirs, len(read), passage.id, tokens, cells)
        read.append(Read(passage.id, passage.kind, tokens, numbers))

    ahead = _ahead(model)
    begun: deque[tuple[Passage, tuple[str, ...], Future[Measured]]] = deque()
    with threads("atlas") as pool:
        for passage in passages:
            try:
                ids = ids_of(model, passage.text, settings.tokens)
            except ValueError as error:
                left_out[passage.id] = str(error)
                continue
            if len(ids) < FEWEST_TOKENS:
                left_out[passage.id] = f"{len(ids)} tokens, fewer than {FEWEST_TOKENS}"
                continue
            trace = capture(model, ids)
            if len(begun) == ahead:
                finish(*begun.popleft())
            measured = pool.submit(numbers_of, trace, profiles=passage.id in compared)
            begun.append((passage, trace.tokens, measured))
            # whoever measures it is the last to hold it
            del trace
        while begun:
            finish(*begun.popleft())
    return table_of(model, read, reservoirs.kept(), means, left_out)


def _ahead(model: Model) -> int:
    """How many passages are measured at a time, each in a thread."""
    # beside a model on this machine's own cores one thread keeps up, and more would be in its way
    return 1 if model.device.type == "cpu" else CORES


def _add_examples(reservoirs: Reservoirs, number: int, passage: str, tokens: Sequence[str], cells: Cells) -> None:
    keys = cells.keys.reshape(-1, cells.keys.shape[-1])
    queries = np.arange(1, len(tokens), dtype=np.int16)
    reservoirs.add(
        number,
        orders(passage, len(tokens))[1:],
        queries,
        keys,
        cells.weights.reshape(keys.shape),
        Windows(tokens).same(queries, keys),
    )
