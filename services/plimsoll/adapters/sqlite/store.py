"""The score store on one SQLite file: one writer thread, a few readers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from plimsoll.adapters.sqlite import erasing, looking_up, projecting
from plimsoll.adapters.sqlite.connections import Connections
from plimsoll.adapters.sqlite.scrubbing import scrub
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition
from plimsoll.domain.scopes import Scope
from plimsoll.ports.store import Batch, DeadLetterRow, ErasedRows, ScoreFilter, VisibleScore
from plimsoll.settings.store import StoreSettings

T = TypeVar("T")
_READERS = 3
# A point look-up takes about as long as handing it to a thread costs several times over.
_KEYS_ON_LOOP = 4


class SqliteScoreStore:
    """Visible scores, dead letters and consumed offsets in one file (see ports.store).

    Everything raises RetryableError or FatalError where the file cannot serve.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._connections = Connections(settings.path, settings.busy_timeout_ms)
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(_READERS, "store-reader")
        self._epochs: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Opens the file and creates what is missing."""
        await self._in(self._writer, self._connections.open)

    async def claim(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Fences earlier writers of these partitions; gives their next offsets (0 at first)."""
        claimed = await self._write(lambda connection: projecting.claim(connection, partitions))
        self._epochs.update({tp: epoch for tp, (_, epoch) in claimed.items()})
        return {tp: offset for tp, (offset, _) in claimed.items()}

    async def write(self, batch: Batch) -> int:
        """Writes all or nothing in one transaction; gives how many events were new.

        Raises FencedError where another writer has claimed a partition, or we never have.
        ValueError where an event does not stand below its partition's next offset.
        """
        epochs = dict(self._epochs)
        return await self._write(lambda connection: projecting.apply(connection, batch, epochs))

    async def reset(self) -> None:
        """Empties the store and fences whoever writes to it; offsets start at 0 again."""
        await self._write(projecting.reset)

    async def erase(self, erasure_id: str, scope: Scope) -> ErasedRows:
        """Deletes every row in that scope for good; see ports.store.

        The file is written anew, which takes its size on the disk once more, and other writers
        wait for that.
        """
        gone = await self._write(lambda on: erasing.erase(on, erasure_id, scope))
        await self._in(self._writer, partial(scrub, self._connections))
        return gone

    async def erased(self, keys: Collection[ResultKey]) -> frozenset[ResultKey]:
        """Those of the keys that were erased."""
        return await self._read(lambda on: erasing.erased(on, keys))

    async def get(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, VisibleScore]:
        """Visible scores of those keys that have one."""
        if len(keys) <= _KEYS_ON_LOOP:
            return self._connections.read_here(looking_up.get, keys)
        return await self._read(lambda on: looking_up.get(on, keys))

    async def dead_letters(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, DeadLetterRow]:
        """The newest dead letter of each key that has one."""
        if len(keys) <= _KEYS_ON_LOOP:
            return self._connections.read_here(looking_up.dead_letters, keys)
        return await self._read(lambda on: looking_up.dead_letters(on, keys))

    async def list(
        self, where: ScoreFilter, page_size: int, after: str
    ) -> tuple[Sequence[VisibleScore], str]:
        """A page of at most `page_size` or 3 MiB, newest first, and the next one's token.

        ValueError where the token is not one of this store's or belongs to another filter.
        """
        return await self._read(lambda on: looking_up.list_page(on, where, page_size, after))

    async def since(
        self, offsets: Mapping[TopicPartition, int], where: ScoreFilter, limit: int
    ) -> Sequence[VisibleScore]:
        """Visible scores from those offsets on, in partition order; see ports.store."""
        return await self._read(lambda on: looking_up.since(on, offsets, where, limit))

    async def next_offsets(self) -> Mapping[TopicPartition, int]:
        """How far each partition has been projected."""
        return self._connections.read_here(looking_up.next_offsets)

    async def counts(self) -> Mapping[str, int]:
        """`visible`, `dead` (unique source positions), `events`, `duplicates`, `conflicts`."""
        return self._connections.read_here(looking_up.counts)

    async def tend(self) -> None:
        """A file has no partitions, and keeps everything."""

    async def check(self) -> None:
        """Raises RetryableError or FatalError where the file cannot serve."""
        self._connections.check_file()
        await self._read(looking_up.next_offsets)

    async def close(self) -> None:
        """Waits for what is under way and closes the file; never raises."""
        await asyncio.gather(
            asyncio.to_thread(self._writer.shutdown), asyncio.to_thread(self._readers.shutdown)
        )
        self._connections.close()

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._in(self._writer, lambda: self._connections.write(work))

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._in(self._readers, lambda: self._connections.read_in_thread(work))

    @staticmethod
    async def _in(executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, work)
