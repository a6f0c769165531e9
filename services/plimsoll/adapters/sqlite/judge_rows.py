"""What a store of judges does inside one transaction: memo, budgets and quotas."""

from __future__ import annotations

import sqlite3

from plimsoll.ports.budgets import Amount, BudgetKey, Limit, Reservation, Standing
from plimsoll.ports.quotas import Grant, Quota
from plimsoll.resilience import token_bucket
from plimsoll.resilience.token_bucket import Levels

_RESERVE = """
    UPDATE budgets
    SET reserved_tokens = reserved_tokens + :tokens,
        reserved_nano_usd = reserved_nano_usd + :nano_usd
    WHERE tenant = :tenant AND policy = :policy AND day = :day
        AND (:most_tokens IS NULL OR used_tokens + reserved_tokens + :tokens <= :most_tokens)
        AND (:most_nano_usd IS NULL
            OR used_nano_usd + reserved_nano_usd + :nano_usd <= :most_nano_usd)
"""
_SETTLE = """
    UPDATE budgets
    SET reserved_tokens = reserved_tokens - :tokens,
        reserved_nano_usd = reserved_nano_usd - :nano_usd,
        used_tokens = used_tokens + :used_tokens,
        used_nano_usd = used_nano_usd + :used_nano_usd
    WHERE tenant = :tenant AND policy = :policy AND day = :day
"""


def recall(on: sqlite3.Connection, tenant: str, digest: str) -> bytes | None:
    """The reply that stands."""
    row = on.execute(
        "SELECT reply FROM memo WHERE tenant = ? AND digest = ?", (tenant, digest)
    ).fetchone()
    return None if row is None else bytes(row[0])


def remember(on: sqlite3.Connection, tenant: str, digest: str, reply: bytes) -> bytes:
    """Keeps the first reply; gives the one that stands."""
    added = on.execute(
        "INSERT INTO memo (tenant, digest, reply) VALUES (?, ?, ?)"
        " ON CONFLICT (tenant, digest) DO NOTHING",
        (tenant, digest, reply),
    ).rowcount
    return reply if added else recall(on, tenant, digest) or reply


def lead(
    on: sqlite3.Connection, question: tuple[str, str], holder: str, now_s: float, until_s: float
) -> bool:
    """Takes a lease that nobody has, or whose time is over."""
    taken = on.execute(
        "INSERT INTO asking VALUES (?, ?, ?, ?)"
        " ON CONFLICT (tenant, digest) DO UPDATE SET holder = excluded.holder,"
        " until_s = excluded.until_s WHERE holder = excluded.holder OR until_s <= ?",
        (*question, holder, until_s, now_s),
    )
    return taken.rowcount == 1


def let_go(on: sqlite3.Connection, question: tuple[str, str], holder: str) -> None:
    """Ends the holder's own lease."""
    on.execute(
        "DELETE FROM asking WHERE tenant = ? AND digest = ? AND holder = ?", (*question, holder)
    )


def reserve(
    on: sqlite3.Connection, key: BudgetKey, amount: Amount, limit: Limit
) -> Reservation | None:
    """Holds an amount within the limit, or nothing."""
    named = _named(key)
    on.execute(
        "INSERT INTO budgets VALUES (:tenant, :policy, :day, 0, 0, 0, 0)"
        " ON CONFLICT (tenant, policy, day) DO NOTHING",
        named,
    )
    wanted = {**named, "tokens": amount.tokens, "nano_usd": amount.nano_usd}
    most = {"most_tokens": limit.tokens, "most_nano_usd": limit.nano_usd}
    if not on.execute(_RESERVE, {**wanted, **most}).rowcount:
        return None
    number = on.execute(
        "INSERT INTO reservations (tenant, policy, day, tokens, nano_usd)"
        " VALUES (:tenant, :policy, :day, :tokens, :nano_usd)",
        wanted,
    ).lastrowid
    return Reservation(int(number or 0), key, amount)


def settle(on: sqlite3.Connection, reservation: Reservation, used: Amount) -> None:
    """Turns a reservation into what was used; nothing where it is settled already."""
    row = on.execute(
        "DELETE FROM reservations WHERE number = ? RETURNING tokens, nano_usd",
        (reservation.number,),
    ).fetchone()
    if row is None:
        return
    held = {"tokens": row[0], "nano_usd": row[1]}
    spent = {"used_tokens": used.tokens, "used_nano_usd": used.nano_usd}
    on.execute(_SETTLE, {**_named(reservation.key), **held, **spent})


def standing(on: sqlite3.Connection, key: BudgetKey) -> Standing:
    """What has been spent."""
    row = on.execute(
        "SELECT used_tokens, used_nano_usd, reserved_tokens, reserved_nano_usd FROM budgets"
        " WHERE tenant = :tenant AND policy = :policy AND day = :day",
        _named(key),
    ).fetchone()
    used_tokens, used_nano_usd, reserved_tokens, reserved_nano_usd = row or (0, 0, 0, 0)
    return Standing(Amount(used_tokens, used_nano_usd), Amount(reserved_tokens, reserved_nano_usd))


def take(on: sqlite3.Connection, quota: Quota, tokens: float, now_s: float) -> Grant:
    """Takes from a bucket in advance."""
    levels, wait_s = token_bucket.take(_levels(on, quota, now_s), quota, tokens, now_s)
    _write(on, quota, levels)
    return token_bucket.granted(quota, tokens, levels, wait_s)


def give_back(
    on: sqlite3.Connection, quota: Quota, requests: float, tokens: float, now_s: float
) -> None:
    """Gives back what was not used."""
    levels = token_bucket.give_back(
        _levels(on, quota, now_s), quota, requests=requests, tokens=tokens, now_s=now_s
    )
    _write(on, quota, levels)


def _levels(on: sqlite3.Connection, quota: Quota, now_s: float) -> Levels:
    row = on.execute(
        "SELECT requests, tokens, at_s FROM quotas WHERE name = ?", (quota.name,)
    ).fetchone()
    return token_bucket.full(quota, now_s) if row is None else Levels(*row)


def _write(on: sqlite3.Connection, quota: Quota, levels: Levels) -> None:
    on.execute(
        "INSERT OR REPLACE INTO quotas VALUES (?, ?, ?, ?)",
        (quota.name, levels.requests, levels.tokens, levels.at_s),
    )


def _named(key: BudgetKey) -> dict[str, str | int | None]:
    return {"tenant": key.tenant, "policy": key.policy, "day": key.day.isoformat()}
