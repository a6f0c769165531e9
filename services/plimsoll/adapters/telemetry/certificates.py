"""Tells when certificates in files end, and looks at the files again every minute."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509

from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import CERTIFICATE_EXPIRY, Telemetry
from plimsoll.settings.kafka import KafkaSettings, SecurityProtocol

_EVERY_S = 60.0
_TLS = (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)


def kafka_certificates(settings: KafkaSettings) -> dict[str, Path]:
    """Files of the certificates that clients of the brokers use, by what telemetry calls them."""
    if settings.security_protocol not in _TLS:
        return {}
    both = {"kafka_ca": settings.ssl_cafile, "kafka_client": settings.ssl_certfile}
    return {name: path for name, path in both.items() if path is not None}


@asynccontextmanager
async def watched_certificates(
    files: Mapping[str, Path], clock: Clock, telemetry: Telemetry
) -> AsyncIterator[None]:
    """Tells of these files as long as the block runs."""
    watching = asyncio.create_task(_watch(files, clock, telemetry)) if files else None
    try:
        yield
    finally:
        if watching is not None:
            watching.cancel()
            await asyncio.wait({watching})


async def _watch(files: Mapping[str, Path], clock: Clock, telemetry: Telemetry) -> None:
    while True:
        for name, path in files.items():
            tell_certificate(telemetry, name, await asyncio.to_thread(_ends, path), clock.now())
        await clock.sleep(_EVERY_S)


def tell_certificate(
    telemetry: Telemetry, name: str, ends: Sequence[datetime], now: datetime
) -> None:
    """Of several the first that has not ended yet: an old CA beside its successor is no matter.

    Where all have ended, the last of them; of none, nothing is known.
    """
    if not ends:
        telemetry.forget(CERTIFICATE_EXPIRY, (name,))
        return
    end = min((one for one in ends if one > now), default=max(ends))
    telemetry.set(CERTIFICATE_EXPIRY, end.timestamp(), (name,))


def _ends(path: Path) -> list[datetime]:
    """When each certificate of a file ends; none where it cannot be read."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return []
    return [one.not_valid_after_utc for one in found]
