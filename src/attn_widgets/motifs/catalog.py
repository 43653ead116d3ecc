"""The motifs that come with the package: what they are called, where they were described, their colours.

The colours are told apart by readers with every common kind of colour vision, and stand out from a blue heatmap on
a light and on a dark page.
"""

from __future__ import annotations

from attn_widgets.motifs import found, masks
from attn_widgets.motifs.motif import Motif, Prompt, Shape

_OLSSON = "Olsson et al. 2022, In-context Learning and Induction Heads"
_CLARK = "Clark et al. 2019, What Does BERT Look At?"
_ELHAGE = "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits"
_XIAO = "Xiao et al. 2023, Efficient Streaming Language Models with Attention Sinks"
_VOITA = "Voita et al. 2019, Analyzing Multi-Head Self-Attention"
_WANG = "Wang et al. 2022, Interpretability in the Wild"
_KOVALEVA = "Kovaleva et al. 2019, Revealing the Dark Secrets of BERT"
_JIANG = "Jiang et al. 2024, MInference 1.0"


def _delimiters(prompt: Prompt) -> Shape | None:
    keys = masks.delimiter_keys(prompt).nonzero()[0].tolist()
    return {"type": "columns", "keys": keys} if keys else None


BUILT_IN = (
    Motif(
        "first_token",
        "first token (sink)",
        "Every query looks at the first token.",
        _XIAO,
        "#f49908",
        masks.first_token,
        lambda prompt: {"type": "columns", "keys": [0]},
    ),
    Motif(
        "current_token",
        "current token",
        "Every query looks at itself.",
        _CLARK,
        "#914143",
        masks.current_token,
        lambda prompt: {"type": "diagonal", "offset": 0} if prompt.same_sequence else None,
    ),
    Motif(
        "previous_token",
        "previous token",
        "Every query looks at the token before it.",
        _ELHAGE,
        "#d13002",
        masks.previous_token,
        lambda prompt: {"type": "diagonal", "offset": 1} if prompt.same_sequence else None,
    ),
    Motif(
        "recent_band",
        "recent band",
        "Every query looks at the last few tokens, itself among them.",
        _KOVALEVA,
        "#ff6db2",
        masks.recent_band,
        lambda prompt: {"type": "band", "from": 0, "to": prompt.band - 1} if prompt.same_sequence else None,
    ),
    Motif(
        "vertical_bars",
        "vertical bars",
        "Most queries look at the same few tokens, the first one aside.",
        _JIANG,
        "#469e84",
        detector=found.bars,
        overlay=found.columns,
    ),
    Motif(
        "duplicate_token",
        "duplicate token",
        "A query looks at earlier copies of its own token.",
        _WANG,
        "#ac8a38",
        masks.duplicate_token,
        masks.duplicate_groups,
    ),
    Motif(
        "induction",
        "induction",
        "A query looks at what came after earlier copies of its own token.",
        _OLSSON,
        "#d101b2",
        masks.induction,
        masks.induction_groups,
    ),
    Motif(
        "stripe",
        "stripe",
        "Every query looks the same distance back, two tokens or more.",
        _VOITA,
        "#7961e7",
        detector=found.stripe,
        overlay=found.diagonal,
    ),
    Motif(
        "delimiter",
        "delimiter",
        "Queries look at punctuation, line breaks and special tokens, the first token aside.",
        _CLARK,
        "#4fc56e",
        masks.delimiter,
        _delimiters,
    ),
    Motif(
        "diffuse",
        "diffuse",
        "Queries look everywhere alike: the entropy of a row over the greatest possible.",
        _CLARK,
        "#767277",
        detector=found.spread,
        present_from=0.8,
    ),
)
