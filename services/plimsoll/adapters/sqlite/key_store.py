"""Keys of evidence in one SQLite file of their own that all services of a host share."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from plimsoll.adapters.sqlite import key_rows
from plimsoll.adapters.sqlite.connections import Connections
from plimsoll.adapters.sqlite.group_commit import GroupCommit
from plimsoll.adapters.sqlite.key_schema import KEYS
from plimsoll.adapters.sqlite.scrubbing import scrub
from plimsoll.domain.scopes import Scope
from plimsoll.domain.sealing import KeyName, WrappedKey
from plimsoll.settings.evidence import EvidenceSettings

_READERS = 2


class SqliteKeyStore:
    """An `EvidenceKeyStore`; RetryableError or FatalError where the file cannot serve."""

    def __init__(self, settings: EvidenceSettings) -> None:
        self._connections = Connections(settings.path, settings.busy_timeout_ms, KEYS)
        self._writer = ThreadPoolExecutor(1, "keys-writer")
        self._readers = ThreadPoolExecutor(_READERS, "keys-reader")
        self._commits = GroupCommit(self._connections, self._writer)

    async def start(self) -> None:
        """Opens the file and creates what is missing."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._connections.open)

    async def keep(self, name: KeyName, fresh: WrappedKey) -> WrappedKey | None:
        """Keeps a key for good before it returns; gives the one that stands, None where erased."""
        return await self._commits.write(lambda on: key_rows.keep(on, name, fresh))

    async def find(self, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
        """Keys that are there, and None for those that were erased."""
        loop = asyncio.get_running_loop()
        read = partial(self._connections.read_in_thread, partial(key_rows.find, names=names))
        return await loop.run_in_executor(self._readers, read)

    async def erase(self, erasure_id: str, scope: Scope) -> int:
        """Destroys every key of a scope; the file is written anew, and other writers wait."""
        gone = await self._commits.write(lambda on: key_rows.erase(on, erasure_id, scope))
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, partial(scrub, self._connections))
        return gone

    async def wrapped_otherwise(
        self, master: str, after: KeyName | None, limit: int
    ) -> Sequence[tuple[KeyName, WrappedKey]]:
        """Up to `limit` keys after a name that another master wraps."""
        return await self._commits.write(
            lambda on: key_rows.wrapped_otherwise(on, master, after, limit)
        )

    async def rewrap(self, name: KeyName, old: WrappedKey, new: WrappedKey) -> bool:
        """Puts one wrapping in another's place."""
        return await self._commits.write(lambda on: key_rows.rewrap(on, name, old, new))

    async def close(self) -> None:
        """Waits for what is under way and closes the file; never raises."""
        await self._commits.finish()
        await asyncio.gather(
            asyncio.to_thread(self._writer.shutdown), asyncio.to_thread(self._readers.shutdown)
        )
        self._connections.close()
