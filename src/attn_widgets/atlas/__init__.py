"""What every head of many models does over a corpus: numbers and examples, kept in files, read back as tables."""

from attn_widgets.atlas.atlas import Atlas
from attn_widgets.atlas.building import build_atlas
from attn_widgets.atlas.corpus import Corpus, Passage, as_corpus, passages
from attn_widgets.atlas.example import Example
from attn_widgets.atlas.ready import ready_atlas

__all__ = ["Atlas", "Corpus", "Example", "Passage", "as_corpus", "build_atlas", "passages", "ready_atlas"]
