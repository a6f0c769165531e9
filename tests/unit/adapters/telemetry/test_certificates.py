"""When certificates in files end, as telemetry says it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from plimsoll.adapters.telemetry.certificates import (
    kafka_certificates,
    tell_certificate,
    watched_certificates,
)
from plimsoll.ports.telemetry import CERTIFICATE_EXPIRY, Instrument
from plimsoll.settings.kafka import KafkaSettings
from tests.support.certificates import Authority
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import START, FakeClock

KEY = (CERTIFICATE_EXPIRY.name, "kafka_client")
DAY = timedelta(days=1)


class Noted(Figures):
    """Telemetry that hands every figure on."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: asyncio.Queue[float] = asyncio.Queue()

    def set(
        self,
        what: Instrument,
        value: float,
        labels: tuple[str, ...] = (),
        *,
        good_for_s: float | None = None,
    ) -> None:
        """Hands it on."""
        self.ends.put_nowait(value)


def told(*in_days: int) -> float | None:
    """Days from now of what is told of certificates that end so."""
    figures = Figures()
    tell_certificate(figures, "kafka_client", [START + days * DAY for days in in_days], START)
    at = figures.totals.get(KEY)
    return None if at is None else (at - START.timestamp()) / DAY.total_seconds()


@pytest.mark.parametrize(
    ("in_days", "end"),
    [((9,), 9), ((30, 9, 90), 9), ((-5, 30), 30), ((-5, -2), -2), ((), None)],
)
def test_the_first_that_has_not_ended_counts(in_days: tuple[int, ...], end: int | None) -> None:
    """An old CA beside its successor is no matter; where all have ended, the last one says so."""
    assert told(*in_days) == end


def test_what_cannot_be_read_any_more_is_not_told() -> None:
    """No figure stays for a file that has gone."""
    figures = Figures()
    tell_certificate(figures, "kafka_client", [START], START)
    tell_certificate(figures, "kafka_client", [], START)
    assert KEY not in figures.totals


async def test_files_are_looked_at_again(tmp_path: Path) -> None:
    """A renewed certificate changes the figure without a restart; then nobody looks any more."""
    authority, noted = Authority(tmp_path), Noted()
    files = authority.sign("client", days=1)
    renewed = authority.sign("client", days=9, into="renewed")

    def end_of(path: Path) -> int:
        (found,) = x509.load_pem_x509_certificates(path.read_bytes())
        return int(found.not_valid_after_utc.timestamp())

    async def until(end: int) -> None:
        async with asyncio.timeout(300):
            while await noted.ends.get() != end:
                pass

    first, second = end_of(files.certfile), end_of(renewed.certfile)
    async with watched_certificates({"kafka_client": files.certfile}, FakeClock(), noted):
        await until(first)
        renewed.certfile.replace(files.certfile)
        await until(second)


def test_only_what_is_used_is_looked_at(tmp_path: Path) -> None:
    """Files of the brokers' TLS, where their clients speak it."""
    files = {"ssl_cafile": tmp_path / "ca.pem", "ssl_certfile": tmp_path / "client.pem"}
    assert kafka_certificates(KafkaSettings.model_validate(files)) == {}
    tls = KafkaSettings.model_validate(files | {"security_protocol": "SSL"})
    assert kafka_certificates(tls) == {
        "kafka_ca": tmp_path / "ca.pem",
        "kafka_client": tmp_path / "client.pem",
    }
    system = KafkaSettings.model_validate({"security_protocol": "SASL_SSL"})
    assert kafka_certificates(system) == {}
