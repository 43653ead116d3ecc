"""Work in steps -> done in a thread beside a running event loop, the most urgent first; without a loop at once."""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import count
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from attn_widgets.compute.latest import running_loop

if TYPE_CHECKING:
    import asyncio

# what is more urgent has the smaller number
LINE, PICTURE, MOTIFS, THUMBS = range(4)

_numbers = count()
_lock = Lock()
_tasks: list[Task] = []
_threads: list[Thread] = []


class Task:
    """Work that was begun; made by `begin`.

    Attributes
    ----------
    ended : bool
        Whether it is over, as far as was reported: done, failed or stopped.
    """

    def __init__(
        self,
        work: Generator[Any, None, Any],
        on_end: Callable[[Any, Exception | None], None],
        on_step: Callable[[Any], None],
        rank: int,
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self.ended = False
        # whether there is nothing left to do, which those who wait may not know yet
        self.exhausted = False
        self._work, self._on_end, self._on_step, self._loop = work, on_end, on_step, loop
        # of equal ones the newest is the most urgent
        self.urgency = (rank, -next(_numbers))

    def stop(self) -> None:
        """Go on no further; nothing more is reported."""
        self.ended = True

    def advance(self) -> None:
        """Do one step, and report it."""
        if self.ended:
            self.exhausted = True
            self._work.close()
            return
        try:
            made = next(self._work)
        except StopIteration as end:
            self.exhausted = True
            self._report(self._end, end.value, None)
        except Exception as error:
            self.exhausted = True
            self._report(self._end, None, error)
            if self._loop is None:
                raise
        else:
            self._report(self._stepped, made)

    def _report(self, call: Callable[..., None], *values: Any) -> None:
        if self._loop is None:
            call(*values)
            return
        try:
            self._loop.call_soon_threadsafe(call, *values)
        except RuntimeError:
            # the loop was closed: nobody waits any more
            self.stop()

    def _stepped(self, made: Any) -> None:
        if not self.ended:
            self._on_step(made)

    def _end(self, made: Any, error: Exception | None) -> None:
        if not self.ended:
            self.ended = True
            self._on_end(made, error)


def begin(
    work: Generator[Any, None, Any],
    *,
    on_end: Callable[[Any, Exception | None], None],
    on_step: Callable[[Any], None] = lambda made: None,
    rank: int = PICTURE,
) -> Task:
    """Begin work given as a generator.

    Where an event loop runs, as in a notebook's kernel, it is done in a thread that all work shares, which after every
    step goes on with the most urgent, and is reported in the loop. Else it is done before this returns.

    Parameters
    ----------
    work : generator
        Yields after every step.
    on_end : callable
        Called with what the generator returned and None, or with None and what it raised.
    on_step : callable
        Called with what it yields.
    rank : int
        `LINE`, `PICTURE`, `MOTIFS` or `THUMBS`, the most urgent first.

    Raises
    ------
    Exception
        What the work raises, where it is done here.
    """
    loop = running_loop()
    task = Task(work, on_end, on_step, rank, loop)
    if loop is None:
        while not task.exhausted:
            task.advance()
        return task
    with _lock:
        _tasks.append(task)
        if not _threads:
            _threads.append(Thread(target=_go_on, name="attn_widgets", daemon=True))
            _threads[0].start()
    return task


def _go_on() -> None:
    while True:
        with _lock:
            _tasks[:] = [task for task in _tasks if not task.exhausted]
            if not _tasks:
                _threads.clear()
                return
            # a stopped one only lets go of what it holds
            task = min(_tasks, key=lambda task: (not task.ended, task.urgency))
        task.advance()
