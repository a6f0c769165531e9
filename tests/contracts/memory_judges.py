"""Memo, budgets and quotas in plain containers: what the stores of judges are held against."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.ports.budgets import NOTHING, Amount, BudgetKey, Limit, Reservation, Standing
from plimsoll.ports.clock import Clock
from plimsoll.ports.memo import Asker
from plimsoll.ports.quotas import Grant, Quota
from plimsoll.resilience import token_bucket
from plimsoll.resilience.token_bucket import Levels


@dataclass
class JudgeMemory:
    """What several stores share, as a file would be."""

    replies: dict[tuple[str, str], bytes] = field(default_factory=dict)
    askers: set[tuple[str, str, Asker]] = field(default_factory=set)
    used: dict[BudgetKey, Amount] = field(default_factory=dict)
    open: dict[int, Reservation] = field(default_factory=dict)
    made: int = 0
    asking: dict[tuple[str, str], tuple[object, float]] = field(default_factory=dict)
    levels: dict[str, Levels] = field(default_factory=dict)


def plus(one: Amount, other: Amount) -> Amount:
    """Both together."""
    return Amount(one.tokens + other.tokens, one.nano_usd + other.nano_usd)


class MemoryJudgeStore:
    """As simple as it can be."""

    def __init__(self, memory: JudgeMemory, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock

    async def start(self) -> None:
        """Nothing to open."""

    async def recall(self, tenant: str, digest: str) -> bytes | None:
        """Looks it up."""
        return self._memory.replies.get((tenant, digest))

    async def remember(self, tenant: str, digest: str, reply: bytes) -> bytes:
        """Keeps the first."""
        return self._memory.replies.setdefault((tenant, digest), reply)

    async def note(self, tenant: str, digest: str, asker: Asker) -> None:
        """Keeps it."""
        self._memory.askers.add((tenant, digest, asker))

    async def erase(self, orders: Collection[Erasure]) -> int:
        """Looks through all, one order after another."""
        return sum(self._erase(order) for order in orders)

    def _erase(self, order: Erasure) -> int:
        memory = self._memory
        named = {digest for tenant, digest in memory.replies if tenant == order.tenant}
        if order.by is not Erased.TENANT:
            named = {
                digest
                for tenant, digest, asker in memory.askers
                if tenant == order.tenant
                and order.id == (asker.result_id if order.by is Erased.RESULT else asker.subject_id)
            }
        memory.askers = {a for a in memory.askers if a[0] != order.tenant or a[1] not in named}
        gone = [memory.replies.pop((order.tenant, digest), None) for digest in named]
        return sum(reply is not None for reply in gone)

    async def lead(self, tenant: str, digest: str, lease: timedelta) -> bool:
        """Takes what nobody has."""
        holder, until_s = self._memory.asking.get((tenant, digest), (self, 0.0))
        if holder is not self and until_s > self._now_s():
            return False
        until_s = self._now_s() + lease.total_seconds()
        self._memory.asking[tenant, digest] = (self, until_s)
        return True

    async def let_go(self, tenant: str, digest: str) -> None:
        """Forgets it where it is this store's."""
        if self._memory.asking.get((tenant, digest), (None, 0.0))[0] is self:
            del self._memory.asking[tenant, digest]

    async def reserve(self, key: BudgetKey, amount: Amount, limit: Limit) -> Reservation | None:
        """Adds everything up."""
        stands = await self.standing(key)
        total = plus(plus(stands.used, stands.reserved), amount)
        if limit.tokens is not None and total.tokens > limit.tokens:
            return None
        if limit.nano_usd is not None and total.nano_usd > limit.nano_usd:
            return None
        self._memory.made += 1
        made = Reservation(self._memory.made, key, amount)
        self._memory.open[made.number] = made
        return made

    async def settle(self, reservation: Reservation, used: Amount) -> None:
        """Moves it, once."""
        if self._memory.open.pop(reservation.number, None) is not None:
            before = self._memory.used.get(reservation.key, NOTHING)
            self._memory.used[reservation.key] = plus(before, used)

    async def release(self, reservation: Reservation) -> None:
        """Takes it away."""
        await self.settle(reservation, NOTHING)

    async def standing(self, key: BudgetKey) -> Standing:
        """Adds everything up."""
        reserved = NOTHING
        for one in self._memory.open.values():
            if one.key == key:
                reserved = plus(reserved, one.amount)
        return Standing(self._memory.used.get(key, NOTHING), reserved)

    async def take(self, quota: Quota, tokens: float) -> Grant:
        """Takes from the bucket."""
        now_s = self._now_s()
        before = self._memory.levels.get(quota.name) or token_bucket.full(quota, now_s)
        levels, wait_s = token_bucket.take(before, quota, tokens, now_s)
        self._memory.levels[quota.name] = levels
        return token_bucket.granted(quota, tokens, levels, wait_s)

    async def settle_grant(self, grant: Grant, used_tokens: float) -> None:
        """Gives back the rest."""
        self._give_back(grant.quota, 0, grant.tokens - used_tokens)

    async def give_back(self, grant: Grant) -> None:
        """Gives back all."""
        self._give_back(grant.quota, 1, grant.tokens)

    def _give_back(self, quota: Quota, requests: float, tokens: float) -> None:
        now_s = self._now_s()
        before = self._memory.levels.get(quota.name) or token_bucket.full(quota, now_s)
        self._memory.levels[quota.name] = token_bucket.give_back(
            before, quota, requests=requests, tokens=tokens, now_s=now_s
        )

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    async def close(self) -> None:
        """Nothing to close."""
