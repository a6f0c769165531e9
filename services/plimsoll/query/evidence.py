"""Opens what opens sealed evidence, where the settings name master keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from plimsoll.adapters.rpc.opening import AS_IT_STANDS, Evidence, Opener
from plimsoll.adapters.stores import key_store
from plimsoll.pipeline.starting import when_there
from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import EVIDENCE_KEY_WAITS, Telemetry
from plimsoll.settings.evidence import EvidenceSettings


@asynccontextmanager
async def open_evidence(
    settings: EvidenceSettings, clock: Clock, telemetry: Telemetry
) -> AsyncIterator[Evidence]:
    """What opens, as long as the block runs; without master keys sealed evidence stays so.

    A store of keys that is away is waited for; FatalError where it can never serve, and
    ConfigurationError where the master keys cannot be read.
    """
    if settings.keys_file is None:
        yield AS_IT_STANDS
        return
    # A service that opens nothing loads no cipher.
    from plimsoll.adapters.evidence.ring import FileKeyRing  # noqa: PLC0415 - see above

    ring, store = FileKeyRing(settings.keys_file), key_store(settings)
    start = when_there("keys", clock, lambda: telemetry.count(EVIDENCE_KEY_WAITS))
    try:
        await start(store)
        yield Opener(store, ring, telemetry)
    finally:
        await store.close()
