"""Stores on a fresh schema of the tests' server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.postgres.connecting import address
from plimsoll.adapters.postgres.migrating import migrate
from plimsoll.adapters.postgres.store import PostgresScoreStore
from plimsoll.settings.postgres import ScorePostgresSettings
from tests.support.postgres import PostgresServer, score_settings


async def migrated_scores(server: PostgresServer) -> ScorePostgresSettings:
    """Settings of an empty store in a schema of its own."""
    settings = score_settings(server, "postgres").model_copy(
        update={"schema_name": f"s{uuid4().hex[:12]}"}
    )
    where = address(settings.dsn, "store.postgres.dsn", None)
    await migrate(where, settings, "scores", settings.schema_name)
    return settings


async def fresh_scores(server: PostgresServer) -> Callable[[], PostgresScoreStore]:
    """Makes stores on one empty schema."""
    return partial(PostgresScoreStore, await migrated_scores(server), SystemClock())
