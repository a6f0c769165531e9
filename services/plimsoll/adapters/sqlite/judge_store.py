"""What judges have said and cost, in one SQLite file of its own that all workers share."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import uuid4

from plimsoll.adapters.sqlite import judge_erasing, judge_rows
from plimsoll.adapters.sqlite.connections import Connections
from plimsoll.adapters.sqlite.group_commit import GroupCommit
from plimsoll.adapters.sqlite.judge_schema import JUDGES
from plimsoll.adapters.sqlite.scrubbing import scrub
from plimsoll.domain.scopes import Erasure
from plimsoll.ports.budgets import NOTHING, Amount, BudgetKey, Limit, Reservation, Standing
from plimsoll.ports.clock import Clock
from plimsoll.ports.memo import Asker
from plimsoll.ports.quotas import Grant, Quota
from plimsoll.settings.judges import JudgeSettings

T = TypeVar("T")
_READERS = 2


class SqliteJudgeStore:
    """A `JudgeMemo`, a `BudgetStore` and a `QuotaStore`, apart from the scores.

    Everything raises RetryableError or FatalError where the file cannot serve. Quotas go by the
    wall clock, which all workers on one file share.
    """

    def __init__(self, settings: JudgeSettings, clock: Clock) -> None:
        self._connections = Connections(settings.path, settings.busy_timeout_ms, JUDGES)
        self._writer = ThreadPoolExecutor(1, "judges-writer")
        self._readers = ThreadPoolExecutor(_READERS, "judges-reader")
        self._commits = GroupCommit(self._connections, self._writer)
        self._clock = clock
        self._holder = uuid4().hex

    async def start(self) -> None:
        """Opens the file and creates what is missing."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._connections.open)

    async def recall(self, tenant: str, digest: str) -> bytes | None:
        """The reply that stands, or None."""
        return await self._read(lambda on: judge_rows.recall(on, tenant, digest))

    async def remember(self, tenant: str, digest: str, reply: bytes) -> bytes:
        """Keeps a reply for good before it returns; gives the one that stands."""
        return await self._commits.write(lambda on: judge_rows.remember(on, tenant, digest, reply))

    async def note(self, tenant: str, digest: str, asker: Asker) -> None:
        """Keeps that this result asks so."""
        await self._commits.write(lambda on: judge_erasing.note(on, tenant, digest, asker))

    async def erase(self, orders: Collection[Erasure]) -> int:
        """Erases every reply that these name; gives how many there were.

        The file is written anew, which takes its size on the disk once more, and other writers
        wait for that.
        """
        erased = await self._commits.write(lambda on: judge_erasing.erase(on, orders))
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, partial(scrub, self._connections))
        return erased

    async def lead(self, tenant: str, digest: str, lease: timedelta) -> bool:
        """Whether the caller is the one who asks; see ports.memo."""
        now_s = self._now_s()
        until_s = now_s + lease.total_seconds()
        return await self._commits.write(
            lambda on: judge_rows.lead(on, (tenant, digest), self._holder, now_s, until_s)
        )

    async def let_go(self, tenant: str, digest: str) -> None:
        """The caller asks no longer."""
        await self._commits.write(lambda on: judge_rows.let_go(on, (tenant, digest), self._holder))

    async def reserve(self, key: BudgetKey, amount: Amount, limit: Limit) -> Reservation | None:
        """Holds an amount, or gives None where the limit would be passed."""
        return await self._commits.write(lambda on: judge_rows.reserve(on, key, amount, limit))

    async def settle(self, reservation: Reservation, used: Amount) -> None:
        """Turns a reservation into what was used of it; a second time changes nothing."""
        await self._commits.write(lambda on: judge_rows.settle(on, reservation, used))

    async def release(self, reservation: Reservation) -> None:
        """Settles at nothing."""
        await self.settle(reservation, NOTHING)

    async def standing(self, key: BudgetKey) -> Standing:
        """What has been spent so far."""
        return await self._read(lambda on: judge_rows.standing(on, key))

    async def take(self, quota: Quota, tokens: float) -> Grant:
        """Takes one request and so many tokens in advance."""
        return await self._commits.write(
            lambda on: judge_rows.take(on, quota, tokens, self._now_s())
        )

    async def settle_grant(self, grant: Grant, used_tokens: float) -> None:
        """Gives back what the call did not use."""
        unused = grant.tokens - used_tokens
        await self._commits.write(
            lambda on: judge_rows.give_back(on, grant.quota, 0, unused, self._now_s())
        )

    async def give_back(self, grant: Grant) -> None:
        """No call was made."""
        await self._commits.write(
            lambda on: judge_rows.give_back(on, grant.quota, 1, grant.tokens, self._now_s())
        )

    async def close(self) -> None:
        """Waits for what is under way and closes the file; never raises."""
        await self._commits.finish()
        await asyncio.gather(
            asyncio.to_thread(self._writer.shutdown), asyncio.to_thread(self._readers.shutdown)
        )
        self._connections.close()

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._readers, lambda: self._connections.read_in_thread(work)
        )
