"""Opens what seals evidence, where the settings name master keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from plimsoll.adapters.stores import key_store
from plimsoll.pipeline.sealing import EvidenceSeals
from plimsoll.pipeline.starting import when_there
from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import EVIDENCE_KEY_WAITS, Telemetry
from plimsoll.settings.evidence import EvidenceSettings


@asynccontextmanager
async def open_seals(
    settings: EvidenceSettings, clock: Clock, telemetry: Telemetry
) -> AsyncIterator[EvidenceSeals | None]:
    """What seals, as long as the block runs; None where evidence is published in clear.

    A store of keys that is away is waited for; FatalError where it can never serve, and
    ConfigurationError where the master keys cannot be read.
    """
    if settings.keys_file is None:
        yield None
        return
    # A scorer that seals nothing loads no cipher.
    from plimsoll.adapters.evidence.ring import FileKeyRing  # noqa: PLC0415 - see above

    ring, store = FileKeyRing(settings.keys_file), key_store(settings)
    start = when_there("keys", clock, lambda: telemetry.count(EVIDENCE_KEY_WAITS))
    try:
        await start(store)
        yield EvidenceSeals(store, ring, clock, telemetry)
    finally:
        await store.close()
