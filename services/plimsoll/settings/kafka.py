"""How to reach Kafka."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr


class SecurityProtocol(StrEnum):
    """As Kafka names them."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    """As Kafka names them; AWS_MSK_IAM signs tokens with the process's AWS credentials."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"
    AWS_MSK_IAM = "AWS_MSK_IAM"


class KafkaSettings(BaseModel):
    """Connection to the brokers."""

    bootstrap_servers: str = Field(
        "",
        description="host:port, comma-separated. Empty: `up` and `demo` bring a broker in memory.",
    )
    client_id: str = Field("plimsoll", description="Prefix of the client IDs that brokers log.")
    security_protocol: SecurityProtocol = Field(
        SecurityProtocol.PLAINTEXT, description="Transport."
    )
    sasl_mechanism: SaslMechanism | None = Field(None, description="Needed with SASL_* protocols.")
    sasl_username: str = Field("", description="For PLAIN and SCRAM.")
    sasl_password: SecretStr = Field(SecretStr(""), description="For PLAIN and SCRAM.")
    sasl_password_file: Path | None = Field(
        None,
        description="In place of sasl_password. With SCRAM read for each connection, so that a "
        "rotated password is found.",
    )
    ssl_cafile: Path | None = Field(
        None, description="CA certificates (PEM); the system's where empty."
    )
    ssl_certfile: Path | None = Field(
        None,
        description="Client certificate (PEM) for mutual TLS; with its key and ssl_cafile it is "
        "read again when it changes.",
    )
    ssl_keyfile: Path | None = Field(None, description="Its key (PEM).")
    aws_region: str = Field("", description="Region for AWS_MSK_IAM.")
    enable_idempotence: bool = Field(
        True,
        description="Idempotent producer; off only on the embedded broker, which has none.",
    )
    session_timeout_ms: int = Field(
        10_000, ge=1_000, description="A silent group member is out after this."
    )
    request_timeout_ms: int = Field(
        30_000, ge=1_000, description="Deadline of one request to a broker."
    )
    max_partition_fetch_bytes: int = Field(
        2 * 1024 * 1024, ge=64 * 1024, description="Per partition and fetch; bounds memory."
    )
