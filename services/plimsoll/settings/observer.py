"""How quality is observed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

ErrorRate = Annotated[float, Field(gt=0.0, lt=1.0)]


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
        "further models of a tenant are counted as one, and tenants beyond twice as many, too.",
    )
    recover: bool = Field(
        True,
        description="Go on from the saved state; off on the embedded broker, where every start "
        "counts the whole topic afresh.",
    )
    replication: int = Field(
        1, ge=1, description="Replicas of the changelog topic that the observer creates."
    )
    promises: list[ErrorRate] = Field(
        [0.05, 0.1, 0.2],
        max_length=10,
        description="Error rates that are promised where enough labels of an audit bear them out; "
        "none makes no promise.",
    )
    promise_failure: float = Field(
        0.1,
        gt=0.0,
        lt=1.0,
        description="Probability that a promise is made which does not hold, for each error rate "
        "of a tenant, task kind and basis.",
    )
    promise_days: int = Field(
        30,
        ge=1,
        le=3_650,
        description="How long a promise stands after the last label that watched it.",
    )
    drain_timeout_s: float = Field(
        8.0, gt=0, description="How long SIGTERM waits for what is gathered to be written."
    )
    telemetry_port: int = Field(0, ge=0, le=65_535, description="Prometheus port; 0 serves none.")
