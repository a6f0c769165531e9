"""How the indexer projects."""

from __future__ import annotations

from pydantic import BaseModel, Field


class IndexerSettings(BaseModel):
    """Batching of the projection."""

    group_id: str = Field(
        "plimsoll-indexer", description="Consumer group; offsets live in the store."
    )
    batch_records: int = Field(500, ge=1, description="Records written in one transaction at most.")
    poll_timeout_ms: int = Field(50, ge=1, description="How long a poll waits for records.")
    telemetry_port: int = Field(0, ge=0, le=65_535, description="Prometheus port; 0 serves none.")
