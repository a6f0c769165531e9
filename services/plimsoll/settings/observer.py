"""How quality is observed."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ObserverSettings(BaseModel):
    """Windows and where their state lives."""

    app_id: str = Field(
        "plimsoll-observer", description="faust application, group and changelog prefix."
    )
    window_s: int = Field(60, ge=1, description="Length of a window.")
    grace_s: int = Field(
        600, ge=0, description="How long after its end a window still takes results."
    )
    publish_interval_ms: int = Field(1_000, ge=50, description="How often changed windows go out.")
    save_interval_ms: int = Field(
        100, ge=10, description="How long results are gathered before the state is written."
    )
    max_models: int = Field(
        1_000,
        ge=1,
        description="Tenants, models and task kinds told apart in a window and partition; "
        "further models are counted as one.",
    )
    recover: bool = Field(
        True,
        description="Go on from the saved state; off on the embedded broker, where every start "
        "counts the whole topic afresh.",
    )
    replication: int = Field(
        1, ge=1, description="Replicas of the changelog topic that the observer creates."
    )
    drain_timeout_s: float = Field(
        8.0, gt=0, description="How long SIGTERM waits for what is gathered to be written."
    )
    telemetry_port: int = Field(0, ge=0, le=65_535, description="Prometheus port; 0 serves none.")
