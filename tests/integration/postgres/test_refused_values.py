"""What one look-up brings and PostgreSQL does not take."""

from __future__ import annotations

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.postgres.store import PostgresScoreStore
from plimsoll.domain.errors import DataRefusedError
from plimsoll.ports.store import ScoreFilter
from tests.contracts.postgres import migrated_scores
from tests.contracts.rows import D0, P0, batch, key, score
from tests.support.postgres import PostgresServer


async def test_a_value_that_the_server_refuses_ends_its_call_alone(
    postgres: PostgresServer,
) -> None:
    """Each kind of look-up says that it is the value, and the next one with another is answered."""
    store = PostgresScoreStore(await migrated_scores(postgres), SystemClock())
    await store.start()
    await store.claim([P0, D0])
    await store.write(batch(score("a", 0)))
    odd = [key("a"), key("a\x00b")]
    for asked in (store.get(odd), store.dead_letters(odd)):
        with pytest.raises(DataRefusedError, match="refuses a value"):
            await asked
    with pytest.raises(DataRefusedError, match="refuses a value"):
        await store.list(ScoreFilter(tenant="a\x00b"), 10, "")
    assert set(await store.get([key("a")])) == {key("a")}
    await store.close()
