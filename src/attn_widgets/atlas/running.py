"""Who does the work: this process, processes beside it, any executor, a dask cluster; all look alike from here."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

from attn_widgets.atlas.specs import Spec

# one process uses so many cores well while a model reads 128 tokens; more are better used by another process
_CORES_EACH = 4
# where nobody says how many workers an executor has
_MOST_BEGUN = 64


@dataclass(frozen=True)
class Workers:
    """Where calls are made.

    Attributes
    ----------
    executor : concurrent.futures.Executor
    begun : int
        How many calls are handed over at a time.
    n_threads : int or None
        Of torch, in each; None leaves it as it is.
    """

    executor: Executor
    begun: int
    n_threads: int | None = None

    @property
    def here(self) -> bool:
        """Whether calls are made in this process, one after the other."""
        return isinstance(self.executor, _Here)

    def results(self, calls: Iterable[tuple[Any, ...]]) -> Generator[Future[Any], None, None]:
        """Make calls; their futures, as they end. Whoever closes it calls off those that have not begun."""
        begun: set[Future[Any]] = set()
        try:
            for function, *arguments in calls:
                begun.add(self.executor.submit(partial(function, *arguments, self.n_threads)))
                if len(begun) >= self.begun:
                    ended, begun = wait(begun, return_when=FIRST_COMPLETED)
                    yield from ended
            while begun:
                ended, begun = wait(begun, return_when=FIRST_COMPLETED)
                yield from ended
        finally:
            for future in begun:
                future.cancel()


class _Here(Executor):
    """Makes each call when it is handed over. An interrupt is not a result."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def workers(executor: Any, specs: Sequence[Spec], n_blocks: int) -> Iterator[Workers]:
    """Whoever does the work, and an end to those that were begun for it.

    Parameters
    ----------
    executor : None, concurrent.futures.Executor or dask.distributed.Client
    specs : sequence of Spec
    n_blocks : int
        How much work there is.

    Raises
    ------
    TypeError
        If the executor is something else, or a model cannot travel to it.
    """
    if executor is None:
        count = _processes_of_our_own(specs, n_blocks)
        if count < 2:
            yield Workers(_Here(), 1)
            return
        with _pool(count) as pool:
            yield Workers(pool, 2 * count, max(1, _cores() // count))
        return
    if not isinstance(executor, Executor):
        # a dask client
        if not callable(getattr(executor, "get_executor", None)):
            raise TypeError(
                f"executor is a {type(executor).__name__}; expected None, a concurrent.futures.Executor or a "
                "dask.distributed Client"
            )
        executor = executor.get_executor(pure=False)
    fixed = [spec for spec in specs if not spec.travels]
    if fixed:
        raise TypeError(
            f"models has a {type(fixed[0].how).__name__}, which is in this process only, and the executor's workers "
            "open their own. Pass its name, a dict of load_model's arguments, or a function that opens it"
        )
    known: int | None = getattr(executor, "_max_workers", None)
    share = _cores() // known if known and isinstance(executor, ProcessPoolExecutor) else None
    yield Workers(executor, 2 * known if known else _MOST_BEGUN, None if share is None else max(1, share))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processes_of_our_own(specs: Sequence[Spec], n_blocks: int) -> int:
    """One where a GPU does the work, or a model or what opens it is in this process only."""
    import torch

    plain = all(spec.travels and not callable(spec.how) for spec in specs)
    if not plain or torch.cuda.is_available() or torch.backends.mps.is_available():
        return 1
    return min(_cores() // _CORES_EACH, n_blocks)


@contextmanager
def _pool(count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with this one, and at once when it is interrupted."""
    # a fork of a process with threads of torch may hang
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_as_worker, initargs=(os.getpid(),))
    try:
        yield pool
    except BaseException:
        children = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.kill()
        raise
    pool.shutdown()


def _as_worker(parent: int) -> None:
    """An interrupt is for the parent, which ends its workers; where the parent was killed, nobody else does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
