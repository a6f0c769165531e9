"""Keys of sealed evidence: a store that nothing can rebuild, and the ring that wraps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from plimsoll.domain.scopes import Scope
from plimsoll.domain.sealing import KeyName, WrappedKey


class EvidenceKeyStore(Protocol):
    """Wrapped keys by name, apart from the scores: back it up.

    Everything raises RetryableError or FatalError where the store cannot serve.
    """

    async def start(self) -> None:
        """Opens the store; FatalError where it can never serve."""

    async def keep(self, name: KeyName, fresh: WrappedKey) -> WrappedKey | None:
        """Keeps a key for good before it returns; gives the one that stands, None where erased.

        The first stands: of two scorers who seal the same result both go on with one key.
        """

    async def find(self, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
        """Keys that are there, and None for those that were erased; no entry was never one."""

    async def erase(self, erasure_id: str, scope: Scope) -> int:
        """Destroys every key of a scope, for good, and makes none for it again.

        Gives how many the order has destroyed, the same number each time. When this returns no
        file of the store holds them; backups are not its business. RetryableError where they may
        still be there: order it again.
        """

    async def wrapped_otherwise(
        self, master: str, after: KeyName | None, limit: int
    ) -> Sequence[tuple[KeyName, WrappedKey]]:
        """Up to `limit` keys, in the order of names after `after`, that another master wraps."""

    async def rewrap(self, name: KeyName, old: WrappedKey, new: WrappedKey) -> bool:
        """Puts one wrapping in another's place; False where the old one is not there any more."""

    async def close(self) -> None:
        """Waits for what is under way and releases everything; never raises."""


class DataKey(Protocol):
    """The key of one result's evidence; the same text under the same names gives the same bytes."""

    def seal(self, text: bytes, bound_to: Sequence[bytes]) -> bytes:
        """Encrypts and authenticates a text, which is not empty."""

    def open(self, sealed: bytes, bound_to: Sequence[bytes]) -> bytes | None:
        """The text; None where these bytes were not sealed so."""


class KeyRing(Protocol):
    """Master keys by ID; the first wraps, all unwrap."""

    @property
    def first(self) -> str:
        """The ID of the key that wraps."""

    def fresh(self, name: KeyName) -> WrappedKey:
        """A new random key, wrapped."""

    def unwrap(self, name: KeyName, key: WrappedKey) -> DataKey | None:
        """The key itself; None where its master is not on the ring, or wrapped another name."""

    def rewrap(self, name: KeyName, key: WrappedKey) -> WrappedKey | None:
        """The same key under the first master; None as for `unwrap`."""
