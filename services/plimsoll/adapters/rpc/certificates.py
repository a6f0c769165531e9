"""The service's certificate: read from files, and read again when these change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import grpc
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.access import AccessSettings

_log = structlog.get_logger(__name__)

Expires = Callable[[datetime], None]


def server_credentials(access: AccessSettings, expires: Expires) -> grpc.ServerCredentials | None:
    """What a port is opened with; None where the settings name no certificate.

    Before each handshake the files are looked at: a certificate that was renewed is shown to the
    next client, and one that cannot be read leaves the last one in use. `expires` is told when
    each ends. ConfigurationError where the first cannot be read.
    """
    if access.certfile is None or access.keyfile is None:
        return None
    files = _Files(access, expires)
    return grpc.dynamic_ssl_server_credentials(
        files.first(),
        files.renewed,  # type: ignore[arg-type]  # None is taken: nothing has changed
        require_client_authentication=access.client_cafile is not None,
    )


class _Files:
    def __init__(self, access: AccessSettings, expires: Expires) -> None:
        self._paths = {
            f"access.{name}": path
            for name in ("certfile", "keyfile", "client_cafile")
            if (path := getattr(access, name)) is not None
        }
        self._expires = expires
        self._seen: tuple[tuple[int, int, int], ...] = ()

    def first(self) -> grpc.ServerCertificateConfiguration:
        self._seen = self._state()
        return self._read()

    def renewed(self) -> grpc.ServerCertificateConfiguration | None:
        """Called by gRPC in a thread of its own; None goes on with what there is."""
        try:
            state = self._state()
            if state == self._seen:
                return None
            found = self._read()
        except (OSError, ConfigurationError) as error:
            _log.warning("query.certificate.unreadable", error=str(error))
            return None
        self._seen = state
        _log.info("query.certificate.renewed")
        return found

    def _state(self) -> tuple[tuple[int, int, int], ...]:
        try:
            stats = [path.stat() for path in self._paths.values()]
        except OSError as error:
            raise ConfigurationError(f"{error.filename}: {error.strerror}") from error
        return tuple((one.st_mtime_ns, one.st_ino, one.st_size) for one in stats)

    def _read(self) -> grpc.ServerCertificateConfiguration:
        found = {name: _read(path, name) for name, path in self._paths.items()}
        chain, key = found["access.certfile"], found["access.keyfile"]
        self._expires(_checked(chain, key))
        return grpc.ssl_server_certificate_configuration(
            [(key, chain)], root_certificates=found.get("access.client_cafile")
        )


def _checked(chain: bytes, key: bytes) -> datetime:
    """When the certificate ends; ConfigurationError where it and the key do not go together."""
    try:
        certificate = x509.load_pem_x509_certificates(chain)[0]
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            "access: certfile and keyfile have to be PEM, the key without a password"
        ) from error
    if private.public_key() != certificate.public_key():
        raise ConfigurationError("access: keyfile is not the key of certfile")
    return certificate.not_valid_after_utc.astimezone(UTC)


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{setting}: {path}: {error.strerror}") from error
