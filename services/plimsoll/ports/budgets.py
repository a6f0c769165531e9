"""Budgets of judges for a tenant, a policy and a day: reserved, settled, and never exceeded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BudgetKey:
    """Whose money, for what, and on which day (UTC)."""

    tenant: str
    policy: str
    day: date


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens, and money in billionths of a US dollar; whole numbers add up exactly."""

    tokens: int
    nano_usd: int


NOTHING = Amount(0, 0)


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be spent in a day; None is no limit."""

    tokens: int | None = None
    nano_usd: int | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one call holds of a budget until it is settled."""

    number: int
    key: BudgetKey
    amount: Amount


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a budget is used, and what is reserved on top of that."""

    used: Amount
    reserved: Amount


class BudgetStore(Protocol):
    """Counts for all workers, and through their restarts; nothing can rebuild it.

    A reservation that nobody settles, since its worker has died, counts as spent: the call may
    have been billed. Everything raises RetryableError or FatalError where the store cannot serve.
    """

    async def reserve(self, key: BudgetKey, amount: Amount, limit: Limit) -> Reservation | None:
        """Holds an amount, or gives None where used and reserved would pass the limit with it."""

    async def settle(self, reservation: Reservation, used: Amount) -> None:
        """Turns a reservation into what was used of it; a second time changes nothing."""

    async def release(self, reservation: Reservation) -> None:
        """Settles at nothing."""

    async def standing(self, key: BudgetKey) -> Standing:
        """What has been spent so far."""
