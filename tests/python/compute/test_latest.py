"""Latest: work in steps is done at once, or between messages, and newer work ends older."""

from __future__ import annotations

import asyncio

import pytest
from kernel import in_kernel

from attn_widgets.compute.latest import Latest, between_messages


class Log:
    """Work that writes down what happened to it."""

    def __init__(self):
        self.events = []
        self.latest = Latest(lambda share: self.events.append(share), lambda error: self.events.append(error))

    def work(self, name, steps=2, error=None):
        for step in range(steps):
            self.events.append(f"{name}{step}")
            yield (step + 1) / (steps + 1)
        if error is not None:
            raise error


def test_without_an_event_loop_work_is_done_at_once():
    log = Log()
    log.latest.start(log.work("a"))
    assert log.events == ["a0", 1 / 3, "a1", 2 / 3, None]


def test_an_error_is_reported_and_raised():
    log, error = Log(), ValueError("no")
    with pytest.raises(ValueError, match="no"):
        log.latest.start(log.work("a", 1, error))
    assert log.events == ["a0", 0.5, error]


def test_between_messages_newer_work_ends_older():
    log = Log()

    async def kernel():
        with between_messages():
            log.latest.start(log.work("old", 50))
            await asyncio.sleep(0.02)
            begun = list(log.events)
            log.latest.start(log.work("new", 2))
        assert log.events == begun, "newer work waits for its turn too"
        await asyncio.sleep(0.3)
        return begun

    begun = in_kernel(kernel)
    assert begun[0] == "old0"
    assert log.events[len(begun) :] == ["new0", 1 / 3, "new1", 2 / 3, None]


def test_in_a_cell_of_a_notebook_work_is_done_at_once_too():
    log = Log()

    async def kernel():
        log.latest.start(log.work("a"))
        assert log.events[-1] is None

    in_kernel(kernel)


def test_an_error_between_messages_is_reported_and_not_raised():
    log, error = Log(), ValueError("no")

    async def kernel():
        with between_messages():
            log.latest.start(log.work("a", 1, error))
        await asyncio.sleep(0.1)

    in_kernel(kernel)
    assert log.events == ["a0", 0.5, error]


def test_work_begun_by_work_takes_its_place():
    log = Log()

    def outer():
        yield 0.5
        log.latest.start(log.work("inner", 1))
        yield 0.9

    log.latest.start(outer())
    assert log.events == [0.5, "inner0", 0.5, None]
