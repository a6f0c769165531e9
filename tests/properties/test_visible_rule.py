"""The visible rule of the store against its plainest form, whatever order events come in."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plimsoll.adapters.sqlite.store import SqliteScoreStore
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import Batch, ScoreFilter, ScoreRow, ScoreStore
from plimsoll.settings.store import StoreSettings
from tests.contracts.memory_store import Memory, MemoryScoreStore
from tests.contracts.postgres import fresh_scores
from tests.contracts.rows import P0, P1, batch, score
from tests.support.postgres import PostgresServer

KEYS = ("a", "b", "c")
REVISIONS = (0, 0, 0, 3, 8)
DIGESTS = ("d0", "d1")


@st.composite
def topics(draw: st.DrawFn) -> list[ScoreRow]:
    """Two partitions of a topic; a key may stand in both, as after a mistake."""
    rows = []
    for partition in (0, 1):
        kinds = st.tuples(
            st.sampled_from(KEYS), st.sampled_from(REVISIONS), st.sampled_from(DIGESTS)
        )
        for offset, (name, revision, digest) in enumerate(draw(st.lists(kinds, max_size=12))):
            rows.append(
                score(name, offset * 2, partition=partition, revision=revision, digest=digest)
            )
    return rows


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[ScoreRow], list[Batch]]:
    """A topic, and batches that bring it: partitions interleaved, rows shuffled, some twice."""
    rows = draw(topics())
    at = {P0: 0, P1: 0}
    batches = []
    while any(taken < len(of(rows, tp)) for tp, taken in at.items()):
        chosen: list[ScoreRow] = []
        for tp, taken in list(at.items()):
            size = draw(st.integers(0, 5))
            back = draw(st.integers(0, taken))
            chosen += of(rows, tp)[taken - back : taken + size]
            at[tp] = min(len(of(rows, tp)), taken + size)
        batches.append(batch(*draw(st.permutations(chosen))))
    return rows, batches


def of(rows: list[ScoreRow], tp: TopicPartition) -> list[ScoreRow]:
    """Rows of one partition."""
    return [row for row in rows if row.position.partition == tp.partition]


async def outcome(store: ScoreStore, batches: list[Batch]) -> object:
    """What a store says after these batches."""
    await store.start()
    await store.claim([P0, P1])
    for one in batches:
        await store.write(one)
    page, _ = await store.list(ScoreFilter(), 1000, "")
    counts = await store.counts()
    await store.close()
    return [(found.row, found.input_conflicts) for found in page], counts


@settings(max_examples=40, deadline=None)
@given(deliveries())
def test_any_delivery_ends_in_the_naive_model(given_: tuple[list[ScoreRow], list[Batch]]) -> None:
    """Order of partitions, bites, shuffling and repeats never change rows, conflicts or counts."""
    rows, batches = given_
    expected = asyncio.run(outcome(MemoryScoreStore(Memory()), [batch(*rows)] if rows else []))
    with tempfile.TemporaryDirectory() as directory:
        store = SqliteScoreStore(StoreSettings(path=Path(directory) / "store.db"))
        assert asyncio.run(outcome(store, batches)) == expected


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(given_=deliveries())
def test_a_server_ends_in_the_same(
    postgres: PostgresServer, given_: tuple[list[ScoreRow], list[Batch]]
) -> None:
    """What a file makes of any delivery, PostgreSQL makes of it too."""
    rows, batches = given_
    expected = asyncio.run(outcome(MemoryScoreStore(Memory()), [batch(*rows)] if rows else []))

    async def on_the_server() -> object:
        return await outcome((await fresh_scores(postgres))(), batches)

    assert asyncio.run(on_the_server()) == expected
