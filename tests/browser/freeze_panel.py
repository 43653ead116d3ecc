"""A freeze panel in a page: what it shows, and how a token is replaced."""

from __future__ import annotations

from typing import Any


def probability(page: Any, token: int, run: str) -> float:
    return float(page.locator(f'[data-token-row="{token}"] [data-bar="{run}"]').get_attribute("data-value"))


def effect(page: Any, name: str) -> float:
    return float(page.locator(f'[data-effect="{name}"]').first.get_attribute("data-value"))


def replace_token(page: Any, position: int, typed: str, choice: int) -> None:
    """Click a chip, type, and choose among the suggestions."""
    page.locator(f'.aw-token-chip[data-position="{position}"]').click()
    page.locator(".aw-token-input").fill(typed)
    page.locator(f'.aw-token-options [data-id="{choice}"]').click()
