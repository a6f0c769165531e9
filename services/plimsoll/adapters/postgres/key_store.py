"""Keys of evidence in a PostgreSQL schema that services of all machines share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from plimsoll.adapters.postgres import key_rows
from plimsoll.adapters.postgres.database import Database
from plimsoll.adapters.postgres.iam import located
from plimsoll.adapters.postgres.migrating import demand_current
from plimsoll.domain.scopes import Scope
from plimsoll.domain.sealing import KeyName, WrappedKey
from plimsoll.settings.postgres import KeyPostgresSettings


class PostgresKeyStore:
    """An `EvidenceKeyStore`; RetryableError or FatalError where the database cannot serve."""

    def __init__(self, settings: KeyPostgresSettings) -> None:
        where = located(settings, settings.dsn, "evidence.store.postgres.dsn")
        self._database = Database(where, settings, settings.schema_name, "plimsoll-keys")

    async def start(self) -> None:
        """Opens connections; FatalError where the schema is not of this program."""
        await self._database.open()
        mine = self._database
        await mine.read(lambda on: demand_current(on, "keys", mine.schema, mine.where.shown))

    async def keep(self, name: KeyName, fresh: WrappedKey) -> WrappedKey | None:
        """Keeps a key for good before it returns; gives the one that stands, None where erased."""
        return await self._database.once(lambda on: key_rows.keep(on, name, fresh))

    async def find(self, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
        """Keys that are there, and None for those that were erased."""
        return await self._database.read(partial(key_rows.find, names=names))

    async def erase(self, erasure_id: str, scope: Scope) -> int:
        """Destroys every key of a scope for good; see ports.evidence_keys.

        Parts that held some are written anew, and who wants keys in them waits for that. The
        server's write-ahead log is recycled in its own time, as its archive is.
        """
        gone = await self._database.write(lambda on: key_rows.erase(on, erasure_id, scope))
        for relation in await self._database.once(key_rows.owed):
            # Named by the server itself, which quotes what needs it.
            await self._database.slowly(f"VACUUM (FULL) {relation}")
            await self._database.once(partial(key_rows.note_vacuumed, relation=relation))
        return gone

    async def wrapped_otherwise(
        self, master: str, after: KeyName | None, limit: int
    ) -> Sequence[tuple[KeyName, WrappedKey]]:
        """Up to `limit` keys after a name that another master wraps."""
        return await self._database.read(
            lambda on: key_rows.wrapped_otherwise(on, master, after, limit)
        )

    async def rewrap(self, name: KeyName, old: WrappedKey, new: WrappedKey) -> bool:
        """Puts one wrapping in another's place."""
        return await self._database.once(lambda on: key_rows.rewrap(on, name, old, new))

    async def close(self) -> None:
        """Waits a little for what is under way and closes all connections; never raises."""
        await self._database.close()
