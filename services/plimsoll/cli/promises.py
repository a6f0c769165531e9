"""What was learned from labels and what is promised on it, as the topic has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.adapters.rpc.servicer import NoTelemetry
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.learned import Certificate, CertificateState, LearnedScope, WatchedClaims
from plimsoll.pipeline.learned import LearnedTable
from plimsoll.settings.model import Settings


async def read_learned(settings: Settings) -> Sequence[LearnedScope]:
    """Every scope, by tenant, task kind and basis; ConfigurationError where there is no topic."""
    topic = settings.topics.calibrations
    table = LearnedTable(SystemClock(), NoTelemetry())
    async with KafkaReader(settings.kafka, "promises") as reader:
        partitions = await reader.partitions(topic)
        if not partitions:
            raise ConfigurationError(
                f"there is no topic {topic}: run `plimsoll topics apply`, or set "
                "topics.calibrations"
            )
        table.replace(await reader.whole(partitions))
    return table.scopes


def latest(learned: LearnedScope) -> Iterator[Certificate]:
    """The last certificate of each error rate, lowest first: what counts for new results."""
    by_rate = {one.error_rate: one for one in learned.certificates}
    return (by_rate[rate] for rate in sorted(by_rate))


def broken(scopes: Sequence[LearnedScope], now: datetime) -> Sequence[Certificate]:
    """Promises that were taken back or have lapsed, and nothing stands in their place."""
    return [
        certificate
        for learned in scopes
        for certificate in latest(learned)
        if certificate.state(now) is not CertificateState.STANDING
    ]


def broken_claims(scopes: Sequence[LearnedScope]) -> Sequence[WatchedClaims]:
    """Promises about claims that were taken back, where no other filter has been audited since."""
    return [
        learned.claims
        for learned in scopes
        if learned.claims is not None
        and learned.claims.state is CertificateState.REVOKED
        and not any(_replaces(other, learned) for other in scopes)
    ]


def _replaces(one: LearnedScope, other: LearnedScope) -> bool:
    mine, theirs = one.claims, other.claims
    return (
        mine is not None
        and theirs is not None
        and mine.state is CertificateState.STANDING
        and (one.key.tenant, one.key.task_kind, mine.language)
        == (other.key.tenant, other.key.task_kind, theirs.language)
        and one.update_time > other.update_time
    )
