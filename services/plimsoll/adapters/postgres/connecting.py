"""How a database is named, and what every connection to it is told first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr

from plimsoll.adapters.postgres.errors import PasswordFileError
from plimsoll.adapters.postgres.prepared import Connection
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.postgres import PostgresSettings

_SCHEMES = ("postgresql", "postgres")
# A server that is gone without a word is noticed by these, not by the system's two hours.
_KEEPALIVE = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is; `shown` names it without a password, `setting` is where it is set."""

    dsn: SecretStr
    shown: str
    setting: str
    password_file: Path | None
    tokens: Callable[[], Awaitable[str]] | None = None

    @property
    def renews_password(self) -> bool:
        """Whether each new connection has a password of its own: what a file holds, or a token."""
        return self.tokens is not None or self.password_file is not None

    async def password(self) -> str:
        """A token that was signed now, or what the password file holds now."""
        if self.tokens is not None:
            return await self.tokens()
        if self.password_file is None:
            return ""
        try:
            text = await asyncio.to_thread(self.password_file.read_text, encoding="utf-8")
        except OSError as error:
            raise PasswordFileError(
                f"password_file {self.password_file} of {self.setting} cannot be read:"
                f" {error.strerror}"
            ) from error
        return text.rstrip("\r\n")


def address(dsn: SecretStr, setting: str, password_file: Path | None) -> Address:
    """The address of a DSN; ConfigurationError names the setting and never the DSN."""
    text = dsn.get_secret_value()
    if not text:
        raise ConfigurationError(f"{setting} is empty: name a database, as postgresql://host/name")
    try:
        parts = urlsplit(text)
        hosts = parts.netloc.rpartition("@")[2]
    except ValueError:
        parts, hosts = urlsplit(""), ""
    if parts.scheme not in _SCHEMES:
        raise ConfigurationError(f"{setting} is no postgresql:// URL: correct it")
    return Address(dsn, f"{hosts or 'localhost'}{parts.path}", setting, password_file)


async def connect(
    where: Address, settings: PostgresSettings, schema: str, application: str
) -> Connection:
    """One connection with its limits. Raises what the driver raises."""
    opened: Connection = await asyncpg.connect(**arguments(where, settings, schema, application))
    return opened


def arguments(
    where: Address, settings: PostgresSettings, schema: str, application: str
) -> dict[str, Any]:
    """What the driver is given for each connection."""
    limit_ms = str(settings.statement_timeout_ms)
    password: dict[str, Callable[[], Coroutine[Any, Any, str]]] = {}
    if where.renews_password:
        password = {"password": where.password}
    return {
        "connection_class": Connection,
        "dsn": where.dsn.get_secret_value(),
        "timeout": settings.connect_timeout_s,
        # A server that is stopped or cut off answers nothing: the client has a limit of its own.
        "command_timeout": settings.statement_timeout_ms / 1_000 + 1.0,
        "server_settings": {
            "application_name": application,
            "search_path": schema,
            # What waits for a lock has to see, in its next statement, what was done under it: an
            # erasure and a key that is made at the same moment. A server's own default may differ.
            "default_transaction_isolation": "read committed",
            "statement_timeout": limit_ms,
            "lock_timeout": limit_ms,
            # A writer that was stopped in the middle must not hold its partitions for ever.
            "idle_in_transaction_session_timeout": limit_ms,
            "timezone": "UTC",
            **_KEEPALIVE,
        },
        **password,
    }
