"""Passages that the toy model can read, of two kinds."""

from __future__ import annotations

_TEXTS = {
    "repeated": [
        "The cat sat on the mat. The cat sat on the mat. The cat sat on the mat. The cat sat on the mat.",
        "Tom has a red apple. Mary has a red apple. Tom has a red apple.",
    ],
    "prose": [
        "When Mary and John went to the store, Mary gave a book to John.",
        "The old dog sat on the mat and the cat went to the store.",
        "John has a blue car and a green book, and Mary has a red apple.",
    ],
}
CORPUS = [{"text": text, "kind": kind} for kind, texts in _TEXTS.items() for text in texts]
