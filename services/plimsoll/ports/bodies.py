"""Bodies of results that live elsewhere."""

from __future__ import annotations

from typing import Protocol

from plimsoll.domain.absence import Absence
from plimsoll.domain.result import ContentRef


class Bodies(Protocol):
    """Fetches what references name, as far as the settings let a tenant read it."""

    async def fetch(self, tenant: str, ref: ContentRef) -> str | Absence:
        """The text, whose size and SHA-256 are those of the reference; else why it is not there.

        Never raises, and takes a bounded time and memory.
        """

    async def close(self) -> None:
        """Releases everything; never raises."""
