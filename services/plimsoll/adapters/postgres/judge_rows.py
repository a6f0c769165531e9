"""The statements of a store of judges: memo, leases, budgets and quotas."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from plimsoll.ports.budgets import Amount, BudgetKey, Limit, Reservation, Standing
from plimsoll.ports.quotas import Grant, Quota
from plimsoll.resilience import token_bucket
from plimsoll.resilience.token_bucket import Levels

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection

_NOW = "coalesce($1::double precision, extract(epoch FROM clock_timestamp())::double precision)"
_LEAD = f"""
    INSERT INTO asking AS a (tenant, digest, holder, until)
    VALUES ($2, $3, $4, to_timestamp({_NOW}) + $5)
    ON CONFLICT (tenant, digest) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE a.holder = excluded.holder OR a.until <= to_timestamp({_NOW})
    RETURNING TRUE
"""  # noqa: S608 - made of constants
# One statement: the row of the day is locked, and its newest state decides, whoever else reserves.
_RESERVE = """
    WITH held AS (
        INSERT INTO budgets AS b (tenant, policy, day, reserved_tokens, reserved_nano_usd)
        SELECT $1, $2, $3, $4::bigint, $5::bigint
        WHERE ($6::bigint IS NULL OR $4 <= $6) AND ($7::bigint IS NULL OR $5 <= $7)
        ON CONFLICT (tenant, policy, day) DO UPDATE SET
            reserved_tokens = b.reserved_tokens + excluded.reserved_tokens,
            reserved_nano_usd = b.reserved_nano_usd + excluded.reserved_nano_usd
        WHERE ($6 IS NULL OR b.used_tokens + b.reserved_tokens + $4 <= $6)
            AND ($7 IS NULL OR b.used_nano_usd + b.reserved_nano_usd + $5 <= $7)
        RETURNING 1
    )
    INSERT INTO reservations (tenant, policy, day, tokens, nano_usd)
    SELECT $1, $2, $3, $4, $5 FROM held RETURNING number
"""
_SETTLE = """
    WITH settled AS (
        DELETE FROM reservations WHERE number = $1 RETURNING tenant, policy, day, tokens, nano_usd
    )
    UPDATE budgets b SET
        reserved_tokens = b.reserved_tokens - s.tokens,
        reserved_nano_usd = b.reserved_nano_usd - s.nano_usd,
        used_tokens = b.used_tokens + $2,
        used_nano_usd = b.used_nano_usd + $3
    FROM settled s WHERE (b.tenant, b.policy, b.day) = (s.tenant, s.policy, s.day)
"""
# The row is there before it is locked, so that two who come first do not both find it full.
_OPEN_QUOTA = f"""
    INSERT INTO quotas (name, requests, tokens, at_s) VALUES ($2, $3, $4, {_NOW})
    ON CONFLICT (name) DO NOTHING
"""  # noqa: S608 - made of constants
_LOCK_QUOTA = "SELECT requests, tokens, at_s FROM quotas WHERE name = $1 FOR UPDATE"
_WRITE_QUOTA = "UPDATE quotas SET requests = $2, tokens = $3, at_s = $4 WHERE name = $1"


async def recall(on: Connection, *, tenant: str, digest: str) -> bytes | None:
    """The reply that stands."""
    reply: bytes | None = await on.fetchval(
        "SELECT reply FROM memo WHERE tenant = $1 AND digest = $2", tenant, digest
    )
    return reply


async def remember(on: Connection, tenant: str, digest: str, reply: bytes) -> bytes:
    """Keeps the first reply; gives the one that stands."""
    added = await on.fetchval(
        "INSERT INTO memo (tenant, digest, reply) VALUES ($1, $2, $3)"
        " ON CONFLICT (tenant, digest) DO NOTHING RETURNING TRUE",
        tenant,
        digest,
        reply,
    )
    if added:
        return reply
    stands = await recall(on, tenant=tenant, digest=digest)
    return reply if stands is None else stands


async def lead(
    on: Connection,
    question: tuple[str, str],
    holder: str,
    lease: timedelta,
    now_s: float | None,
) -> bool:
    """Takes a lease that nobody has, or whose time is over."""
    return bool(await on.fetchval(_LEAD, now_s, *question, holder, lease))


async def let_go(on: Connection, tenant: str, digest: str, holder: str) -> None:
    """Ends the holder's own lease."""
    await on.execute(
        "DELETE FROM asking WHERE tenant = $1 AND digest = $2 AND holder = $3",
        tenant,
        digest,
        holder,
    )


async def reserve(
    on: Connection, key: BudgetKey, amount: Amount, limit: Limit
) -> Reservation | None:
    """Holds an amount within the limit, or nothing."""
    number = await on.fetchval(
        _RESERVE,
        key.tenant,
        key.policy,
        key.day,
        amount.tokens,
        amount.nano_usd,
        limit.tokens,
        limit.nano_usd,
    )
    return None if number is None else Reservation(number, key, amount)


async def settle(on: Connection, reservation: Reservation, used: Amount) -> None:
    """Turns a reservation into what was used; nothing where it is settled already."""
    await on.execute(_SETTLE, reservation.number, used.tokens, used.nano_usd)


async def standing(on: Connection, *, key: BudgetKey) -> Standing:
    """What has been spent."""
    row = await on.fetchrow(
        "SELECT used_tokens, used_nano_usd, reserved_tokens, reserved_nano_usd FROM budgets"
        " WHERE tenant = $1 AND policy = $2 AND day = $3",
        key.tenant,
        key.policy,
        key.day,
    )
    used_tokens, used_nano_usd, reserved_tokens, reserved_nano_usd = row or (0, 0, 0, 0)
    return Standing(Amount(used_tokens, used_nano_usd), Amount(reserved_tokens, reserved_nano_usd))


async def take(on: Connection, quota: Quota, tokens: float, now_s: float | None) -> Grant:
    """Takes from a bucket in advance."""
    before, at_s = await _levels(on, quota, now_s)
    levels, wait_s = token_bucket.take(before, quota, tokens, at_s)
    await _write(on, quota, levels)
    return token_bucket.granted(quota, tokens, levels, wait_s)


async def give_back(
    on: Connection, quota: Quota, requests: float, tokens: float, now_s: float | None
) -> None:
    """Gives back what was not used."""
    before, at_s = await _levels(on, quota, now_s)
    levels = token_bucket.give_back(before, quota, requests=requests, tokens=tokens, now_s=at_s)
    await _write(on, quota, levels)


async def _levels(on: Connection, quota: Quota, now_s: float | None) -> tuple[Levels, float]:
    """The bucket, locked, and the time by which it is refilled: read once it is locked."""
    row = await on.fetchrow(_LOCK_QUOTA, quota.name)
    if row is None:
        full = token_bucket.full(quota, 0.0)
        await on.execute(_OPEN_QUOTA, now_s, quota.name, full.requests, full.tokens)
        row = await on.fetchrow(_LOCK_QUOTA, quota.name)
    at_s = await on.fetchval(f"SELECT {_NOW}", now_s) if now_s is None else now_s
    requests, tokens, filled_s = row or (0.0, 0.0, at_s)
    return Levels(requests, tokens, filled_s), float(at_s)


async def _write(on: Connection, quota: Quota, levels: Levels) -> None:
    await on.execute(_WRITE_QUOTA, quota.name, levels.requests, levels.tokens, levels.at_s)
