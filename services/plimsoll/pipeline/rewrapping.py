"""Brings every key of evidence under the first master key, so that older ones can go."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.domain.sealing import KeyName
from plimsoll.ports.evidence_keys import EvidenceKeyStore, KeyRing

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many keys were wrapped anew, and how many no master key of the ring unwraps."""

    rewrapped: int
    unreadable: int


async def rewrap_all(store: EvidenceKeyStore, ring: KeyRing) -> Rewrapped:
    """Goes through all keys; safe beside services that run, and to be run again after a stop.

    RetryableError or FatalError where the store cannot serve.
    """
    first = ring.first
    after: KeyName | None = None
    rewrapped = unreadable = 0
    while page := await store.wrapped_otherwise(first, after, _PAGE):
        for name, old in page:
            new = ring.rewrap(name, old)
            if new is None:
                unreadable += 1
            elif await store.rewrap(name, old, new):
                rewrapped += 1
        after = page[-1][0]
    return Rewrapped(rewrapped, unreadable)
