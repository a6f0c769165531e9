"""A result on its way to the broker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import OutRecord, Position
from plimsoll.domain.result import LlmResult


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A result as it will be sent, with the digest under which it will be scored."""

    key: ResultKey
    record: OutRecord
    input_digest: str


class Sender(Protocol):
    """Encodes results, and delivers them."""

    def prepare(self, result: LlmResult) -> Outgoing:
        """Encodes a result; ValueError where a scorer could only park it."""

    async def deliver(self, outgoing: Outgoing) -> Position:
        """Waits for the broker's acknowledgement; RetryableError, FatalError or ValueError."""
