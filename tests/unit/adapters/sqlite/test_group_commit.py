"""Many small writes in one transaction: each with its own end."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from plimsoll.adapters.sqlite.connections import Connections
from plimsoll.adapters.sqlite.group_commit import GroupCommit
from plimsoll.adapters.sqlite.judge_schema import JUDGES
from plimsoll.domain.errors import FatalError, PlimsollError

T = TypeVar("T")


class Counting(Connections):
    """Counts transactions."""

    transactions = 0

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Counts it."""
        self.transactions += 1
        return super().write(work)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[tuple[GroupCommit, Counting]]:
    """On a file of its own."""
    connections, writer = Counting(tmp_path / "judges.db", 1_000, JUDGES), ThreadPoolExecutor(1)
    await asyncio.get_running_loop().run_in_executor(writer, connections.open)
    commits = GroupCommit(connections, writer)
    yield commits, connections
    await commits.finish()
    writer.shutdown()
    connections.close()


def insert(on: sqlite3.Connection, name: str) -> str:
    """A row."""
    on.execute("INSERT INTO memo (tenant, digest, reply) VALUES ('t', ?, x'00')", (name,))
    return name


def rows(on: sqlite3.Connection) -> list[str]:
    """All of them."""
    return [name for (name,) in on.execute("SELECT digest FROM memo ORDER BY id")]


async def test_writes_share_a_transaction(opened: tuple[GroupCommit, Counting]) -> None:
    """A hundred that come while one is written take one transaction, and keep their order."""
    commits, connections = opened
    names = [f"d{n:03}" for n in range(100)]
    begun, held = threading.Event(), threading.Event()

    def slow(on: sqlite3.Connection) -> None:
        begun.set()
        held.wait()

    async def write(name: str) -> str:
        return await commits.write(lambda on: insert(on, name))

    first = asyncio.ensure_future(commits.write(slow))
    await asyncio.to_thread(begun.wait)
    others = [asyncio.ensure_future(write(name)) for name in names]
    await asyncio.sleep(0)
    held.set()
    await first
    assert await asyncio.gather(*others) == names
    assert connections.transactions == 2
    assert await commits.write(rows) == names


async def test_a_mistake_undoes_itself_only(opened: tuple[GroupCommit, Counting]) -> None:
    """What one piece had written before it failed is gone; its neighbours stay."""
    commits, _ = opened

    def wrong(on: sqlite3.Connection) -> None:
        insert(on, "wrong")
        raise ValueError("a mistake")

    ends = await asyncio.gather(
        commits.write(lambda on: insert(on, "before")),
        commits.write(wrong),
        commits.write(lambda on: insert(on, "after")),
        return_exceptions=True,
    )
    assert [type(end) for end in ends] == [str, ValueError, str]
    assert await commits.write(rows) == ["before", "after"]


async def test_a_fault_of_the_file_is_everybodys(opened: tuple[GroupCommit, Counting]) -> None:
    """Nothing of a batch that could not be committed is kept, and each caller hears of it."""
    commits, _ = opened

    def broken(on: sqlite3.Connection) -> None:
        on.execute("INSERT INTO nowhere VALUES (1)")

    ends = await asyncio.gather(
        commits.write(lambda on: insert(on, "one")),
        commits.write(broken),
        return_exceptions=True,
    )
    assert all(isinstance(end, FatalError) for end in ends)
    assert await commits.write(rows) == []


async def test_who_gives_up_waiting_stops_nobody(opened: tuple[GroupCommit, Counting]) -> None:
    """A cancelled caller's write may happen; those after it do."""
    commits, _ = opened
    given_up = asyncio.ensure_future(commits.write(lambda on: insert(on, "given up")))
    after = asyncio.ensure_future(commits.write(lambda on: insert(on, "after")))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await after == "after"


async def test_what_is_closed_answers(tmp_path: Path) -> None:
    """A write after the end is an error, not a wait without one."""
    connections, writer = Connections(tmp_path / "judges.db", 1_000, JUDGES), ThreadPoolExecutor(1)
    commits = GroupCommit(connections, writer)
    with pytest.raises(PlimsollError):
        await commits.write(rows)
    writer.shutdown()
    with pytest.raises(RuntimeError):
        await commits.write(rows)
