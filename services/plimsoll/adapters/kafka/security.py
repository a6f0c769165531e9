"""TLS, SASL and MSK IAM as arguments of aiokafka's clients."""

from __future__ import annotations

import asyncio
import importlib
import ssl
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from plimsoll.adapters.kafka.rotation import FilePassword, renewed_context
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.kafka import KafkaSettings, SaslMechanism, SecurityProtocol

_TLS = (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)
_SASL = (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)


class MskIamTokens(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka ships no types
    """Signs a token of the process's AWS credentials for each connection, off the event loop."""

    def __init__(self, region: str) -> None:
        self._region = region
        try:
            self._signer = importlib.import_module("aws_msk_iam_sasl_signer.MSKAuthTokenProvider")
            aws = importlib.import_module("botocore.exceptions")
        except ImportError as error:
            raise ConfigurationError(
                "kafka.sasl_mechanism AWS_MSK_IAM needs the extra `msk`: install "
                "plimsoll-confidence[msk]"
            ) from error
        self._errors: tuple[type[Exception], ...] = (
            aws.BotoCoreError,
            aws.ClientError,
            ValueError,
            # What the signer (1.0.2) raises where a process has no credentials at all.
            AttributeError,
        )

    async def token(self) -> str:
        """A signed token; it is asked for anew whenever a session is renewed."""
        try:
            # The signer reads files and may call the instance's metadata service.
            token, _expiry_ms = await asyncio.to_thread(
                self._signer.generate_auth_token, self._region
            )
        except self._errors as error:
            # Credentials come and go with roles and metadata services: worth another try.
            raise KafkaConnectionError(
                f"no token for MSK IAM in {self._region}: {type(error).__name__}: {error}"
            ) from error
        return str(token)


def security_arguments(settings: KafkaSettings) -> dict[str, Any]:
    """Keyword arguments of aiokafka's clients; ConfigurationError says which setting is wrong."""
    arguments: dict[str, Any] = {"security_protocol": settings.security_protocol.value}
    if settings.security_protocol in _TLS:
        arguments["ssl_context"] = _ssl_context(settings)
    if settings.security_protocol in _SASL:
        arguments |= _sasl(settings)
    return arguments


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    try:
        return renewed_context(settings.ssl_cafile, settings.ssl_certfile, settings.ssl_keyfile)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            "kafka.ssl_cafile, kafka.ssl_certfile or kafka.ssl_keyfile cannot be read as PEM: "
            f"{error}"
        ) from error


def _sasl(settings: KafkaSettings) -> dict[str, Any]:
    mechanism = settings.sasl_mechanism
    if mechanism is None:
        raise ConfigurationError(
            f"kafka.security_protocol {settings.security_protocol.value} needs kafka.sasl_mechanism"
        )
    if mechanism is SaslMechanism.AWS_MSK_IAM:
        if not settings.aws_region:
            raise ConfigurationError("kafka.sasl_mechanism AWS_MSK_IAM needs kafka.aws_region")
        return {
            "sasl_mechanism": "OAUTHBEARER",
            "sasl_oauth_token_provider": MskIamTokens(settings.aws_region),
        }
    if not settings.sasl_username:
        raise ConfigurationError(
            f"kafka.sasl_mechanism {mechanism.value} needs kafka.sasl_username and "
            "kafka.sasl_password"
        )
    return {
        "sasl_mechanism": mechanism.value,
        "sasl_plain_username": settings.sasl_username,
        "sasl_plain_password": _password(settings),
    }


def _password(settings: KafkaSettings) -> str:
    """The password; ConfigurationError where its file cannot be read."""
    if settings.sasl_password_file is None:
        return settings.sasl_password.get_secret_value()
    try:
        return FilePassword(settings.sasl_password_file)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"kafka.sasl_password_file: {settings.sasl_password_file} cannot be read: "
            f"{type(error).__name__}"
        ) from error
