"""How the scorer consumes and how it stops."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class ScorerSettings(BaseModel):
    """Bounds, deadlines and habits of one scorer worker."""

    group_id: str = Field("plimsoll-scorer", description="Consumer group of all scorers.")
    plan_file: Path | None = Field(
        None, description="Scoring plan (YAML); empty runs every metric that has its inputs."
    )
    max_in_flight: int = Field(
        512, ge=1, description="Results in work at once, over all partitions."
    )
    max_in_flight_per_partition: int = Field(256, ge=1, description="Same, for one partition.")
    max_in_flight_bytes: int = Field(
        67_108_864,
        ge=65_536,
        description="Bytes of records in work at once; in memory they take up to seven times as "
        "much. A single record is begun however large it is.",
    )
    max_span: int = Field(
        5_000, ge=1, description="Offsets between the first unfinished and the newest taken record."
    )
    commit_interval_ms: int = Field(
        500, ge=10, description="How often finished offsets are committed."
    )
    drain_timeout_s: float = Field(
        8.0, gt=0, description="How long a revoke or SIGTERM waits for results in work."
    )
    max_record_bytes: int = Field(1_048_576, ge=1_024, description="Larger records are poison.")
    max_scored_bytes: int = Field(
        262_144, ge=4_096, description="A scored event's limit; evidence is trimmed to fit."
    )
    max_poison_run: int = Field(
        1_000, ge=1, description="So much poison in a row pauses its partition and raises an alarm."
    )
    poison_pause_s: float = Field(30.0, gt=0, description="How long such a partition stays paused.")
    compute_processes: int = Field(
        1,
        ge=0,
        description="Processes for metrics too long for the event loop; 0 runs none of them.",
    )
    group_instance_id: str = Field(
        "", description="Static membership; only where the identity is stable (a StatefulSet)."
    )
    allowed_tenants: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Source topic to tenants it may speak for; a topic not named speaks for all.",
    )
    schema_registry_framing: bool = Field(
        False, description="Records start with a schema registry's magic byte, ID and indexes."
    )
    default_type: str = Field(
        "plimsoll.v1.LlmResult", description="ce_type of results that carry no such header."
    )
    learned_wait_s: float = Field(
        10.0,
        ge=0,
        description="How long a scorer waits at its start for what was learned from labels; "
        "after that it scores by the prior until it can be read.",
    )
    telemetry_port: int = Field(0, ge=0, le=65_535, description="Prometheus port; 0 serves none.")
