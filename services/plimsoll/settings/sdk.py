"""How a client in another service reaches Plimsoll."""

from __future__ import annotations

from pydantic import BaseModel, Field


class SdkSettings(BaseModel):
    """Deadlines and bounds of `plimsoll.sdk`."""

    query: str = Field("", description="host:port of the query service; query.listen where empty.")
    ack_timeout_s: float = Field(
        10.0, gt=0, description="How long publishing waits for the broker's acknowledgement."
    )
    max_unacknowledged: int = Field(
        256, ge=1, description="Results on their way to the broker at once."
    )
    lookup_timeout_s: float = Field(
        5.0, gt=0, description="Deadline of a look-up, besides the wait it asks for."
    )
    buffer_events: int = Field(
        256, ge=1, description="Scored events that a subscription holds for its reader."
    )
    remembered_keys: int = Field(
        100_000, ge=1, description="Keys whose visible score a subscription remembers."
    )
