"""Model: a TransformerLens model with its name and the tokenizer that fits it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from attn_widgets.models import places
from attn_widgets.models.places import Hook

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from attn_widgets.models.attention_functions import AttentionCall
    from attn_widgets.models.kept_run import KeptRun
    from attn_widgets.models.lens import AttentionWeights, ScoreWeights
    from attn_widgets.models.norms import AttentionNorms, LinearNorm
    from attn_widgets.models.reading import Reader


class Tokenizer(Protocol):
    """What a model's tokenizer must do here."""

    def encode(self, text: str) -> list[int]:
        """Token ids of a text, the special first token included where the model wants one."""
        ...

    def pieces(self, text: str) -> list[int]:
        """Token ids of a bit of text within a prompt: no special first token."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of a whole prompt, special tokens left out."""
        ...

    def spans(self, ids: Sequence[int], text: str) -> list[tuple[int, int]] | None:
        """The characters of a text that each token is, `[seq]`; None where there is no text."""
        ...

    def token_strings(self, ids: Sequence[int]) -> list[str]:
        """What a person reads, one string a token."""
        ...

    @property
    def vocabulary(self) -> Sequence[str]:
        """Every token as a person reads it, at its id; "" where an id is no token of its own."""
        ...

    @property
    def special_ids(self) -> frozenset[int]:
        """Ids of the special tokens (BOS, separators, padding)."""
        ...


