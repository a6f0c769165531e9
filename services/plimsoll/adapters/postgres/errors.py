"""What each of PostgreSQL's faults means: wait, stop, or refuse one value."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from plimsoll.domain.errors import (
    ConfigurationError,
    DataRefusedError,
    FatalError,
    PlimsollError,
    RetryableError,
)

_SOON = timedelta(milliseconds=100)
_LATER = timedelta(seconds=1)


class ConnectionLostError(RetryableError):
    """The server went away: what only reads may be asked again at once."""


class PasswordFileError(ConfigurationError):
    """The file that holds the password cannot be read."""


# By SQLSTATE, or its class of two letters:
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_LOST = {
    "08": "lost its connection",
    "57P01": "is shutting down",
    "57P02": "crashed and is recovering",
    "57P03": "is starting up",
    "57P05": "closed an idle connection",
    "25P03": "gave up a silent transaction: this process was too slow",
}
_WAIT = {
    "53": ("has run out of a resource: look at its disk, memory and connections", _LATER),
    "40": ("met another transaction", _SOON),
    "55P03": ("could not have a lock in time", _SOON),
    "57014": ("gave up a statement: it took longer than its limit", _LATER),
    "23505": ("met another writer of the same row", _SOON),
    "25006": ("is read-only: it is a replica, or is being switched over", _LATER),
    "58": ("cannot read or write its files: look at its disk", _LATER),
}
_CONFIGURATION = {
    "28": "refuses this user: check the name, its password and pg_hba.conf",
    "3D000": "has no such database: create it, or correct the DSN",
    "42501": "does not let this user do so: grant it",
}
# Of one call alone, where it only reads.
_REFUSED = frozenset({"22"})
_STOP = {
    "22": "refuses a value",
    "3F000": "has no such schema: run `plimsoll migrate`",
    "42P01": "lacks a table: run `plimsoll migrate`",
    "42703": "lacks a column: run `plimsoll migrate`",
    "XX001": "is damaged: restore a backup, or rebuild it from the scores topic",
    "XX002": "is damaged: restore a backup, or rebuild it from the scores topic",
}


def classify(error: BaseException, where: str) -> PlimsollError:
    """The verdict on a fault of the driver or the server; `where` names it without a password."""
    if isinstance(error, asyncpg.PostgresError):
        return _by_code(error, where)
    if isinstance(error, TimeoutError):
        return RetryableError(f"database {where} did not answer in time", _SOON)
    if isinstance(error, OSError):
        # Its text names hosts and reasons, and nothing that is secret.
        return ConnectionLostError(f"database {where} cannot be reached: {error}", _SOON)
    if isinstance(error, asyncpg.ClientConfigurationError):
        return ConfigurationError(f"database {where}: the DSN cannot be used: correct it")
    lost = isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError)
    if lost and not isinstance(error, ValueError):
        return ConnectionLostError(f"database {where} lost its connection ({error})", _SOON)
    return FatalError(f"database {where} failed ({type(error).__name__})")


def classify_in_use(error: BaseException, where: str, *, renewed: bool) -> PlimsollError:
    """The same for a database that has taken this user before.

    A password that is `renewed`, read or signed for each connection, may have changed at the server
    a moment before it arrives here, or its file may be away while it is replaced: who has begun
    waits for it.
    """
    if isinstance(error, PasswordFileError):
        # Callers of look-ups are told this, too: the path is not for them.
        why = getattr(error.__cause__, "strerror", None) or "unknown"
        return RetryableError(f"database {where}: its password_file cannot be read: {why}", _LATER)
    found = classify(error, where)
    if renewed and isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return RetryableError(str(found), _LATER)
    return found


def _by_code(error: asyncpg.PostgresError, where: str) -> PlimsollError:
    code = str(error.sqlstate or "")
    said = f"({code} {type(error).__name__})"
    for known in (code, code[:2]):
        if known in _LOST:
            return ConnectionLostError(f"database {where} {_LOST[known]} {said}", _SOON)
        if known in _WAIT:
            what, delay = _WAIT[known]
            return RetryableError(f"database {where} {what} {said}", delay)
        if known in _CONFIGURATION:
            return ConfigurationError(f"database {where} {_CONFIGURATION[known]} {said}")
        if known in _STOP:
            kind = DataRefusedError if known in _REFUSED else FatalError
            return kind(f"database {where} {_STOP[known]} {said}")
    return FatalError(f"database {where} failed {said}")
