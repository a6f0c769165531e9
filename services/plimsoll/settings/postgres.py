"""How a PostgreSQL database is reached, and how long anybody waits for it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr

_SCHEMA_NAME = r"^[a-z_][a-z0-9_]{0,62}$"


class StoreKind(StrEnum):
    """An embedded file for one machine, or a server for several."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


class PartitionSpan(StrEnum):
    """How much time one partition of the scores holds."""

    DAY = "day"
    MONTH = "month"


class PostgresSettings(BaseModel):
    """A database, a schema in it, and limits on every wait."""

    dsn: SecretStr = Field(
        SecretStr(""),
        description="postgresql://user@host:5432/database?sslmode=verify-full; a password in it is "
        "never shown.",
    )
    password_file: Path | None = Field(
        None, description="Read for each new connection, so that a rotated password is found."
    )
    aws_iam_region: str = Field(
        "",
        description="Region of a database on Aurora or RDS: a token signed with the process's AWS "
        "credentials is the password of each new connection; needs sslmode=verify-full.",
    )
    pool_size: int = Field(8, ge=2, le=200, description="Connections of this process at most.")
    connect_timeout_s: float = Field(5.0, gt=0, description="For a new or a free connection.")
    statement_timeout_ms: int = Field(
        10_000, ge=100, description="The server gives up a statement, or a silent transaction."
    )


class ScorePostgresSettings(PostgresSettings):
    """The database of visible scores; `plimsoll migrate` makes its tables."""

    read_dsn: SecretStr = Field(
        SecretStr(""),
        description="A replica that the query service reads; empty reads where the indexer writes.",
    )
    schema_name: str = Field("plimsoll", pattern=_SCHEMA_NAME, description="Where tables stand.")
    partition: PartitionSpan = Field(
        PartitionSpan.MONTH, description="Scores are partitioned by the time of their results."
    )
    partitions_ahead: int = Field(
        3, ge=1, le=100, description="Partitions that are made before they are needed."
    )
    retention_days: int = Field(
        0,
        ge=0,
        description="Partitions whose results are all older are dropped; 0 keeps everything.",
    )


class JudgePostgresSettings(PostgresSettings):
    """The database of what judges said and cost: nothing can rebuild it."""

    schema_name: str = Field(
        "plimsoll_judges", pattern=_SCHEMA_NAME, description="Where tables stand."
    )


class KeyPostgresSettings(PostgresSettings):
    """The database of wrapped keys of evidence: nothing can rebuild it."""

    schema_name: str = Field(
        "plimsoll_keys", pattern=_SCHEMA_NAME, description="Where tables stand."
    )
