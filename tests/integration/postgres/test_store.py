"""What is particular to the score store in PostgreSQL: partitions, fences, outages, replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import asyncpg
import pytest

from plimsoll.adapters.postgres.errors import ConnectionLostError, classify
from plimsoll.adapters.postgres.partitions import span_of, spans_ahead
from plimsoll.adapters.postgres.store import PostgresScoreStore
from plimsoll.domain.errors import (
    ConfigurationError,
    DataRefusedError,
    FatalError,
    FencedError,
    PlimsollError,
    RetryableError,
)
from plimsoll.ports.store import ScoreFilter
from plimsoll.settings.postgres import PartitionSpan, ScorePostgresSettings
from tests.contracts.postgres import migrated_scores
from tests.contracts.rows import D0, P0, START, batch, dead, key, score
from tests.integration.postgres.writers import in_a_transaction
from tests.support.fake_clock import FakeClock
from tests.support.postgres import PostgresServer, temporary_directory

DAY_S = 86_400.0


@pytest.fixture
async def settings(postgres: PostgresServer) -> ScorePostgresSettings:
    """Settings of an empty store."""
    return await migrated_scores(postgres)


async def opened(settings: ScorePostgresSettings, clock: FakeClock) -> PostgresScoreStore:
    """A store that has claimed its partitions."""
    store = PostgresScoreStore(settings, clock)
    await store.start()
    await store.claim([P0, D0])
    return store


@pytest.fixture
async def store(settings: ScorePostgresSettings) -> AsyncIterator[PostgresScoreStore]:
    """One of them, at the time of the rows."""
    store = await opened(settings, clock_at(START))
    yield store
    await store.close()


def clock_at(time: datetime) -> FakeClock:
    """A clock that stands there."""
    clock = FakeClock()
    clock.seconds += (time - clock.now()).total_seconds()
    return clock


def partitions(server: PostgresServer, settings: ScorePostgresSettings) -> dict[str, int]:
    """Each partition that has rows, with how many."""
    schema = settings.schema_name
    said = server.sql(
        f"SELECT tableoid::regclass, count(*) FROM {schema}.visible GROUP BY 1 ORDER BY 1"
    )
    rows = (line.rpartition(".")[2].split("|") for line in said.splitlines())
    return {name: int(count) for name, count in rows}


def test_partitions_follow_the_calendar() -> None:
    """Months and days in UTC, each beginning where the one before ends, over the year's end."""
    month, day = PartitionSpan.MONTH, PartitionSpan.DAY
    late = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert [one.name for one in spans_ahead(late, month, 2)] == [
        "visible_202612",
        "visible_202701",
        "visible_202702",
    ]
    for by in (month, day):
        spans = spans_ahead(late, by, 40)
        assert all(one.end == other.start for one, other in pairwise(spans))
    east = datetime(2027, 1, 1, 1, 0, tzinfo=UTC).astimezone()
    assert span_of(east, day).name == "visible_20270101"


async def test_rows_stand_in_the_partition_of_their_time(
    store: PostgresScoreStore, postgres: PostgresServer, settings: ScorePostgresSettings
) -> None:
    """A year ago has its own partition; what nobody made one for is in the default one."""
    await store.write(
        batch(
            score("now", 0),
            score("last-year", 1, age_s=365 * DAY_S),
            score("long-ago", 2, age_s=30 * 365 * DAY_S),
            score("far-off", 3, age_s=-30 * 365 * DAY_S),
        )
    )
    assert partitions(postgres, settings) == {
        "visible_202501": 1,
        "visible_202601": 1,
        "visible_default": 2,
    }
    page, _ = await store.list(ScoreFilter(), 10, "")
    names = [one.row.key.result_id for one in page]
    assert names == ["far-off", "now", "last-year", "long-ago"]
    assert len(await store.get([key(name) for name in names])) == 4


async def test_a_rescore_moves_its_row(
    store: PostgresScoreStore, postgres: PostgresServer, settings: ScorePostgresSettings
) -> None:
    """A revision with another time leaves no row behind in the partition it was in."""
    await store.write(batch(score("a", 0, age_s=365 * DAY_S)))
    await store.write(batch(score("a", 1, revision=5)))
    assert partitions(postgres, settings) == {"visible_202601": 1}
    assert (await store.get([key("a")]))[key("a")].row.revision == 5


