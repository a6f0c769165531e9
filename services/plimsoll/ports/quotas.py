"""The quotas of judges, shared by all workers: what each call may take, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Quota:
    """A provider's quota for one account, region and model, as `name` says; None is no quota.

    Tokens count as reserved (input and all that the answer may have) until a call is settled.
    `burst` is how much may be taken at once after a pause, as a time of refilling.
    """

    name: str
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    burst: timedelta = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to make one call once `wait` is over; it holds `tokens` until it is settled.

    What it left in the bucket is below 0 where it has to wait, and None where no quota was asked.
    """

    quota: Quota
    tokens: float
    wait: timedelta
    requests_left: float | None = None
    tokens_left: float | None = None


class QuotaStore(Protocol):
    """One bucket a quota, whoever takes from it. Grants are made in the order of asking.

    Everything raises RetryableError or FatalError where the store cannot serve.
    """

    async def take(self, quota: Quota, tokens: float) -> Grant:
        """Takes one request and so many tokens in advance; waiting is the caller's business."""

    async def settle_grant(self, grant: Grant, used_tokens: float) -> None:
        """Gives back what the call did not use, or takes what it used beyond its grant.

        A call whose reply is lost is not settled at all: it stays at what was reserved.
        """

    async def give_back(self, grant: Grant) -> None:
        """No call was made: gives back the request, too."""
