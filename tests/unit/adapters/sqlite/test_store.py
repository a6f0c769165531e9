"""What is particular to the store on a SQLite file: faults, kills, rebuilds, growth."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from plimsoll.adapters.sqlite import schema
from plimsoll.adapters.sqlite.store import SqliteScoreStore
from plimsoll.adapters.sqlite.wal import WriteAheadLog
from plimsoll.domain.errors import FatalError, FencedError, RetryableError
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import DeadLetterRow, ScoreFilter, ScoreRow
from plimsoll.settings.store import StoreSettings
from tests.contracts.rows import D0, P0, P1, batch, dead, key, score

VISIBLE = """
    SELECT tenant, result_id, score_id, revision, input_digest, content_digest, topic,
        log_partition, log_offset, event_time_us, model, task_kind, verdict, point, lower,
        input_conflicts, first_digest, payload FROM visible ORDER BY tenant, result_id
"""
EVENTS = """
    SELECT v.tenant, v.result_id, e.score_id, e.revision, e.input_digest FROM events e
        JOIN visible v ON v.id = e.visible_id ORDER BY 1, 2, 3
"""
LETTERS = """
    SELECT source_topic, source_partition, source_offset, source_index, topic, log_partition,
        log_offset, reason, detail, attempts, event_time_us, tenant, result_id FROM dead_letters
        ORDER BY 1, 2, 3, 4
"""
OFFSETS = "SELECT topic, log_partition, next_offset FROM offsets ORDER BY 1, 2"
TALLIES = "SELECT name, value FROM tallies WHERE name <> 'sequence' ORDER BY 1"
LOGICAL = (VISIBLE, EVENTS, LETTERS, OFFSETS, TALLIES)


def dump(path: Path) -> list[list[tuple[object, ...]]]:
    """Everything that the store says, without the order in which it learned it."""
    with closing(sqlite3.connect(path)) as connection:
        return [connection.execute(statement).fetchall() for statement in LOGICAL]


async def open_store(path: Path, busy_timeout_ms: int = 120_000) -> SqliteScoreStore:
    """A started store."""
    store = SqliteScoreStore(StoreSettings(path=path, busy_timeout_ms=busy_timeout_ms))
    await store.start()
    return store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteScoreStore]:
    """A store that has claimed its partitions."""
    store = await open_store(tmp_path / "store.db")
    await store.claim([P0, P1, D0])
    yield store
    await store.close()


def history(seed: int, events: int) -> list[ScoreRow | DeadLetterRow]:
    """Events of few keys with rescores, conflicts, duplicates and dead letters."""
    draw = random.Random(seed)
    rows: list[ScoreRow | DeadLetterRow] = []
    ends: dict[TopicPartition, int] = {P0: 0, P1: 0, D0: 0}
    for _ in range(events):
        name = draw.randrange(12)
        if draw.random() < 0.2:
            rows.append(dead(ends[D0], source=draw.randrange(9), of=key(f"r{name}")))
            ends[D0] += 1
            continue
        tp = (P0, P1)[name % 2]
        rows.append(
            score(
                f"r{name}",
                ends[tp],
                partition=tp.partition,
                revision=draw.choice((0, 0, 0, 5, 9)),
                digest=draw.choice(("d0", "d1", "d2")),
            )
        )
        ends[tp] += draw.choice((1, 1, 3))
    return rows


async def replay(path: Path, rows: list[ScoreRow | DeadLetterRow], size: int) -> None:
    """Writes a history in batches of a size, going back to an earlier batch now and then."""
    store = await open_store(path)
    await store.claim([P0, P1, D0])
    for start in range(0, len(rows), size):
        await store.write(batch(*rows[start : start + size]))
        await store.write(batch(*rows[max(0, start - size) : start + 1]))
    await store.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_rebuild_gives_the_same_rows(tmp_path: Path, seed: int) -> None:
    """From offset 0 into a new file, in other batches and another order of partitions: equal."""
    rows = history(seed, 200)
    by_partition = sorted(rows, key=lambda row: (row.position.topic, row.position.partition))
    await replay(tmp_path / "one.db", rows, 7)
    await replay(tmp_path / "two.db", by_partition, 50)
    assert dump(tmp_path / "one.db") == dump(tmp_path / "two.db")


async def test_a_reset_fences_and_starts_over(store: SqliteScoreStore, tmp_path: Path) -> None:
    """After a reset nothing is there, the former writer is fenced, and a claim starts at 0."""
    await store.write(batch(score("a", 5), dead(3, source=1)))
    other = await open_store(tmp_path / "store.db")
    await other.reset()
    assert await store.get([key("a")]) == {}
    assert set((await store.counts()).values()) == {0}
    with pytest.raises(FencedError):
        await store.write(batch(score("a", 6)))
    assert await store.claim([P0, D0]) == {P0: 0, D0: 0}
    await other.close()


def killed_writer(path: Path, after_s: float) -> int:
    """Lets a process write until it is killed; gives the last offset that it saw answered."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.unit.adapters.sqlite.writer", str(path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[4],
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(after_s)
        process.kill()
        lines = [first, *process.stdout.readlines()]
    return int([line for line in lines if line.endswith(b"\n")][-1])


async def test_kills_leave_it_whole(tmp_path: Path) -> None:
    """Ten SIGKILLs among batches: the file is sound, each batch is whole, answers are kept."""
    path, draw = tmp_path / "store.db", random.Random(7)
    for _ in range(10):
        answered = await asyncio.to_thread(killed_writer, path, draw.uniform(0.0, 0.1))
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        store = await open_store(path)
        at = (await store.next_offsets())[P0]
        counts = await store.counts()
        await store.close()
        assert at >= answered
        assert at % 20 == 0
        assert (counts["events"], counts["dead"]) == (at, at)
        assert (counts["visible"], counts["duplicates"]) == (at * 3 // 4, at // 4)


async def test_a_full_disk_writes_nothing_and_passes(store: SqliteScoreStore) -> None:
    """RetryableError while there is no room; half a batch is never there; later it goes on."""
    await store.write(batch(score("a", 0)))
    writer = store._connections._writer
    assert writer is not None
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    big = batch(*(score(f"b{n}", 1 + n, payload=b"x" * 9_000) for n in range(20)))
    with pytest.raises(RetryableError, match="no room"):
        await store.write(big)
    assert await store.next_offsets() == {P0: 1, P1: 0, D0: 0}
    assert (await store.counts())["visible"] == 1
    writer.execute("PRAGMA max_page_count = 1000000")
    assert await store.write(big) == 20


async def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    """FatalError that names the file and says how to rebuild it."""
    path = tmp_path / "store.db"
    path.write_bytes(b"not a database at all" * 300)
    with pytest.raises(FatalError, match=r"store\.db is not a store: .*--rebuild"):
        await open_store(path)


async def test_a_damaged_file(tmp_path: Path) -> None:
    """Garbage in the middle of the file is found when it is read, and is fatal."""
    path = tmp_path / "store.db"
    store = await open_store(path)
    await store.claim([P0])
    await store.write(batch(*(score(f"r{n}", n, payload=b"x" * 3_000) for n in range(200))))
    await store.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))

    async def read_all() -> None:
        damaged = await open_store(path)
        try:
            await damaged.list(ScoreFilter(), 1000, "")
        finally:
            await damaged.close()

    with pytest.raises(FatalError, match="--rebuild"):
        await read_all()


