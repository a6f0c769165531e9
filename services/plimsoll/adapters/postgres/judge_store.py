"""What judges have said and cost, in a PostgreSQL schema that scorers of all machines share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import partial
from uuid import uuid4

from plimsoll.adapters.postgres import judge_erasing, judge_rows
from plimsoll.adapters.postgres.database import Database
from plimsoll.adapters.postgres.iam import located
from plimsoll.adapters.postgres.migrating import demand_current
from plimsoll.domain.scopes import Erasure
from plimsoll.ports.budgets import NOTHING, Amount, BudgetKey, Limit, Reservation, Standing
from plimsoll.ports.clock import Clock
from plimsoll.ports.memo import Asker
from plimsoll.ports.quotas import Grant, Quota
from plimsoll.settings.postgres import JudgePostgresSettings


class PostgresJudgeStore:
    """A `JudgeStore`, apart from the scores, and to be backed up.

    Everything raises RetryableError or FatalError where the database cannot serve. Quotas and
    leases go by the server's clock, which all machines share, unless a clock is given.
    """

    def __init__(self, settings: JudgePostgresSettings, clock: Clock | None = None) -> None:
        where = located(settings, settings.dsn, "judges.store.postgres.dsn")
        self._database = Database(where, settings, settings.schema_name, "plimsoll-judges")
        self._clock = clock
        self._holder = uuid4().hex

    async def start(self) -> None:
        """Opens connections; FatalError where the schema is not of this program."""
        await self._database.open()
        mine = self._database
        await mine.read(lambda on: demand_current(on, "judges", mine.schema, mine.where.shown))

    async def recall(self, tenant: str, digest: str) -> bytes | None:
        """The reply that stands, or None."""
        return await self._database.read(partial(judge_rows.recall, tenant=tenant, digest=digest))

    async def remember(self, tenant: str, digest: str, reply: bytes) -> bytes:
        """Keeps a reply for good before it returns; gives the one that stands."""
        return await self._database.once(lambda on: judge_rows.remember(on, tenant, digest, reply))

    async def note(self, tenant: str, digest: str, asker: Asker) -> None:
        """Keeps that this result asks so."""
        await self._database.once(lambda on: judge_erasing.note(on, tenant, digest, asker))

    async def erase(self, orders: Collection[Erasure]) -> int:
        """Erases every reply that these name; gives how many there were.

        The table is written anew, which takes its size on the disk once more, and others wait for
        that. The server's write-ahead log is recycled in its own time, as its archive is.
        """
        gone = await self._database.write(lambda on: judge_erasing.erase(on, orders))
        if gone or await self._database.once(judge_erasing.is_vacuum_owed):
            await self._database.slowly("VACUUM (FULL) memo")
            await self._database.once(lambda on: on.execute("DELETE FROM owed"))
        return gone

    async def lead(self, tenant: str, digest: str, lease: timedelta) -> bool:
        """Whether the caller is the one who asks; see ports.memo."""
        now_s = self._now_s()
        return await self._database.once(
            lambda on: judge_rows.lead(on, (tenant, digest), self._holder, lease, now_s)
        )

    async def let_go(self, tenant: str, digest: str) -> None:
        """The caller asks no longer."""
        await self._database.once(lambda on: judge_rows.let_go(on, tenant, digest, self._holder))

    async def reserve(self, key: BudgetKey, amount: Amount, limit: Limit) -> Reservation | None:
        """Holds an amount, or gives None where the limit would be passed."""
        return await self._database.once(lambda on: judge_rows.reserve(on, key, amount, limit))

    async def settle(self, reservation: Reservation, used: Amount) -> None:
        """Turns a reservation into what was used of it; a second time changes nothing."""
        await self._database.once(lambda on: judge_rows.settle(on, reservation, used))

    async def release(self, reservation: Reservation) -> None:
        """Settles at nothing."""
        await self.settle(reservation, NOTHING)

    async def standing(self, key: BudgetKey) -> Standing:
        """What has been spent so far."""
        return await self._database.read(partial(judge_rows.standing, key=key))

    async def take(self, quota: Quota, tokens: float) -> Grant:
        """Takes one request and so many tokens in advance."""
        now_s = self._now_s()
        return await self._database.write(lambda on: judge_rows.take(on, quota, tokens, now_s))

    async def settle_grant(self, grant: Grant, used_tokens: float) -> None:
        """Gives back what the call did not use."""
        await self._give_back(grant.quota, 0, grant.tokens - used_tokens)

    async def give_back(self, grant: Grant) -> None:
        """No call was made."""
        await self._give_back(grant.quota, 1, grant.tokens)

    async def close(self) -> None:
        """Waits a little for what is under way and closes all connections; never raises."""
        await self._database.close()

    async def _give_back(self, quota: Quota, requests: float, tokens: float) -> None:
        now_s = self._now_s()
        await self._database.write(
            lambda on: judge_rows.give_back(on, quota, requests, tokens, now_s)
        )

    def _now_s(self) -> float | None:
        return None if self._clock is None else self._clock.now().timestamp()
