"""Partitions by time: made ahead, dropped when all in them is older than is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from plimsoll.adapters.postgres.database import Database
from plimsoll.ports.clock import Clock
from plimsoll.settings.postgres import PartitionSpan, ScorePostgresSettings

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection

_log = structlog.get_logger(__name__)

# The time of a result is its producer's claim. Beyond these the default partition takes it, so
# that nobody can have tables made without end.
_MOST_BEHIND = 120
_TEND_EVERY_S = 600.0
_DELETE_ROWS = 5_000
_DELETE_TIMES = 50

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_PARTITIONS = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'visible'::regclass
"""
_DELETE_RESULTS = """
    WITH gone AS (
        DELETE FROM results WHERE (tenant, result_id) IN (
            SELECT tenant, result_id FROM results WHERE event_time < $1 LIMIT $2
        ) RETURNING tenant, result_id
    ), scorings_gone AS (
        DELETE FROM scorings s USING gone g
        WHERE s.tenant = g.tenant AND s.result_id = g.result_id
    ), subjects_gone AS (
        DELETE FROM subjects s USING gone g
        WHERE s.tenant = g.tenant AND s.result_id = g.result_id
    ), counted AS (
        UPDATE expired SET visible = visible + (SELECT count(*) FROM gone)
    ) SELECT count(*) FROM gone
"""
_DELETE_LETTERS = """
    WITH gone AS (
        DELETE FROM dead_letters
        WHERE (source_topic, source_partition, source_offset, source_index) IN (
            SELECT source_topic, source_partition, source_offset, source_index
            FROM dead_letters WHERE event_time < $1 LIMIT $2
        ) RETURNING 1
    ), counted AS (
        UPDATE expired SET dead = dead + (SELECT count(*) FROM gone)
    ) SELECT count(*) FROM gone
"""
_DELETE_DEFAULT = """
    WITH gone AS (
        DELETE FROM visible_default WHERE ctid IN (
            SELECT ctid FROM visible_default WHERE event_time < $1 LIMIT $2
        ) RETURNING 1
    ) SELECT count(*) FROM gone
"""


@dataclass(frozen=True, slots=True)
class Span:
    """One partition: its table's name and its bounds in UTC, the second one left out."""

    name: str
    start: datetime
    end: datetime


def span_of(time: datetime, by: PartitionSpan) -> Span:
    """The partition that a time belongs to."""
    day = time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if by is PartitionSpan.DAY:
        return Span(f"visible_{day:%Y%m%d}", day, day + timedelta(days=1))
    first = day.replace(day=1)
    return Span(f"visible_{first:%Y%m}", first, (first + timedelta(days=32)).replace(day=1))


def spans_ahead(now: datetime, by: PartitionSpan, ahead: int) -> list[Span]:
    """The partition of now and so many after it."""
    spans = [span_of(now, by)]
    for _ in range(ahead):
        spans.append(span_of(spans[-1].end, by))
    return spans


class Partitions:
    """Sees to the partitions of one store; whoever else does so at the same time does no harm."""

    def __init__(self, database: Database, settings: ScorePostgresSettings, clock: Clock) -> None:
        self._database = database
        self._by = settings.partition
        self._ahead = settings.partitions_ahead
        self._retention = timedelta(days=settings.retention_days)
        self._clock = clock
        self._known: set[str] = set()
        self._tended_at = -_TEND_EVERY_S

    async def make_for(self, times: Iterable[datetime]) -> None:
        """Makes those that rows of these times go into, where they are neither old nor far off."""
        # A batch has many results of few days.
        days = {time.astimezone(UTC).date() for time in times}
        midnights = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days)
        spans = {span_of(time, self._by) for time in midnights if self._is_ours(time)}
        missing = sorted(
            (span for span in spans if span.name not in self._known), key=lambda span: span.start
        )
        if missing:
            await self._make(missing)

    async def tend(self) -> None:
        """Makes partitions ahead and drops what is older than is kept; seldom does anything."""
        now = self._clock.monotonic()
        if now - self._tended_at < _TEND_EVERY_S:
            return
        self._tended_at = now
        await self._make(spans_ahead(self._clock.now(), self._by, self._ahead))
        if self._retention:
            await self._expire(self._floor())

    def _floor(self) -> datetime:
        """What is older than this is not kept."""
        return span_of(self._clock.now() - self._retention, self._by).start

    def _is_ours(self, time: datetime) -> bool:
        now = self._clock.now()
        days = 31 if self._by is PartitionSpan.MONTH else 1
        oldest = now - timedelta(days=days * _MOST_BEHIND)
        if self._retention:
            oldest = max(oldest, self._floor())
        return oldest <= time < now + timedelta(days=days * self._ahead)

    async def _make(self, spans: Iterable[Span]) -> None:
        for span in spans:
            await self._database.write(lambda on, span=span: self._make_one(on, span))  # type: ignore[misc]  # bound at once
            self._known.add(span.name)

    async def _make_one(self, on: Connection, span: Span) -> None:
        await self._lock(on)
        if span.name in await _partitions(on):
            return
        # Names and bounds are made of numbers. What the default partition has of it moves over.
        await on.execute(
            f"CREATE TABLE {span.name} (LIKE visible INCLUDING DEFAULTS INCLUDING INDEXES);"  # noqa: S608 - as said
            f"WITH moved AS (DELETE FROM visible_default WHERE event_time >= '{span.start}'"
            f" AND event_time < '{span.end}' RETURNING *)"
            f" INSERT INTO {span.name} SELECT * FROM moved;"
            f"ALTER TABLE visible ATTACH PARTITION {span.name}"
            f" FOR VALUES FROM ('{span.start}') TO ('{span.end}')"
        )
        _log.info("store.partition.made", partition=span.name)

    async def _expire(self, floor: datetime) -> None:
        # Rows first, then what is remembered of them: the other way round a result that comes
        # again would meet its own row.
        await self._database.write(lambda on: self._drop_before(on, floor))
        for statement in (_DELETE_DEFAULT, _DELETE_RESULTS, _DELETE_LETTERS):
            for _ in range(_DELETE_TIMES):
                gone = await self._database.once(
                    lambda on, sql=statement: on.fetchval(sql, floor, _DELETE_ROWS)  # type: ignore[misc]  # bound at once
                )
                if gone < _DELETE_ROWS:
                    break

    async def _drop_before(self, on: Connection, floor: datetime) -> None:
        await self._lock(on)
        for name in sorted(await _partitions(on)):
            if _end(name) <= floor:
                await on.execute(f"DROP TABLE {name}")
                self._known.discard(name)
                _log.info("store.partition.dropped", partition=name)

    async def _lock(self, on: Connection) -> None:
        await on.execute(_LOCK, f"plimsoll partitions {self._database.schema}")


async def _partitions(on: Connection) -> set[str]:
    """Names of all but the default one."""
    return {name for (name,) in await on.fetch(_PARTITIONS)} - {"visible_default"}


def _end(name: str) -> datetime:
    """Where the partition of that name ends; both spans may stand side by side."""
    digits = name.removeprefix("visible_")
    if len(digits) == len("yyyymm"):
        return span_of(datetime.strptime(f"{digits}01+0000", "%Y%m%d%z"), PartitionSpan.MONTH).end
    return span_of(datetime.strptime(f"{digits}+0000", "%Y%m%d%z"), PartitionSpan.DAY).end
