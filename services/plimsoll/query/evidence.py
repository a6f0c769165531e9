"""Opens what opens sealed evidence, where the settings name master keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from plimsoll.adapters.rpc.opening import AS_IT_STANDS, Evidence, Opener
from plimsoll.adapters.stores import key_store
from plimsoll.ports.telemetry import Telemetry
from plimsoll.settings.evidence import EvidenceSettings


@asynccontextmanager
async def open_evidence(
    settings: EvidenceSettings, telemetry: Telemetry
) -> AsyncIterator[Evidence]:
    """What opens, as long as the block runs; without master keys sealed evidence stays so.

    ConfigurationError where the master keys cannot be read.
    """
    if settings.keys_file is None:
        yield AS_IT_STANDS
        return
    # A service that opens nothing loads no cipher.
    from plimsoll.adapters.evidence.ring import FileKeyRing  # noqa: PLC0415 - see above

    ring, store = FileKeyRing(settings.keys_file), key_store(settings)
    await store.start()
    try:
        yield Opener(store, ring, telemetry)
    finally:
        await store.close()
