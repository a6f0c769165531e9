"""What a client shows and trusts: TLS, and a bearer token that is read anew for each call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import grpc

from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.access import is_loopback
from plimsoll.settings.sdk import SdkSettings

_MAX_TOKEN_BYTES = 16 * 1024

Metadata = tuple[tuple[str, str], ...]


def client_credentials(sdk: SdkSettings) -> grpc.ChannelCredentials | None:
    """What a channel is opened with; None where the settings ask for no TLS."""
    if not sdk.tls:
        return None
    return grpc.ssl_channel_credentials(
        root_certificates=_read(sdk.tls_cafile, "sdk.tls_cafile"),
        private_key=_read(sdk.tls_keyfile, "sdk.tls_keyfile"),
        certificate_chain=_read(sdk.tls_certfile, "sdk.tls_certfile"),
    )


def call_metadata(sdk: SdkSettings, target: str) -> Callable[[], Metadata]:
    """What each call to `target` carries.

    ConfigurationError where a token would go to another machine in plain text, and, from the call,
    where its file cannot be read.
    """
    token, file = sdk.token.get_secret_value(), sdk.token_file
    if not token and file is None:
        return tuple
    if not (sdk.tls or sdk.token_in_plain_text or is_loopback(target.rpartition(":")[0])):
        raise ConfigurationError(
            f"sdk.token would go to {target} in plain text: set sdk.tls, or "
            "sdk.token_in_plain_text where something else encrypts"
        )
    if file is None:
        return lambda: _bearer(token)
    return lambda: _bearer(_token(file))


def _bearer(token: str) -> Metadata:
    return (("authorization", f"Bearer {token}"),)


def _token(file: Path) -> str:
    found = _read(file, "sdk.token_file") or b""
    if len(found) > _MAX_TOKEN_BYTES:
        raise ConfigurationError(f"sdk.token_file: {file} is longer than {_MAX_TOKEN_BYTES} bytes")
    try:
        return found.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"sdk.token_file: {file} holds no token") from error


def _read(path: Path | None, setting: str) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{setting}: {path}: {error.strerror}") from error
