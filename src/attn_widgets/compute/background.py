"""Work in steps -> done in threads beside a running event loop, the most urgent first; without a loop at once."""

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
# the most that a person waits for
_WAITED_FOR = PICTURE

_numbers = count()


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
        self._work, self._loop = work, loop
        self._on_end: Callable[..., None] = on_end
        self._on_step: Callable[..., None] = on_step
        # of equal ones the newest is the most urgent
        self.urgency = (rank, -next(_numbers))

    def stop(self) -> None:
        """Go on no further; nothing more is reported, and who waited is let go of."""
        self.ended = True
        self._on_end, self._on_step = _nobody, _nobody

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


def _nobody(*_: Any) -> None:
    """Nobody waits any more."""


def begin(
    work: Generator[Any, None, Any],
    *,
    on_end: Callable[[Any, Exception | None], None],
    on_step: Callable[[Any], None] = lambda made: None,
    rank: int = PICTURE,
) -> Task:
    """Begin work given as a generator.

    Where an event loop runs, as in a notebook's kernel, it is done in one of two threads: one is kept for lines and
    pictures, whose steps are short, so that nobody waits for a step of the rest. After every step a thread goes on with
    the most urgent work. All is reported in the loop. Without a loop it is done before this returns.

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
    _lanes[rank > _WAITED_FOR].take(task)
    return task


class _Lane:
    """A thread while there is work for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tasks: list[Task] = []
        self._thread: Thread | None = None

    def take(self, task: Task) -> None:
        with self._lock:
            self._tasks.append(task)
            if self._thread is None:
                self._thread = Thread(target=self._go_on, name="attn_widgets", daemon=True)
                self._thread.start()

    def _go_on(self) -> None:
        while True:
            with self._lock:
                self._tasks = [task for task in self._tasks if not task.exhausted]
                if not self._tasks:
                    self._thread = None
                    return
                # a stopped one first: it only lets go of what it holds
                task = min(self._tasks, key=lambda task: (not task.ended, task.urgency))
            task.advance()


_lanes = (_Lane(), _Lane())
