"""Where visible scores are kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from plimsoll.settings.postgres import ScorePostgresSettings, StoreKind


class StoreSettings(BaseModel):
    """The store of the indexer and the query service."""

    kind: StoreKind = Field(
        StoreKind.SQLITE, description="A file for one machine, or a server for several."
    )
    path: Path = Field(
        Path("plimsoll.db"), description="SQLite file; it can be rebuilt from the topic."
    )
    busy_timeout_ms: int = Field(
        5_000, ge=0, description="How long a writer waits for the file's lock."
    )
    postgres: ScorePostgresSettings = Field(default_factory=ScorePostgresSettings)
