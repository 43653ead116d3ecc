"""A running event loop, as a notebook's kernel has one, in which a test goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_kernel(test: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run an async function in an event loop of its own, in a thread: the browser of other tests has one in this."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(test())).result()
