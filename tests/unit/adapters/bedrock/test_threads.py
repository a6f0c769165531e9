"""Threads for calls that block."""

from __future__ import annotations

import asyncio
import threading

import pytest

from plimsoll.adapters.bedrock.threads import CallThreads, DeadlineError, NoThreadError

# More than any machine stands still.
LONG_S = 600.0


async def until_none_is_abandoned(threads: CallThreads) -> None:
    """Waits until every thread has come back."""
    for _ in range(120_000):
        if not threads.abandoned:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"{threads.abandoned} threads did not come back")


async def test_work_gives_its_value_or_its_error() -> None:
    """What runs on the thread comes back to the loop, an error included."""
    threads = CallThreads(2, "test")
    assert await threads.run(lambda: 7, LONG_S) == 7
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0, LONG_S)
    threads.close()


async def test_an_abandoned_thread_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that hangs past its deadline counts until it ends; then its place is free again."""
    threads, hang = CallThreads(1, "test"), threading.Event()
    begun = threading.Event()

    def work() -> None:
        begun.set()
        hang.wait()

    call = asyncio.create_task(threads.run(work, LONG_S))
    await asyncio.to_thread(begun.wait)
    loop = asyncio.get_running_loop()
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + LONG_S)
    with pytest.raises(DeadlineError):
        await call
    assert threads.abandoned == 1
    with pytest.raises(NoThreadError):
        await threads.run(lambda: 7, 0.01)
    hang.set()
    await until_none_is_abandoned(threads)
    assert await threads.run(lambda: 7, LONG_S) == 7
    threads.close()


async def test_a_cancelled_call_is_abandoned_too() -> None:
    """Cancelling the caller does not free a thread that is still at work."""
    threads, hang = CallThreads(1, "test"), threading.Event()
    begun = threading.Event()

    def work() -> None:
        begun.set()
        hang.wait()

    call = asyncio.create_task(threads.run(work, LONG_S))
    await asyncio.to_thread(begun.wait)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert threads.abandoned == 1
    hang.set()
    await until_none_is_abandoned(threads)
    threads.close()


async def test_no_more_run_than_may() -> None:
    """However many ask, `permits` run at once, and all of them are served."""
    threads, lock = CallThreads(3, "test"), threading.Lock()
    before = set(threading.enumerate())
    running, most = 0, 0

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1

    await asyncio.gather(*(threads.run(work, LONG_S) for _ in range(200)))
    assert most <= 3
    assert len(set(threading.enumerate()) - before) <= 3
    threads.close()


async def test_no_time_is_no_thread() -> None:
    """A deadline that has passed while every thread is busy starts nothing."""
    threads, hang = CallThreads(1, "test"), threading.Event()
    first = asyncio.create_task(threads.run(hang.wait, LONG_S))
    await asyncio.sleep(0)
    with pytest.raises(NoThreadError):
        await threads.run(lambda: 7, -1)
    hang.set()
    await first
    threads.close()
