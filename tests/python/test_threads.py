"""Threads of ours: products in them take one thread each, and those of numpy are back afterwards."""

from __future__ import annotations

from threadpoolctl import threadpool_info

from attn_widgets.threads import CORES, threads


def of_products() -> list[int]:
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


def test_products_take_one_thread_within_and_what_they_took_before_afterwards():
    before = of_products()
    assert before
    first, second = threads("first"), threads("second")
    with first as pool:
        assert pool.submit(of_products).result() == [1] * len(before)
        other = second.__enter__()
        assert other._max_workers == CORES
    # the second is still at work
    assert of_products() == [1] * len(before)
    second.__exit__(None, None, None)
    assert of_products() == before
