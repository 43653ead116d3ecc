"""Threads that each work on other heads or rows, while the products of matrices in them take one thread each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Any

CORES = max(1, min(4, os.cpu_count() or 1))

_lock = Lock()
_within = 0
_limits: Any = None


@contextmanager
def threads(name: str) -> Iterator[ThreadPoolExecutor]:
    """As many threads as there are cores, up to four.

    The threads that numpy's products start by themselves would stand in the way of these, and wait for each other: an
    overview of 2,048 tokens takes a third of the time without them. They are back when the last who asked is done.
    """
    with _one_each(), ThreadPoolExecutor(CORES, name) as pool:
        yield pool


@contextmanager
def _one_each() -> Iterator[None]:
    global _within, _limits
    with _lock:
        _within += 1
        if _within == 1:
            from threadpoolctl import threadpool_limits

            _limits = threadpool_limits(1, user_api="blas")
    try:
        yield
    finally:
        with _lock:
            _within -= 1
            if _within == 0:
                _limits.restore_original_limits()
