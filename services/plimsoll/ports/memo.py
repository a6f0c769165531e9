"""The memo of judges: every reply that was paid for, kept, so that it is asked for once."""

from __future__ import annotations

from typing import Protocol


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
