"""Stores on a fresh schema of the tests' server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from pydantic import SecretStr

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.postgres.connecting import address
from plimsoll.adapters.postgres.judge_store import PostgresJudgeStore
from plimsoll.adapters.postgres.key_store import PostgresKeyStore
from plimsoll.adapters.postgres.migrating import migrate
from plimsoll.adapters.postgres.store import PostgresScoreStore
from plimsoll.ports.clock import Clock
from plimsoll.settings.postgres import (
    JudgePostgresSettings,
    KeyPostgresSettings,
    ScorePostgresSettings,
)
from tests.support.postgres import PATIENCE, PostgresServer, score_settings


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


async def migrated_judges(server: PostgresServer) -> JudgePostgresSettings:
    """Settings of an empty store of judges in a schema of its own."""
    settings = JudgePostgresSettings(
        dsn=SecretStr(server.dsn()), pool_size=4, schema_name=f"j{uuid4().hex[:12]}", **PATIENCE
    )
    where = address(settings.dsn, "judges.store.postgres.dsn", None)
    await migrate(where, settings, "judges", settings.schema_name)
    return settings


async def fresh_judges(server: PostgresServer, clock: Clock) -> Callable[[], PostgresJudgeStore]:
    """Makes stores of judges on one empty schema, by a clock that tests move."""
    return partial(PostgresJudgeStore, await migrated_judges(server), clock)


async def migrated_keys(server: PostgresServer) -> KeyPostgresSettings:
    """Settings of an empty store of keys in a schema of its own."""
    settings = KeyPostgresSettings(
        dsn=SecretStr(server.dsn()), pool_size=4, schema_name=f"k{uuid4().hex[:12]}", **PATIENCE
    )
    where = address(settings.dsn, "evidence.store.postgres.dsn", None)
    await migrate(where, settings, "keys", settings.schema_name)
    return settings


async def fresh_keys(server: PostgresServer) -> Callable[[], PostgresKeyStore]:
    """Makes stores of keys on one empty schema."""
    return partial(PostgresKeyStore, await migrated_keys(server))
