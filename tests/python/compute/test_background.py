"""Work beside the event loop: the most urgent goes on first, what is stopped ends, and all is reported in the loop."""

from __future__ import annotations

import asyncio
import threading

import pytest
from kernel import in_kernel

from attn_widgets.compute.background import LINE, MOTIFS, PICTURE, THUMBS, begin


def steps(log, name, n, wait=None):
    try:
        for step in range(n):
            if wait is not None:
                log.append(f"begin {name}")
                wait.wait(120)
            log.append(f"{name}{step}")
            yield step
    finally:
        log.append(f"end {name}")
    return name


async def ended(*tasks):
    for _ in range(60_000):
        if all(task.ended for task in tasks):
            return
        await asyncio.sleep(0.002)
    raise AssertionError("not done in two minutes")


def nothing(made, error):
    pass


def test_without_a_loop_it_is_done_at_once_and_raises():
    heard = []
    begin(steps([], "a", 2), on_step=heard.append, on_end=lambda made, error: heard.append((made, error)))
    assert heard == [0, 1, ("a", None)]

    def failing():
        yield 0
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        begin(failing(), on_end=nothing)


def test_the_most_urgent_goes_on_first_and_of_equals_the_newest():
    async def test():
        log, gate = [], threading.Event()
        first = begin(steps(log, "first", 1, gate), on_end=nothing, rank=PICTURE)
        while not log:
            await asyncio.sleep(0.001)
        tasks = [
            begin(steps(log, name, 2), on_end=nothing, rank=rank)
            for name, rank in (("old", PICTURE), ("new", PICTURE), ("line", LINE))
        ]
        gate.set()
        await ended(first, *tasks)
        order = [one for one in log if not one.startswith(("begin", "first", "end"))]
        assert order == ["line0", "line1", "new0", "new1", "old0", "old1"]

    in_kernel(test)


def test_nobody_waits_for_a_step_of_what_is_less_urgent():
    async def test():
        log, gate = [], threading.Event()
        slow = begin(steps(log, "slow", 1, gate), on_end=nothing, rank=THUMBS)
        picture = begin(steps(log, "picture", 1), on_end=nothing, rank=PICTURE)
        await ended(picture)
        assert not slow.ended
        gate.set()
        await ended(slow)

    in_kernel(test)


def test_what_is_stopped_reports_nothing_more_and_lets_go():
    async def test():
        log, gate, heard = [], threading.Event(), []
        task = begin(steps(log, "a", 5, gate), on_step=heard.append, on_end=lambda *end: heard.append(end), rank=MOTIFS)
        task.stop()
        gate.set()
        other = begin(steps(log, "b", 1), on_end=nothing, rank=MOTIFS)
        await ended(other)
        for _ in range(500):
            if "end a" in log or "a0" not in log:
                break
            await asyncio.sleep(0.002)
        assert heard == []
        assert "a1" not in log

    in_kernel(test)


def test_all_is_reported_in_the_loops_thread_and_errors_too():
    async def test():
        here, threads, heard = threading.current_thread(), [], []

        def work():
            threads.append(threading.current_thread())
            yield 1
            raise ValueError("no")

        task = begin(
            work(),
            on_step=lambda made: heard.append((made, threading.current_thread())),
            on_end=lambda made, error: heard.append((made, str(error), threading.current_thread())),
        )
        await ended(task)
        assert heard == [(1, here), (None, "no", here)]
        assert threads[0] is not here

    in_kernel(test)
