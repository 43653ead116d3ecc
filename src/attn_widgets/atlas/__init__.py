"""What every head of many models does over a corpus: numbers and examples, kept in files, read back as tables."""

from attn_widgets.atlas.corpus import Corpus, Passage, as_corpus, passages

__all__ = ["Corpus", "Passage", "as_corpus", "passages"]