@dataclass(frozen=True, eq=False)
class Model:
    """A model that is open and ready.

    Attributes
    ----------
    lens : TransformerBridge or HookedTransformer
        The TransformerLens model, for all that TransformerLens offers: `model.lens.run_with_cache(...)`,
        `model.lens.W_U`, `model.lens.cfg`.
    tokenizer : Tokenizer
        Text to token ids and back to readable tokens.
    name : str
        Shown beside patterns and written into traces.
    """

    lens: Any
    tokenizer: Tokenizer
    name: str

    def __repr__(self) -> str:
        kind = "" if self.causal else ", bidirectional"
        return f"<Model {self.name}: {self.n_layers} layers x {self.n_heads} heads{kind}, on {self.device}>"

    @property
    def n_layers(self) -> int:
        return int(self.lens.cfg.n_layers)

    @property
    def n_heads(self) -> int:
        return int(self.lens.cfg.n_heads)

    @property
    def context(self) -> int | None:
        """The most tokens a prompt may have; None where the model sets no limit."""
        limit = getattr(self.lens.cfg, "n_ctx", None)
        return int(limit) if limit and limit > 0 else None

    @property
    def causal(self) -> bool:
        return getattr(self.lens.cfg, "attention_dir", "causal") == "causal"

    @property
    def device(self) -> torch.device:
        device: torch.device = next(self.lens.parameters()).device
        return device

    @property
    def dtype(self) -> torch.dtype:
        dtype: torch.dtype = next(self.lens.parameters()).dtype
        return dtype

    def weights(self) -> Iterator[tuple[str, Tensor]]:
        """Every weight and its name, by name; what else a state holds is left out."""
        for name, weight in sorted(self.lens.state_dict().items()):
            if hasattr(weight, "numpy"):
                yield name, weight

    @property
    def d_model(self) -> int:
        """Width of the residual stream."""
        return int(self.lens.cfg.d_model)

    @property
    def n_logits(self) -> int:
        """How many ids the model has a logit for; some models have more of them than tokens."""
        return int(self.lens.cfg.d_vocab)

    @property
    def n_tokens(self) -> int:
        """How many ids are tokens: 0 to this, exclusive."""
        tokenizer = getattr(self.lens, "tokenizer", None)
        return self.n_logits if tokenizer is None else min(self.n_logits, len(tokenizer))

    def run(self, ids: Sequence[int], hooks: Sequence[Hook] = ()) -> Tensor:
        """Run the model once on one prompt, in eval mode and without gradients.

        Parameters
        ----------
        ids : sequence of int
            `[seq]`.
        hooks : sequence of (place, function)
            Several at one place run in this order, each on what the one before returned.

        Returns
        -------
        torch.Tensor
            Logits `[seq, vocab]`, of the model's dtype and on its device.
        """
        from attn_widgets.models import lens

        return lens.run(self.lens, ids, hooks)

    def keep(self, ids: Sequence[int], hooks: Sequence[Hook] = ()) -> KeptRun:
        """As `run`, and what every layer was given is kept, so that other runs can start at any of them."""
        from attn_widgets.models import kept_run

        return kept_run.keep(self.lens, ids, hooks)

    def watch(self, prompts: Sequence[Sequence[int]], hooks: Sequence[Hook]) -> None:
        """As `run`, for what hooks see: no logits are made.

        Parameters
        ----------
        prompts : sequence of sequence of int
            `[prompt, seq]`, run in one batch. The shorter ones are padded at their end, which bidirectional models see.
        hooks : sequence of (place, function)
        """
        from attn_widgets.models import lens

        lens.watch(self.lens, prompts, hooks)

    def watch_attention(self, ids: Sequence[int], listener: Callable[[AttentionCall], None]) -> None:
        """Run the Hugging Face model beneath on one prompt, with its own modules and the attention it usually has.

        `run` computes attention step by step and makes every pattern; this makes none. The model is not changed, and
        hooks on it have no effect.

        Parameters
        ----------
        ids : sequence of int
            `[seq]`.
        listener : callable
            Called after every layer's attention, in order; what it raises ends the run.

        Raises
        ------
        ValueError
            With the reason, if there is no such model, or it cannot be run so.
        """
        from attn_widgets.models import attention_functions

        attention_functions.watch(self.lens, ids, listener)

    def reader(self, ids: Sequence[int]) -> Reader:
        """Return one that reads tokens one after the other, these first, and tells the logits of the next."""
        from attn_widgets.models.reading import reader_of

        return reader_of(self.lens, ids)

    @property
    def end_ids(self) -> frozenset[int]:
        """Ids by which the model says that a text is over; none where it has no such token."""
        beneath = getattr(self.lens, "original_model", None)
        ends = (
            getattr(getattr(self.lens, "tokenizer", None), "eos_token_id", None),
            getattr(getattr(beneath, "generation_config", None), "eos_token_id", None),
        )
        return frozenset(
            int(one) for end in ends if end is not None for one in (end if isinstance(end, (list, tuple)) else [end])
        )

    def hooked(self, hooks: Sequence[Hook] = ()) -> AbstractContextManager[None]:
        """Eval mode and these hooks for the time being, for `logits_of` and `normed_for_attention`."""
        from attn_widgets.models import lens

        return lens.hooked(self.lens, hooks)

    @property
    def identity(self) -> object:
        """The model object itself, for what is remembered about it: by it, not by this wrapper."""
        return self.lens

    def state(self) -> tuple[int, int]:
        """Something that is another when weights or hooks have changed."""
        from attn_widgets.models import lens

        return lens.state(self.lens)

    @cached_property
    def has_sinks(self) -> bool:
        """Whether heads have a learned score of no key, which takes a share of every row (gpt-oss)."""
        beneath = getattr(self.lens, "original_model", None)
        return beneath is not None and any(name.endswith(".sinks") for name, _ in beneath.named_parameters())

    @cached_property
    def remembered(self) -> dict[str, Any]:
        """What was made with this model and may be asked for again; it goes when the model goes."""
        return {}

    def same_as(self, other: Model) -> bool:
        """Whether both run the same model object: what one computed is what the other would."""
        return self.lens is other.lens

    def logits_of(self, residual: Tensor) -> Tensor:
        """The last steps, the final norm and the unembedding: `[batch, seq, d_model]` -> `[batch, seq, vocab]`."""
        from attn_widgets.models import lens

        return lens.logits_of(self.lens, residual)

    def normed_for_attention(self, layer: int, residual: Tensor) -> Tensor:
        """What a layer's attention reads of the residual stream, `[batch, seq, d_model]`: the norm before it."""
        from attn_widgets.models import lens

        return lens.normed_for_attention(self.lens, layer, residual)

    def attention_weights(self, layer: int) -> AttentionWeights:
        """How one layer's heads read and write."""
        from attn_widgets.models import lens

        return lens.attention_weights(self.lens, layer)

    def score_weights(self, layer: int) -> ScoreWeights:
        """What one layer's heads look for."""
        from attn_widgets.models import lens

        return lens.score_weights(self.lens, layer)

    def attention_norms(self, layer: int) -> AttentionNorms:
        """The norms around one layer's attention, as linear maps."""
        from attn_widgets.models import norms

        return norms.attention_norms(self.lens, layer)

    @property
    def final_norm(self) -> LinearNorm | None:
        """The norm before the unembedding, as a linear map."""
        from attn_widgets.models import norms

        return norms.final_norm(self.lens)

    @property
    def token_embeddings(self) -> Tensor:
        """`[vocab, d_model]`."""
        from attn_widgets.models import lens

        return lens.token_embeddings(self.lens)

    @property
    def embedded_tokens(self) -> Tensor:
        """`[vocab, d_model]`: each token as it enters the residual stream, but for a factor."""
        from attn_widgets.models import lens

        return lens.embedded_tokens(self.lens)

    @property
    def position_embeddings(self) -> Tensor | None:
        """`[position, d_model]`; None where the model adds none."""
        from attn_widgets.models import lens

        return lens.position_embeddings(self.lens)

    @property
    def unembedding(self) -> Tensor:
        """`[d_model, vocab]`, without the final norm."""
        from attn_widgets.models import lens

        return lens.unembedding(self.lens)

    @property
    def unembedding_bias(self) -> Tensor | None:
        """`[vocab]`; None where the model has none."""
        from attn_widgets.models import lens

        return lens.unembedding_bias(self.lens)

    @property
    def caps_logits(self) -> bool:
        """Whether the logits are squashed below a cap."""
        from attn_widgets.models import lens

        return lens.caps_logits(self.lens)

    @property
    def score_cap(self) -> float | None:
        """The cap below which attention scores are squashed; None where there is none."""
        from attn_widgets.models import lens

        return lens.score_cap(self.lens)

    def shows(self, place: str) -> bool:
        """Whether there is such a place in the forward pass."""
        return place in self.lens.hook_dict

    @property
    def norm_places(self) -> list[str]:
        """Where the norms on the residual stream show what they divide by."""
        return [place for place in self.lens.hook_dict if places.is_norm(place)]

    @property
    def norms_outputs(self) -> bool:
        """Whether there are norms after attention or MLP, which scale what these wrote."""
        return any(places.is_norm_of_output(place) for place in self.lens.hook_dict)

    @property
    def mlp_places(self) -> list[str]:
        """Where MLPs show what they write, `[1, seq, d_model]`; none in attention-only models."""
        here = self.lens.hook_dict
        return [place for place in map(places.mlp_place, range(self.n_layers)) if place in here]

    @property
    def embedding_places(self) -> list[str]:
        """Where the token embeddings and, where the model adds some, position embeddings are, `[1, seq, d_model]`."""
        here = self.lens.hook_dict
        return [place for place in (places.TOKEN_EMBEDDING, places.POSITION_EMBEDDING) if place in here]

    def encode(self, prompt: Any) -> list[int]:
        """Token ids of a prompt.

        Parameters
        ----------
        prompt : str or array of int
            Text, or token ids of shape `[seq]` or `[1, seq]`, which are taken as they are (no BOS is added).

        Returns
        -------
        list of int

        Raises
        ------
        ValueError
            If the prompt is empty, longer than the model's context, not text or ids, or holds an id
            outside the vocabulary.
        """
        ids = self.tokenizer.encode(prompt) if isinstance(prompt, str) and prompt else _ids(prompt)
        if self.context is not None and len(ids) > self.context:
            raise ValueError(
                f"prompt has {len(ids)} tokens, but {self.name} reads at most {self.context}; shorten it by "
                f"{len(ids) - self.context} tokens"
            )
        vocabulary = getattr(self.lens.cfg, "d_vocab", -1)
        outside = [i for i in ids if i < 0 or 0 < vocabulary <= i]
        if outside:
            raise ValueError(
                f"prompt has the token id {outside[0]}; {self.name} has ids from 0 to {vocabulary - 1}. "
                "Were they made by another model's tokenizer?"
            )
        return ids

    def text_of(self, prompt: Any, ids: Sequence[int]) -> str:
        """What was read: a prompt that is text as it is; for token ids what they decode to, special tokens left out."""
        return prompt if isinstance(prompt, str) else self.tokenizer.decode(ids)

    def token_id(self, token: str | int, argument: str = "token") -> int:
        """Id of one token.

        Parameters
        ----------
        token : str or int
            Text that is one token, with its leading space where the model writes one (`" Mary"`); or an id.
        argument : str
            What the token is called in errors.

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If the text is no single token, or there is no such id.
        """
        if not isinstance(token, str):
            try:
                return self.encode([token])[0]
            except ValueError as error:
                raise ValueError(f"{argument} is {token!r}. {error}") from error
        try:
            ids = self.tokenizer.pieces(token) if token else []
        except ValueError as error:
            raise ValueError(f"{argument} is {token!r}. {error}") from error
        if len(ids) != 1:
            parts = ", ".join(map(repr, self.tokenizer.token_strings(ids)))
            raise ValueError(
                f"{argument} is {token!r}, which {self.name} reads as {len(ids)} tokens ({parts}); expected one token, "
                "with its leading space where it has one, or an id"
            )
        return int(ids[0])


def _ids(prompt: Any) -> list[int]:
    import numpy as np

    from attn_widgets.arrays import as_numpy

    if isinstance(prompt, str):
        raise ValueError("prompt is empty; expected some text, or token ids")
    try:
        array = as_numpy(prompt)
    except (TypeError, ValueError) as error:
        raise ValueError(f"prompt is a {type(prompt).__name__}; expected text or token ids [seq]") from error
    if array.size == 0:
        raise ValueError("prompt is empty; expected some text, or token ids")
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(
            f"prompt is a {type(prompt).__name__} of {array.dtype}; expected text, or integer token ids of shape "
            "[seq] or [1, seq]"
        )
    if array.ndim == 2 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 1:
        raise ValueError(
            f"prompt has shape {array.shape}; expected token ids [seq] or [1, seq]. For several prompts pass a list"
        )
    return [int(i) for i in array]
