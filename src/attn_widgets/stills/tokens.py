"""A token -> how it is written on a label: spaces and line breaks are seen, long ones are cut."""

from __future__ import annotations

MOST_LETTERS = 14


def readable(token: str, most: int = MOST_LETTERS) -> str:
    """A token with its spaces and line breaks visible, cut to a sensible length."""
    text = token.lstrip(" ")
    text = "·" * (len(token) - len(text)) + text.replace("\n", "⏎").replace("\t", "⇥")
    if len(text) > most:
        text = text[: most - 1] + "…"
    return text or "∅"
