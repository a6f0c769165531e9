"""The schemas that the settings name, and what `plimsoll migrate` does to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plimsoll.adapters.postgres.connecting import Address
from plimsoll.adapters.postgres.iam import located
from plimsoll.adapters.postgres.migrating import Migration, migrate, still_to_do
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import PostgresSettings, StoreKind


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema: what it is for, and where it is."""

    kind: str
    name: str
    where: Address
    settings: PostgresSettings

    async def missing(self) -> Sequence[Migration]:
        """What is still to be brought in."""
        return await still_to_do(self.where, self.settings, self.kind, self.name)

    async def bring_up(self) -> Sequence[Migration]:
        """Brings it in; gives what it was."""
        return await migrate(self.where, self.settings, self.kind, self.name)


def schemas(settings: Settings) -> Iterator[Schema]:
    """Those that the settings choose; none where all stores are SQLite files."""
    if settings.store.kind is StoreKind.POSTGRES:
        mine = settings.store.postgres
        where = located(mine, mine.dsn, "store.postgres.dsn")
        yield Schema("scores", mine.schema_name, where, mine)
    if settings.judges.store.kind is StoreKind.POSTGRES:
        theirs = settings.judges.store.postgres
        where = located(theirs, theirs.dsn, "judges.store.postgres.dsn")
        yield Schema("judges", theirs.schema_name, where, theirs)
    if settings.evidence.store.kind is StoreKind.POSTGRES:
        keys = settings.evidence.store.postgres
        where = located(keys, keys.dsn, "evidence.store.postgres.dsn")
        yield Schema("keys", keys.schema_name, where, keys)
