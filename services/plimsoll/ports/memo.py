"""The memo of judges: every reply that was paid for, kept, so that it is asked for once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from plimsoll.domain.scopes import Erasure


@dataclass(frozen=True, slots=True)
class Asker:
    """The result that a question is about, and whom that is about ('' where it does not say)."""

    result_id: str
    subject_id: str = ""


class JudgeMemo(Protocol):
    """Replies by tenant and by the digest of what was asked; nothing can rebuild them.

    Everything raises RetryableError or FatalError where the store cannot serve.
    """

    async def recall(self, tenant: str, digest: str) -> bytes | None:
        """The reply that stands, or None."""

    async def remember(self, tenant: str, digest: str, reply: bytes) -> bytes:
        """Keeps a reply for good before it returns; gives the one that stands.

        The first stands: of two workers who have asked the same, both go on with one reply.
        """

    async def note(self, tenant: str, digest: str, asker: Asker) -> None:
        """Keeps that this result asks so, before its reply is there, so that an erasure finds it.

        Results with the same words share a reply; each is noted. A second time changes nothing.
        """

    async def erase(self, orders: Collection[Erasure]) -> int:
        """Erases every reply that these name; gives how many there were. Budgets stay.

        A reply that others have asked for, too, goes as well: their replay asks the judge again.
        When this returns no file of the store holds the replies' bytes; backups are not its
        business. RetryableError where they may still be there: order it again. What is under way
        for a result meanwhile may be remembered after it. It may take long: give orders together.
        """

    async def lead(self, tenant: str, digest: str, lease: timedelta) -> bool:
        """Whether the caller is the one who asks, as long as the lease lasts.

        Others are told no until it lets go or its lease is over; whoever opened the store is one
        caller. It saves money and decides nothing: the first reply stands in any case.
        """

    async def let_go(self, tenant: str, digest: str) -> None:
        """The caller asks no longer; nothing where it did not lead."""