async def test_a_schema_of_another_version(tmp_path: Path) -> None:
    """A file of a newer program is left alone."""
    path = tmp_path / "store.db"
    await (await open_store(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
    with pytest.raises(FatalError, match="schema version 3"):
        await open_store(path)


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A path below a file is fatal, and says which."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FatalError, match="file"):
        await open_store(tmp_path / "file" / "store.db")


async def test_a_locked_file_is_waited_for_in_vain(tmp_path: Path) -> None:
    """Another process's lock that outlasts the timeout is retryable; readers go on meanwhile."""
    store = await open_store(tmp_path / "store.db", busy_timeout_ms=200)
    await store.claim([P0])
    await store.write(batch(score("a", 0)))
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RetryableError, match="locked"):
            await store.write(batch(score("b", 1)))
        assert set(await store.get([key("a")])) == {key("a")}
        other.execute("ROLLBACK")
    assert await store.write(batch(score("b", 1))) == 1
    await store.close()


async def test_a_file_that_was_replaced(store: SqliteScoreStore, tmp_path: Path) -> None:
    """Whoever looks into a file that is no longer at its path learns so."""
    (tmp_path / "store.db").rename(tmp_path / "old.db")
    with pytest.raises(FatalError, match="gone"):
        await store.check()
    (tmp_path / "store.db").write_bytes(b"")
    with pytest.raises(FatalError, match="replaced"):
        await store.check()


async def test_two_processes_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Whoever comes second finds the tables; nobody fails."""
    stores = await asyncio.gather(*(open_store(tmp_path / "store.db") for _ in range(5)))
    for store in stores:
        await store.check()
        await store.close()


async def test_the_log_of_writes_stays_bounded(store: SqliteScoreStore, tmp_path: Path) -> None:
    """A reader that sits in a transaction lets the log grow; once it is gone, the log is cut."""
    store._connections._log = WriteAheadLog(tmp_path / "store.db", 1_000_000, pause_commits=20)
    wal = tmp_path / "store.db-wal"
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM visible").fetchone()
        for n in range(100):
            await store.write(batch(score(f"r{n}", n, payload=b"x" * 30_000)))
        assert wal.stat().st_size > 3_000_000
        reader.execute("ROLLBACK")
    for n in range(100, 122):
        await store.write(batch(score(f"r{n}", n, payload=b"x" * 30_000)))
    assert wal.stat().st_size < 1_000_000


async def test_a_page_ends_early_rather_than_fill_memory(store: SqliteScoreStore) -> None:
    """Pages of large rows hold about 3 MiB and go on by token."""
    await store.write(batch(*(score(f"r{n}", n, payload=b"x" * 500_000) for n in range(10))))
    page, token = await store.list(ScoreFilter(), 1000, "")
    assert 5 <= len(page) <= 7
    rest, end = await store.list(ScoreFilter(), 1000, token)
    assert (len(page) + len(rest), end) == (10, "")


async def test_closing_before_starting() -> None:
    """A store that was never opened closes, and says that it is not open."""
    store = SqliteScoreStore(StoreSettings(path=Path("/nowhere/store.db")))
    with pytest.raises(RetryableError, match="not open"):
        await store.get([key("a")])
    await store.close()


async def test_a_backup_of_a_file_in_use(store: SqliteScoreStore, tmp_path: Path) -> None:
    """A copy made while the store is written holds what was committed, and goes on from there."""
    rows = history(3, 60)
    await store.write(batch(*rows[:40]))
    copy = tmp_path / "copy.db"
    with (
        closing(sqlite3.connect(tmp_path / "store.db")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    assert dump(copy) == dump(tmp_path / "store.db")
    restored = await open_store(copy)
    await restored.claim([P0, P1, D0])
    await restored.write(batch(*rows))
    await store.write(batch(*rows))
    await restored.close()
    assert dump(copy) == dump(tmp_path / "store.db")