async def test_what_waits_in_the_default_partition_moves_over(
    settings: ScorePostgresSettings, postgres: PostgresServer
) -> None:
    """When the time of a result that came too early is near, its row goes where it belongs."""
    clock = clock_at(START)
    store = await opened(settings, clock)
    await store.write(batch(score("early", 0, age_s=-200 * DAY_S)))
    assert partitions(postgres, settings) == {"visible_default": 1}
    clock.seconds += 200 * DAY_S
    await store.write(batch(score("now", 1, age_s=-200 * DAY_S)))
    assert partitions(postgres, settings) == {"visible_202607": 2}
    assert len(await store.get([key("early"), key("now")])) == 2
    await store.close()


async def test_retention_drops_what_is_older(
    settings: ScorePostgresSettings, postgres: PostgresServer
) -> None:
    """Whole days go, with all that was remembered of their results; what is younger stays."""
    kept = settings.model_copy(update={"retention_days": 10, "partition": PartitionSpan.DAY})
    clock = clock_at(START)
    store = await opened(kept, clock)
    await store.write(
        batch(
            *(score(f"r{day}", day, age_s=day * DAY_S) for day in range(8)),
            score("r7", 8, age_s=7 * DAY_S, revision=1),
            score("ancient", 9, age_s=900 * DAY_S),
            dead(0, source=1),
        )
    )
    assert (await store.counts())["visible"] == 9
    clock.seconds += 7 * DAY_S
    await store.write(batch(score("new", 10, age_s=-7 * DAY_S)))
    found = [one.row.key.result_id for one in (await store.list(ScoreFilter(), 20, ""))[0]]
    assert found == ["new", "r0", "r1", "r2", "r3"]
    assert "visible_default" not in partitions(postgres, kept)
    for table, rows in (("results", 5), ("scorings", 0), ("dead_letters", 1)):
        assert postgres.sql(f"SELECT count(*) FROM {kept.schema_name}.{table}") == f"{rows}\n"
    counts = await store.counts()
    assert (counts["visible"], counts["dead"], counts["events"]) == (5, 1, 11)
    clock.seconds += 30 * DAY_S
    await store.write(batch(upto={P0: 11}))
    assert (await store.counts())["visible"] == (await store.counts())["dead"] == 0
    await store.close()


async def test_time_goes_on_without_batches(
    settings: ScorePostgresSettings, postgres: PostgresServer
) -> None:
    """A store that is only tended makes partitions ahead and drops what is no longer kept."""
    kept = settings.model_copy(update={"retention_days": 10, "partition": PartitionSpan.DAY})
    clock = clock_at(START)
    store = await opened(kept, clock)
    await store.write(batch(score("old", 0)))
    clock.seconds += 30 * DAY_S
    await store.tend()
    assert (await store.counts())["visible"] == 0
    ahead = spans_ahead(clock.now(), PartitionSpan.DAY, kept.partitions_ahead)
    made = postgres.sql(
        "SELECT inhrelid::regclass FROM pg_inherits"
        f" WHERE inhparent = '{kept.schema_name}.visible'::regclass"
    )
    there = {line.rpartition(".")[2] for line in made.splitlines()}
    assert {span.name for span in ahead} <= there
    await store.close()


async def test_texts_that_a_server_cannot_hold(store: PostgresScoreStore) -> None:
    """NUL becomes U+FFFD, a number that is none is left out; no length stops the indexer."""
    odd = replace(
        score("a", 0, model="m\x00", score_id="s\x00" * 5_000, digest="d\x00"),
        lower=float("nan"),
    )
    letter = replace(dead(0, source=1, reason="r\x00"), detail="\x00" * 10)
    far = replace(dead(1, source=1), source=replace(letter.source, topic="t" * 9_000))
    await store.write(batch(odd, letter, far))
    found = (await store.get([key("a")]))[key("a")].row
    assert (found.model, found.lower, found.point) == ("m\ufffd", None, odd.point)
    page, _ = await store.list(ScoreFilter(model="m\x00"), 10, "")
    assert len(page) == 1
    await store.write(batch(replace(odd, position=replace(odd.position, offset=1))))
    counts = await store.counts()
    assert (counts["duplicates"], counts["conflicts"], counts["dead"]) == (1, 0, 2)


