"""Master keys from a file, read again when it changes."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

import structlog

from plimsoll.adapters.evidence.cipher import KEY_BYTES, SivKey
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.sealing import KeyName, WrappedKey

_log = structlog.get_logger(__name__)

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAX_FILE_BYTES = 65_536
_PURPOSE = b"plimsoll.evidence.key.1"


@dataclass(frozen=True, slots=True)
class Masters:
    """What a file holds; `first` wraps."""

    first: str
    keys: dict[str, SivKey]


class FileKeyRing:
    """A `KeyRing`; ConfigurationError where the file cannot be read or holds no keys.

    Once one was read, a file that has become unreadable leaves that in use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _state(path)
        self._masters = read_masters(path)

    @property
    def first(self) -> str:
        """The ID of the key that wraps."""
        return self._now().first

    def fresh(self, name: KeyName) -> WrappedKey:
        """A new random key, wrapped."""
        return _wrapped(self._now(), name, secrets.token_bytes(KEY_BYTES))

    def unwrap(self, name: KeyName, key: WrappedKey) -> SivKey | None:
        """The key itself; None where its master is not on the ring, or wrapped another name."""
        plain = _plain(self._now(), name, key)
        return None if plain is None else SivKey(plain)

    def rewrap(self, name: KeyName, key: WrappedKey) -> WrappedKey | None:
        """The same key under the first master; None as for `unwrap`."""
        masters = self._now()
        plain = _plain(masters, name, key)
        return None if plain is None else _wrapped(masters, name, plain)

    def _now(self) -> Masters:
        state = _state(self._path)
        if state != self._seen:
            # Noted first: a file that is wrong or gone is told of once, and not at each result.
            self._seen = state
            try:
                self._masters = read_masters(self._path)
            except ConfigurationError as error:
                _log.warning("evidence.keys.unreadable", error=str(error))
            else:
                _log.info("evidence.keys.changed", first=self._masters.first)
        return self._masters


def new_line(key_id: str) -> str:
    """A line of such a file with a new key; ConfigurationError where the ID is none."""
    if not _ID.fullmatch(key_id):
        raise ConfigurationError(f"{key_id!r} is not 1 to 64 letters, digits, '.', '_' and '-'")
    return f"{key_id} {base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def read_masters(path: Path) -> Masters:
    """The keys of a file, by ID; ConfigurationError says what is wrong, never a key."""
    try:
        with path.open("rb") as file:
            lines = file.read(_MAX_FILE_BYTES).decode("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"evidence.keys_file {path} cannot be read: {type(error).__name__}"
        ) from None
    keys: dict[str, SivKey] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        key_id, _, text = line.strip().partition(" ")
        key = _key(text)
        if not _ID.fullmatch(key_id) or key is None or key_id in keys:
            raise ConfigurationError(
                f"evidence.keys_file {path}, line {number}: not a new ID, a blank and"
                f" {KEY_BYTES} bytes in base64, as `plimsoll evidence new-key` writes"
            )
        keys[key_id] = key
    if not keys:
        raise ConfigurationError(
            f"evidence.keys_file {path} holds no key: add one with `plimsoll evidence new-key`"
        )
    return Masters(next(iter(keys)), keys)


def _key(text: str) -> SivKey | None:
    try:
        return SivKey(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None


def _wrapped(masters: Masters, name: KeyName, plain: bytes) -> WrappedKey:
    first = masters.first
    return WrappedKey(first, masters.keys[first].seal(plain, _bound(name, first)))


def _plain(masters: Masters, name: KeyName, key: WrappedKey) -> bytes | None:
    master = masters.keys.get(key.master)
    return None if master is None else master.open(key.wrapped, _bound(name, key.master))


def _bound(name: KeyName, master: str) -> tuple[bytes, ...]:
    return _PURPOSE, name.tenant.encode(), name.result, name.subject, master.encode()


def _state(path: Path) -> tuple[int, int, int] | None:
    """Changes when the file does; a mounted secret is swapped by a link, so the inode counts.

    None where there is no file to look at.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
