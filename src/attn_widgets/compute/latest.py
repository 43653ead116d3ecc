"""Work in steps -> done at once, or between the messages of a running event loop; newer work ends older."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

# long enough for a notebook's kernel to take what the browser sent meanwhile
_PAUSE = 0.005

# what work begins belongs to the same context: what depends on it is as patient as it is
_patient: ContextVar[bool] = ContextVar("patient", default=False)


@contextmanager
def between_messages() -> Iterator[None]:
    """Within, work is only begun: it goes on when the event loop is free, if there is one, and newer work ends older.

    For changes that come from the browser, which must not wait.
    """
    before = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(before)


def is_patient() -> bool:
    """Whether work that is begun now goes on between messages."""
    return _patient.get() and running_loop() is not None


class Latest:
    """Runs one piece of work at a time, given as a generator that yields after each step the share done.

    Parameters
    ----------
    on_progress : callable
        Called with the share done, 0 to 1, after each step.
    on_end : callable
        Called with None when the newest work is done, or with the exception that ended it. Work that newer work
        replaced is closed and reports nothing more.
    """

    def __init__(self, on_progress: Callable[[float], None], on_end: Callable[[Exception | None], None]) -> None:
        self._on_progress = on_progress
        self._on_end = on_end
        self._work: Iterator[float] | None = None
        self._tasks: set[Any] = set()

    def start(self, work: Iterator[float]) -> None:
        """Begin this work in place of any other; without an event loop to wait for, finish it.

        Raises
        ------
        Exception
            What the work raises, where it is finished here.
        """
        self._work = work
        loop = running_loop() if _patient.get() else None
        if loop is None:
            while self._work is work and self._step(work, True):
                pass
            return
        task = loop.create_task(self._go_on(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """End the work that is going on, if there is any; it reports nothing more."""
        self._work = None

    async def _go_on(self, work: Iterator[float]) -> None:
        import asyncio

        while True:
            await asyncio.sleep(_PAUSE)
            if self._work is not work or not self._step(work, False):
                return

    def _step(self, work: Iterator[float], raising: bool) -> bool:
        """One step; whether there are more."""
        try:
            share = next(work)
        except StopIteration:
            self._finish(work, None)
            return False
        except Exception as error:
            self._finish(work, error)
            if raising:
                raise
            return False
        if self._work is work:
            self._on_progress(share)
        return True

    def _finish(self, work: Iterator[float], error: Exception | None) -> None:
        if self._work is work:
            self._work = None
            self._on_end(error)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that this is called in, if any."""
    # importing it takes a while, and where nobody did no loop runs
    if "asyncio" not in sys.modules:
        return None
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
