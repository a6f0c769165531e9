"""How a client in another service reaches Plimsoll."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator


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
    tls: bool = Field(False, description="Speak TLS to the query service.")
    tls_cafile: Path | None = Field(
        None, description="CA certificates (PEM); the system's where empty."
    )
    tls_certfile: Path | None = Field(None, description="Client certificate (PEM) for mutual TLS.")
    tls_keyfile: Path | None = Field(None, description="Its key (PEM).")
    token: SecretStr = Field(
        SecretStr(""), description="Bearer token for the query service; empty sends none."
    )
    token_file: Path | None = Field(
        None, description="A file with the token, read again for every call as it is renewed."
    )
    token_in_plain_text: bool = Field(
        False,
        description="Send the token without TLS to another machine, as where a mesh encrypts.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.token.get_secret_value() and self.token_file is not None:
            raise ValueError("token and token_file are both set: set one")
        if (self.tls_certfile is None) != (self.tls_keyfile is None):
            raise ValueError("tls_certfile and tls_keyfile go together: set both or neither")
        return self
