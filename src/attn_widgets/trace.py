"""Trace: the attention of one prompt, with its tokens and where they came from. No torch here."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attn_widgets import arrays
from attn_widgets.attention import Attention, HeldAttention, KeptPatterns, QueriesKeys, WordPatterns, as_attention
from attn_widgets.trace_file import ARRAYS, read_trace, write_trace
from attn_widgets.words import Span, read_words

FloatArray = NDArray[np.floating[Any]]

Unit = Literal["token", "word"]


@dataclass(frozen=True, eq=False, repr=False)
class Trace(HeldAttention):
    """What the heads of one model did with one prompt. Frozen: arrays are read-only numpy.

    Make one with `attn_widgets.forward.capturing`, `Trace.from_arrays`, `Trace.from_queries_keys` or `Trace.load`. It
    holds patterns, or, for long prompts, the queries and keys that any of them can be made of; what it offers is the
    same.

    Attributes
    ----------
    attention : Attention
        What is held: `KeptPatterns`, or `QueriesKeys`. An array given instead, `[layer, head, query, key]`, is taken as
        patterns.
    tokens : tuple of str
        What a person reads, one a key position. A special first token (BOS) is among them, by name.
    query_tokens : tuple of str
        One a query position; the same as `tokens` unless the patterns are cross-attention.
    token_ids : numpy.ndarray or None
        `[key]`, int64.
    text : str
        What was read, exactly: the prompt; of a prompt that was token ids, what they decode to, special tokens left
        out. "" when unknown.
    spans : numpy.ndarray or None
        `[key, 2]`, int64: start and end of each token in `text`. All pieces of a character that is split over tokens
        have that character's span; a special token that is not in the text has an empty one at its place. None where
        the text is unknown.
    model_name : str
        Where the patterns came from, with the checkpoint where it is not the last: `"toy-induction@3"`; "" when
        unknown.
    causal : bool
        Whether a query sees only keys at or before its own position.
    special : tuple of int
        Key positions that hold a special token (BOS, separators, padding).
    scores : numpy.ndarray or None
        `[layer, head, query, key]`, attention scores before the softmax; masked cells are -inf.
    value_norms : numpy.ndarray or None
        `[layer, head, key]`, the Euclidean norm of each head's value vector.
    unit : {"token", "word"}
        What a position is; see `words`.
    generated_from : int or None
        The position of the first token that the model wrote itself; None where it only read.
    """

    attention: Attention
    tokens: tuple[str, ...]
    query_tokens: tuple[str, ...] = ()
    token_ids: NDArray[np.int64] | None = None
    model_name: str = ""
    causal: bool = True
    special: tuple[int, ...] = ()
    scores: FloatArray | None = None
    value_norms: FloatArray | None = None
    text: str = ""
    spans: NDArray[np.int64] | None = None
    unit: Unit = "token"
    generated_from: int | None = None
    axes: tuple[str, ...] = field(default=("layer", "head", "query", "key"), init=False)
    # the trace between tokens that this one, between words, was made of, and which words
    _words_of: tuple[Trace, tuple[Span, ...] | None] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", tuple(self.tokens))
        object.__setattr__(self, "query_tokens", tuple(self.query_tokens) or self.tokens)
        object.__setattr__(self, "special", tuple(int(position) for position in self.special))
        object.__setattr__(self, "attention", as_attention(self.attention, causal=self.causal))
        arrays.check_tokens(self.tokens, self.query_tokens, self.n_queries, self.n_keys)
        if self.token_ids is not None and self.token_ids.shape != (self.n_keys,):
            raise ValueError(f"token_ids has shape {self.token_ids.shape}; expected one a key, ({self.n_keys},)")
        if self.scores is not None and self.scores.shape != self.shape:
            raise ValueError(f"scores has shape {self.scores.shape}; expected that of the patterns, {self.shape}")
        norms = (self.n_layers, self.n_heads, self.n_keys)
        if self.value_norms is not None and self.value_norms.shape != norms:
            raise ValueError(f"value_norms has shape {self.value_norms.shape}; expected [layer, head, key] = {norms}")
        if self.unit not in ("token", "word"):
            raise ValueError(f'unit is {self.unit!r}; expected "token" or "word"')
        if self.generated_from is not None and not 0 <= self.generated_from <= self.n_keys:
            raise ValueError(f"generated_from is {self.generated_from}; expected a position from 0 to {self.n_keys}")
        if not isinstance(self.text, str):
            raise ValueError(f"text is a {type(self.text).__name__}; expected what was read, as one str")
        if self.spans is not None:
            arrays.check_spans(self.spans, self.text, self.n_keys)
        for name in ARRAYS:
            array = getattr(self, name)
            if array is not None:
                # a view: the caller's own array stays as writable as it is
                array = array.view()
                array.setflags(write=False)
                object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        kinds = "".join(f", {name}" for name in ("scores", "value_norms") if getattr(self, name) is not None)
        held = "" if self.holds == "patterns" else f", {self.holds.replace('_', ' and ')}"
        return (
            f"<Trace of {self.model_name or 'unknown model'}: {self.n_layers} layers x {self.n_heads} heads, "
            f"{self.n_queries} queries x {self.n_keys} keys{' (words)' if self.unit == 'word' else ''}, "
            f"{self.attention.dtype}{held}{kinds}>"
        )

    def words(self, only: Collection[Span] | None = None) -> Trace:
        """The same patterns between words, which are the same for every tokenizer.

        A word is a longest run of letters, digits and underscores, or one other visible character; in Chinese and
        Japanese one character. A token belongs to the word of its first character that is not a space, and one of
        spaces alone to the next word. Special tokens, such as the first, are words by themselves. The word that is
        looked at gets the sum over its tokens, the word that looks the mean (Clark et al. 2019, "What Does BERT Look
        At?", section 4.1), so rows still sum to 1 and a causal pattern stays causal. Without `spans` the tokens are
        laid one after the other.

        Parameters
        ----------
        only : collection of (int, int), optional
            Start and end in `text` of the words to keep. Tokens of others go to the kept word before; of a causal
            pattern, those after the last word kept are left out. Default: all.

        Returns
        -------
        Trace
            With unit "word", float32. Scores and value norms have no counterpart between words: both are None.

        Raises
        ------
        ValueError
            If `only` has none of the words.

        Examples
        --------
        >>> import numpy as np
        >>> import attn_widgets as aw
        >>> half = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.5, 0.25, 0.25]])
        >>> words = aw.Trace.from_arrays(half, ["an", "other", " cat"], text="another cat", causal=True,
        ...                              spans=[(0, 2), (2, 7), (7, 11)]).words()
        >>> words.tokens, words.head("L0H0").tolist()
        (('another', 'cat'), [[1.0, 0.0], [0.75, 0.25]])
        """
        if self.unit == "word" and only is None:
            return self
        text, keys = read_words(self.tokens, self.special, self.text, self.spans)
        if only is not None:
            keys = keys.only(only, causal=self.causal)
        if not len(keys):
            raise ValueError(f"only has none of the words of {text[:40]!r}; expected start and end of some in the text")
        same = self.query_tokens == self.tokens
        asked, queries = (text, keys) if same else read_words(self.query_tokens)
        attention: Attention = WordPatterns(self.attention, keys, queries)
        if isinstance(self.attention, KeptPatterns):
            between = np.stack([keys.between(layer, queries) for layer in self.attention.patterns])
            attention = KeptPatterns(between, causal=self.causal)
        generated = None
        if self.generated_from is not None:
            generated = int(np.searchsorted(keys.starts, self.generated_from))
        return Trace(
            attention=attention,
            tokens=keys.named(text, self.tokens),
            query_tokens=() if same else queries.named(asked, self.query_tokens),
            model_name=self.model_name,
            causal=self.causal,
            special=keys.special,
            text=text,
            spans=keys.spans,
            unit="word",
            generated_from=generated,
            _words_of=(self, None if only is None else tuple(only)),
        )

    @classmethod
    def from_arrays(
        cls,
        patterns: Any,
        tokens: Sequence[str],
        *,
        query_tokens: Sequence[str] | None = None,
        token_ids: Any = None,
        model_name: str = "",
        causal: bool | None = None,
        special: Sequence[int] = (),
        scores: Any = None,
        value_norms: Any = None,
        text: str = "",
        spans: Any = None,
    ) -> Trace:
        """Bring your own attention.

        Parameters
        ----------
        patterns : array or sequence of arrays
            The `attentions` tuple of a Hugging Face model run with `attn_implementation="eager"`, or an
            array (torch, numpy, jax; any device) of `[layer, head, query, key]`, with or without a batch
            axis of one prompt, `[head, query, key]` for one layer or `[query, key]` for one head. Copied.
        tokens : sequence of str
            One a key position.
        query_tokens : sequence of str, optional
            One a query position, for cross-attention; default the same as `tokens`.
        token_ids : array of int, optional
            `[key]`.
        model_name : str, optional
            Shown beside the pattern.
        causal : bool, optional
            Default: causal if the patterns are square and nothing is above the diagonal.
        special : sequence of int, optional
            Key positions that hold a special token.
        scores, value_norms : array, optional
            As in the attributes, with the same freedom of shape as `patterns` (scores only).
        text : str, optional
            What was read. Prompts of several models are matched by it; without it by the tokens, joined.
        spans : array of int, optional
            `[key, 2]`, where each token stands in `text`, such as a tokenizer's `offset_mapping`.

        Returns
        -------
        Trace

        Raises
        ------
        ValueError
            If shapes, token counts or values cannot be attention patterns; the message says what came,
            what was expected and what to do.

        Examples
        --------
        >>> import numpy as np
        >>> import attn_widgets as aw
        >>> aw.Trace.from_arrays(np.tril(np.ones((3, 3))) / [[1], [2], [3]], ["a", "b", "c"])
        <Trace of unknown model: 1 layers x 1 heads, 3 queries x 3 keys, float32>
        """
        grid = arrays.as_grid(patterns, "patterns")
        if causal is None:
            causal = arrays.looks_causal(grid)
        return cls(
            attention=KeptPatterns(grid, causal=causal),
            tokens=tuple(tokens),
            query_tokens=tuple(query_tokens) if query_tokens is not None else (),
            token_ids=_as_ids(token_ids),
            model_name=model_name,
            causal=causal,
            special=tuple(special),
            scores=None if scores is None else arrays.as_grid(scores, "scores"),
            value_norms=None if value_norms is None else arrays.as_numpy(value_norms).copy(),
            text=text,
            spans=None if spans is None else arrays.as_spans(spans),
        )

    @classmethod
    def from_queries_keys(
        cls,
        queries: Any,
        keys: Any,
        tokens: Sequence[str],
        *,
        scale: Any = None,
        causal: bool = True,
        window: Any = None,
        bias: Any = None,
        softcap: Any = None,
        sinks: Any = None,
        query_tokens: Sequence[str] | None = None,
        token_ids: Any = None,
        model_name: str = "",
        special: Sequence[int] = (),
        value_norms: Any = None,
        text: str = "",
        spans: Any = None,
    ) -> Trace:
        """Bring your own queries and keys: for long prompts they take a fraction of what patterns do.

        Parameters
        ----------
        queries, keys : array or sequence of arrays
            `[layer, head, query, d_head]` and `[layer, kv_head, key, d_head]`, or one `[1, head, query, d_head]` a
            layer, as they enter the product: after rotary embedding and their norms. Grouped KV heads are given once.
            Stored as float32, float16 as it is.
        tokens : sequence of str
            One a key position.
        scale : float or array, optional
            What the product is multiplied by; one number or `[layer]`. Default: 1 / sqrt(d_head).
        causal, window, bias, softcap, sinks : optional
            What else shapes the softmax; see `attn_widgets.attention.QueriesKeys`.
        query_tokens, token_ids, model_name, special, value_norms, text, spans
            As for `from_arrays`.

        Returns
        -------
        Trace

        Raises
        ------
        ValueError
            If shapes or token counts do not fit together; the message says what came and what was expected.

        Examples
        --------
        >>> import numpy as np
        >>> import attn_widgets as aw
        >>> one = np.zeros((1, 2, 3, 4), np.float32)
        >>> aw.Trace.from_queries_keys(one, one[:, :1], ["a", "b", "c"]).head("L0H1")[2].round(2).tolist()
        [0.33, 0.33, 0.33]
        """
        if scale is None:
            width = (queries[0] if isinstance(queries, (list, tuple)) else queries).shape[-1]
            scale = width**-0.5
        attention = QueriesKeys(queries, keys, scale, causal, window, bias, softcap, sinks)
        return cls(
            attention=attention,
            tokens=tuple(tokens),
            query_tokens=tuple(query_tokens) if query_tokens is not None else (),
            token_ids=_as_ids(token_ids),
            model_name=model_name,
            causal=causal,
            special=tuple(special),
            value_norms=None if value_norms is None else arrays.as_numpy(value_norms).copy(),
            text=text,
            spans=None if spans is None else arrays.as_spans(spans),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the trace to one safetensors file; `Trace.load` reads it back exactly."""
        return write_trace(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trace:
        """Read a trace that `save` wrote.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is damaged, or is not a trace.
        """
        read: Trace = read_trace(cls, path)
        return read


def _as_ids(token_ids: Any) -> NDArray[np.int64] | None:
    return None if token_ids is None else arrays.as_numpy(token_ids).astype(np.int64).reshape(-1)
