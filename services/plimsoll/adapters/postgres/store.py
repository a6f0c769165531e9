"""The score store in PostgreSQL: one primary that indexers write, replicas that look-ups read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from plimsoll.adapters.postgres import erasing, looking_up, projecting
from plimsoll.adapters.postgres.database import Database
from plimsoll.adapters.postgres.iam import located
from plimsoll.adapters.postgres.migrating import demand_current
from plimsoll.adapters.postgres.partitions import Partitions
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition
from plimsoll.domain.scopes import Scope
from plimsoll.ports.clock import Clock
from plimsoll.ports.store import Batch, DeadLetterRow, ErasedRows, ScoreFilter, VisibleScore
from plimsoll.settings.postgres import ScorePostgresSettings


class PostgresScoreStore:
    """Visible scores, dead letters and consumed offsets in one schema (see ports.store).

    Everything raises RetryableError or FatalError where the database cannot serve. What is read
    from a replica may be as old as the replica is behind; rows and offsets are of one moment.
    """

    def __init__(self, settings: ScorePostgresSettings, clock: Clock) -> None:
        where = located(settings, settings.dsn, "store.postgres.dsn")
        self._primary = Database(where, settings, settings.schema_name, "plimsoll-store")
        self._replica = self._primary
        if settings.read_dsn.get_secret_value():
            where = located(settings, settings.read_dsn, "store.postgres.read_dsn")
            self._replica = Database(where, settings, settings.schema_name, "plimsoll-look-ups")
        self._partitions = Partitions(self._primary, settings, clock)
        self._epochs: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Opens connections for look-ups; FatalError where the schema is not of this program."""
        await self._replica.open()
        await self._demand_current(self._replica)

    async def claim(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Fences earlier writers of these partitions; gives their next offsets (0 at first)."""
        await self._writing()
        claimed = await self._primary.once(lambda on: projecting.claim(on, partitions))
        self._epochs.update({tp: epoch for tp, (_, epoch) in claimed.items()})
        return {tp: offset for tp, (offset, _) in claimed.items()}

    async def write(self, batch: Batch) -> int:
        """Writes all or nothing in one transaction; gives how many events were new.

        Raises FencedError where another writer has claimed a partition, or we never have.
        ValueError where an event does not stand below its partition's next offset.
        """
        projecting.demand_order(batch)
        await self._writing()
        await self._partitions.tend()
        await self._partitions.make_for(row.event_time for row in batch.scores)
        epochs = dict(self._epochs)
        return await self._primary.write(lambda on: projecting.apply(on, batch, epochs))

    async def reset(self) -> None:
        """Empties the store and fences whoever writes to it; offsets start at 0 again."""
        await self._writing()
        await self._primary.write(projecting.reset)

    async def erase(self, erasure_id: str, scope: Scope) -> ErasedRows:
        """Deletes every row in that scope for good; see ports.store.

        Tables that held some are written anew, which takes their size on the disk once more, and
        look-ups in them wait for that. The server's write-ahead log is recycled in its own time.
        """
        await self._writing()
        gone = await self._primary.write(lambda on: erasing.erase(on, erasure_id, scope))
        for relation in await self._primary.once(erasing.owed):
            # Named by the server itself, which quotes what needs it.
            await self._primary.slowly(f"VACUUM (FULL) {relation}")
            await self._primary.once(lambda on, it=relation: erasing.note_vacuumed(on, it))  # type: ignore[misc]  # bound at once
        return gone

    async def erased(self, keys: Collection[ResultKey]) -> frozenset[ResultKey]:
        """Those of the keys that were erased."""
        return await self._replica.read(lambda on: erasing.erased(on, keys))

    async def get(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, VisibleScore]:
        """Visible scores of those keys that have one."""
        return await self._replica.read(partial(looking_up.get, keys=keys))

    async def dead_letters(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, DeadLetterRow]:
        """The newest dead letter of each key that has one."""
        return await self._replica.read(partial(looking_up.dead_letters, keys=keys))

    async def list(
        self, where: ScoreFilter, page_size: int, after: str
    ) -> tuple[Sequence[VisibleScore], str]:
        """A page of at most `page_size` or 3 MiB, newest first, and the next one's token.

        ValueError where the token is not one of this store's or belongs to another filter.
        """
        return await self._replica.read_at_once(
            lambda on: looking_up.list_page(on, where, page_size, after)
        )

    async def since(
        self, offsets: Mapping[TopicPartition, int], where: ScoreFilter, limit: int
    ) -> Sequence[VisibleScore]:
        """Visible scores from those offsets on, in partition order; see ports.store."""
        return await self._replica.read_at_once(
            lambda on: looking_up.since(on, offsets, where, limit)
        )

    async def next_offsets(self) -> Mapping[TopicPartition, int]:
        """How far each partition has been projected."""
        return await self._replica.read(looking_up.next_offsets)

    async def counts(self) -> Mapping[str, int]:
        """`visible`, `dead` (unique source positions), `events`, `duplicates`, `conflicts`."""
        return await self._replica.read_at_once(looking_up.counts)

    async def tend(self) -> None:
        """Makes partitions ahead and drops old ones, where ten minutes have passed since."""
        await self._writing()
        await self._partitions.tend()

    async def check(self) -> None:
        """Raises RetryableError or FatalError where the database cannot serve."""
        await self._replica.read(looking_up.next_offsets)

    async def close(self) -> None:
        """Waits a little for what is under way and closes all connections; never raises."""
        await self._primary.close()
        if self._replica is not self._primary:
            await self._replica.close()

    async def _writing(self) -> None:
        """Only who writes needs the primary: a query service with a replica never opens it."""
        if not self._primary.is_open:
            await self._primary.open()
            await self._demand_current(self._primary)

    async def _demand_current(self, database: Database) -> None:
        await database.read(
            lambda on: demand_current(on, "scores", database.schema, database.where.shown)
        )
