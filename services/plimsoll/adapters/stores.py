"""Opens the stores that the settings choose."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.adapters.sqlite.key_store import SqliteKeyStore
from plimsoll.adapters.sqlite.store import SqliteScoreStore
from plimsoll.domain.errors import ConfigurationError
from plimsoll.ports.clock import Clock
from plimsoll.ports.evidence_keys import EvidenceKeyStore
from plimsoll.ports.judge_store import JudgeStore
from plimsoll.ports.store import ScoreStore
from plimsoll.settings.evidence import EvidenceSettings
from plimsoll.settings.judges import JudgeSettings
from plimsoll.settings.postgres import StoreKind
from plimsoll.settings.store import StoreSettings

NEEDS = "it needs the extra `postgres`: install plimsoll-confidence[server,postgres]"


class RebuildableStore(ScoreStore, Protocol):
    """A score store that can be emptied."""

    async def reset(self) -> None:
        """Empties the store and fences whoever writes to it; offsets start at 0 again."""


def store_to_write(settings: StoreSettings, clock: Clock) -> RebuildableStore:
    """The indexer's store, not started yet; it reads what it has written.

    ConfigurationError where a DSN cannot be used, or the extra is not installed.
    """
    # A replica may be behind what the indexer has just written.
    alone = settings.postgres.model_copy(update={"read_dsn": SecretStr("")})
    return store_to_read(settings.model_copy(update={"postgres": alone}), clock)


def store_to_read(settings: StoreSettings, clock: Clock) -> RebuildableStore:
    """The store for look-ups, not started yet; from a replica where one is named."""
    if settings.kind is StoreKind.SQLITE:
        return SqliteScoreStore(settings)
    try:
        from plimsoll.adapters.postgres.store import PostgresScoreStore  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(f"store.kind postgres: {NEEDS}") from error
    return PostgresScoreStore(settings.postgres, clock)


def judge_store(settings: JudgeSettings, clock: Clock) -> JudgeStore:
    """What judges said and cost, not started yet; ConfigurationError as for scores."""
    if settings.store.kind is StoreKind.SQLITE:
        return SqliteJudgeStore(settings, clock)
    try:
        from plimsoll.adapters.postgres.judge_store import (  # noqa: PLC0415 - an extra
            PostgresJudgeStore,
        )
    except ImportError as error:
        raise ConfigurationError(f"judges.store.kind postgres: {NEEDS}") from error
    # Quotas go by the server's clock there, as machines differ.
    return PostgresJudgeStore(settings.store.postgres)


def key_store(settings: EvidenceSettings) -> EvidenceKeyStore:
    """Keys of evidence, not started yet; ConfigurationError as for scores."""
    if settings.store.kind is StoreKind.SQLITE:
        return SqliteKeyStore(settings)
    try:
        from plimsoll.adapters.postgres.key_store import PostgresKeyStore  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(f"evidence.store.kind postgres: {NEEDS}") from error
    return PostgresKeyStore(settings.store.postgres)


def name_of(settings: StoreSettings) -> str:
    """The store in a line, for people."""
    if settings.kind is StoreKind.SQLITE:
        return str(settings.path)
    return f"PostgreSQL, schema {settings.postgres.schema_name}"
