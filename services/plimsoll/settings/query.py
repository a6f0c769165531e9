"""How look-ups are served."""

from __future__ import annotations

from pydantic import BaseModel, Field


class QuerySettings(BaseModel):
    """The gRPC endpoint and its bounds."""

    listen: str = Field("127.0.0.1:8086", description="host:port; port 0 takes a free one.")
    health_listen: str = Field(
        "", description="host:port for probes: gRPC health without TLS; empty serves none there."
    )
    max_wait_s: float = Field(60.0, gt=0, description="Longest wait that GetConfidence grants.")
    wait_poll_ms: int = Field(20, ge=1, description="How often waiting calls look at the store.")
    max_watchers: int = Field(256, ge=1, description="Open watch streams.")
    max_waiters: int = Field(2_048, ge=1, description="Calls that wait for a score at once.")
    watch_heartbeat_s: float = Field(
        5.0, gt=0, description="A watch stream without scores sends a sign of life so often."
    )
    drain_timeout_s: float = Field(5.0, gt=0, description="Grace for calls in flight at SIGTERM.")
    max_connection_age_s: float = Field(
        0.0,
        ge=0,
        description="A connection is closed after so long, once its calls are over, so that "
        "clients find new servers; 0 keeps it.",
    )
    reflection: bool | None = Field(
        None, description="Serve the reflection service; unset: only where access.mode is none."
    )
    telemetry_port: int = Field(0, ge=0, le=65_535, description="Prometheus port; 0 serves none.")