async def test_a_frozen_writer_is_fenced(settings: ScorePostgresSettings) -> None:
    """One that stands still in the middle of a write holds the next up for a while, not for ever.

    When it goes on, its transaction is gone and it is told that it was fenced.
    """
    quick = settings.model_copy(update={"statement_timeout_ms": 2_000})
    zombie, heir = (
        await opened(settings, clock_at(START)),
        PostgresScoreStore(settings, FakeClock()),
    )
    await zombie.write(batch(score("a", 0)))
    async with asyncio.timeout(300):
        frozen = await in_a_transaction(quick)
        await heir.start()
        offsets = None
        while offsets is None:
            try:
                offsets = await heir.claim([P0])
            except RetryableError:
                await asyncio.sleep(0.05)
    assert offsets == {P0: 1}
    with pytest.raises(
        (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
    ):
        await frozen.execute("UPDATE offsets SET next_offset = 99")
    with pytest.raises(FencedError):
        await zombie.write(batch(score("b", 1)))
    await heir.write(batch(score("b", 1)))
    assert (await heir.counts())["visible"] == 2
    frozen.terminate()
    await zombie.close()
    await heir.close()


async def test_an_outage_is_waited_out() -> None:
    """While the server is down all is retryable; look-ups find it again without a restart."""
    server = PostgresServer(temporary_directory())
    server.start()
    try:
        settings = (await migrated_scores(server)).model_copy(update={"connect_timeout_s": 30.0})
        store = await opened(settings, clock_at(START))
        await store.write(batch(score("a", 0)))
        server.crash()
        # The dead connection is found out and replaced within the look-up.
        assert key("a") in await store.get([key("a")])
        await store.write(batch(score("b", 1)))
        server.stop()
        with pytest.raises(RetryableError):
            await store.get([key("a")])
        with pytest.raises(RetryableError):
            await store.write(batch(score("c", 2)))
        server.start()
        await store.write(batch(score("c", 2)))
        assert (await store.counts())["visible"] == 3
        await store.close()
    finally:
        server.remove()


async def test_look_ups_read_a_replica() -> None:
    """Rows of the primary are found on the copy, where nothing can be written; offsets with them.

    A query service that names a replica goes on while the primary is away.
    """
    primary = PostgresServer(temporary_directory())
    primary.start()
    copy = primary.replica(temporary_directory())
    try:
        settings = await migrated_scores(primary)
        writer = await opened(settings, clock_at(START))
        await writer.write(batch(*(score(f"r{n}", n) for n in range(20))))
        await writer.close()
        # A server that is stopped in good order sends its replicas all that it has first.
        primary.stop()
        dsn = type(settings.dsn)(copy.dsn())
        reader = PostgresScoreStore(settings.model_copy(update={"read_dsn": dsn}), FakeClock())
        async with asyncio.timeout(300):
            await reader.start()
            while (await reader.next_offsets()).get(P0) != 20:
                await reader.check()
        assert len(await reader.get([key(f"r{n}") for n in range(20)])) == 20
        assert len(await reader.since({}, ScoreFilter(), 100)) == 20
        await reader.check()
        with pytest.raises(RetryableError):
            await reader.claim([P0])
        await reader.close()
    finally:
        copy.remove()
        primary.remove()


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("08006", ConnectionLostError),
        ("57P01", ConnectionLostError),
        ("57P03", ConnectionLostError),
        ("25P03", ConnectionLostError),
        ("53100", RetryableError),
        ("53300", RetryableError),
        ("40001", RetryableError),
        ("40P01", RetryableError),
        ("55P03", RetryableError),
        ("57014", RetryableError),
        ("25006", RetryableError),
        ("28P01", ConfigurationError),
        ("3D000", ConfigurationError),
        ("42501", ConfigurationError),
        ("42P01", FatalError),
        ("XX001", FatalError),
        ("22021", DataRefusedError),
        ("XX000", FatalError),
    ],
)
def test_faults_by_code(code: str, verdict: type[PlimsollError]) -> None:
    """Each SQLSTATE is waited for, or stops the service and says what to do."""
    error = asyncpg.PostgresError.new({"S": "ERROR", "C": code, "M": "words of the server"})
    said = classify(error, "db-1:5432/plimsoll")
    assert type(said) is verdict
    assert "db-1:5432/plimsoll" in str(said)
    assert "words of the server" not in str(said)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (TimeoutError(), RetryableError),
        (ConnectionRefusedError("refused"), ConnectionLostError),
        (asyncpg.InterfaceError("connection is closed"), ConnectionLostError),
        (asyncpg.InternalClientError("another operation is in progress"), ConnectionLostError),
        (asyncpg.ClientConfigurationError("s3cr3t"), ConfigurationError),
        (RuntimeError("odd"), FatalError),
    ],
    ids=["timeout", "refused", "closed", "ended", "dsn", "odd"],
)
def test_faults_of_the_driver(error: Exception, verdict: type[PlimsollError]) -> None:
    """What the driver raises by itself is waited for, or stops the service without its words."""
    said = classify(error, "db-1:5432/plimsoll")
    assert type(said) is verdict
    assert "s3cr3t" not in str(said)
