"""One transaction for all that waits to be written: many small writes for one fsync."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from plimsoll.adapters.sqlite.connections import Connections

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

_MOST_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Work[Any]
    done: asyncio.Future[Any]


class GroupCommit:
    """Writes for one event loop; each piece of work is kept or undone by itself.

    The caller goes on when its work is on the disk. How much waits is bounded by the callers.
    """

    def __init__(self, connections: Connections, writer: ThreadPoolExecutor) -> None:
        self._connections = connections
        self._writer = writer
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Work[T]) -> T:
        """What `work` gives or raises, once all before it and it are committed."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write_all())
        return await done

    async def finish(self) -> None:
        """Waits for all that waits to be written."""
        if self._writing is not None:
            await self._writing

    async def _write_all(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), _MOST_AT_ONCE)
            batch = [self._waiting.popleft() for _ in range(count)]
            pieces = [waiting.work for waiting in batch]
            written = asyncio.ensure_future(self._in_thread(pieces))
            # How it ends, also where it fails, is each caller's own business.
            await asyncio.wait({written})
            for index, waiting in enumerate(batch):
                _tell(waiting.done, written, index)

    async def _in_thread(self, pieces: list[Work[Any]]) -> list[tuple[Any, Exception | None]]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._write, pieces)

    def _write(self, pieces: list[Work[Any]]) -> list[tuple[Any, Exception | None]]:
        def all_of_them(on: sqlite3.Connection) -> list[tuple[Any, Exception | None]]:
            return [_apart(on, work) for work in pieces]

        return self._connections.write(all_of_them)


def _apart(on: sqlite3.Connection, work: Work[Any]) -> tuple[Any, Exception | None]:
    """Runs one piece; a mistake in it undoes no other. The file's own faults end the batch."""
    on.execute("SAVEPOINT piece")
    try:
        found = work(on)
    except (ValueError, LookupError, TypeError) as error:
        on.execute("ROLLBACK TO piece")
        on.execute("RELEASE piece")
        return None, error
    on.execute("RELEASE piece")
    return found, None


def _tell(
    done: asyncio.Future[Any],
    written: asyncio.Future[list[tuple[Any, Exception | None]]],
    index: int,
) -> None:
    if done.cancelled():
        return
    failure = written.exception()
    if failure is not None:
        done.set_exception(failure)
        return
    found, mistake = written.result()[index]
    if mistake is not None:
        done.set_exception(mistake)
    else:
        done.set_result(found)
