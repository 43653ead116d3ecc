"""Tests of Python alone run as a script does: without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_event_loop() -> Iterator[None]:
    """Set aside the loop that the browser of other tests keeps in this thread: nothing goes on in it meanwhile."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
