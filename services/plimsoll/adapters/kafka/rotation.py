"""Credentials in files that may change while clients use them: a new connection shows the newest.

aiokafka takes a password and an SSL context once, when a client is built, and uses them for every
connection that it opens later. A connection that stands is left alone: brokers do not end it.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Self

import structlog
from aiokafka.helpers import create_ssl_context

_log = structlog.get_logger(__name__)

State = tuple[tuple[int, int, int], ...]


class FilePassword(str):
    """A password for SCRAM that is read from its file whenever it is made into bytes.

    As text it is what stood in the file when it was built.
    """

    __slots__ = ("_path",)
    _path: Path

    def __new__(cls, path: Path) -> Self:
        """Reads the file; OSError or UnicodeDecodeError where that fails."""
        made = super().__new__(cls, _read(path))
        made._path = path
        return made

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """What the file holds now; where it cannot be read, what it held at first."""
        try:
            return _read(self._path).encode(encoding, errors)
        except (OSError, UnicodeDecodeError) as error:
            _log.warning("kafka.password.unreadable", error=type(error).__name__)
            return super().encode(encoding, errors)


class _Renewed(ssl.SSLContext):
    """Hands each connection to a context that was built of the files as they are now."""

    def follow(self, paths: tuple[Path | None, Path | None, Path | None]) -> None:
        """Reads them; OSError or ssl.SSLError where that fails."""
        self._paths = paths
        self._seen = _state(paths)
        self._newest = self._build()

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - as the standard library has it
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """As of the newest context; asyncio calls it for each connection."""
        try:
            state = _state(self._paths)
            if state != self._seen:
                self._newest = self._build()
                self._seen = state
                _log.info("kafka.certificate.renewed")
        except (OSError, ssl.SSLError) as error:
            # Files are replaced one after the other: the next connection looks again.
            _log.warning("kafka.certificate.unreadable", error=type(error).__name__)
        return self._newest.wrap_bio(incoming, outgoing, server_side, server_hostname, session)

    def _build(self) -> ssl.SSLContext:
        cafile, certfile, keyfile = self._paths
        context: ssl.SSLContext = create_ssl_context(
            cafile=cafile, certfile=certfile, keyfile=keyfile
        )
        return context


def renewed_context(
    cafile: Path | None, certfile: Path | None, keyfile: Path | None
) -> ssl.SSLContext:
    """A context that looks at its files before each connection and keeps the last good ones.

    OSError or ssl.SSLError where they cannot be read now.
    """
    context = _Renewed(ssl.PROTOCOL_TLS_CLIENT)
    context.follow((cafile, certfile, keyfile))
    return context


def _state(paths: tuple[Path | None, ...]) -> State:
    stats = [path.stat() for path in paths if path is not None]
    return tuple((one.st_mtime_ns, one.st_ino, one.st_size) for one in stats)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip("\r\n")
