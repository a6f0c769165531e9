"""What is erased for good: by result, by subject, by tenant, and how that is remembered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.identity import ResultKey

_SCOPE_BYTES = 16
_PERSON = b"plimsoll.erased"


class Erased(StrEnum):
    """What an order to erase goes by."""

    RESULT = "result"
    SUBJECT = "subject"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Erasure:
    """An order: all that a tenant's result asked, or those about a subject, or all of a tenant.

    `id` is the result's or the subject's, and empty for a tenant; ValueError where it is not so.
    """

    tenant: str
    by: Erased
    id: str = ""

    def __post_init__(self) -> None:
        """Nobody loses everything for want of an ID."""
        if (self.by is Erased.TENANT) == bool(self.id):
            raise ValueError(f"an erasure by {self.by} has {'no' if self.id else 'an'} ID")

    @property
    def scope(self) -> Scope:
        """What it reaches, without a subject's ID."""
        named = self.id if self.by is Erased.RESULT else ""
        return Scope(self.tenant, self.by, scope_digest(self.by, self.tenant, self.id), named)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is erased, a subject by its digest alone; `result_id` only where it goes by result."""

    tenant: str
    by: Erased
    digest: bytes
    result_id: str = ""


def scope_digest(by: Erased, tenant: str, name: str) -> bytes:
    """16 bytes of BLAKE2b over kind, tenant and ID: what is kept of a subject, and of tombstones.

    Whoever guesses an ID can tell that it was erased; whoever has only the digest learns no ID.
    """
    text = f"{by.value}\x1f{tenant}\x1f{name}"
    return hashlib.blake2b(text.encode(), digest_size=_SCOPE_BYTES, person=_PERSON).digest()


def subject_digest(tenant: str, subject_id: str) -> bytes:
    """A subject in 16 bytes; nobody is no bytes."""
    return scope_digest(Erased.SUBJECT, tenant, subject_id) if subject_id else b""


def result_digest(key: ResultKey) -> bytes:
    """A result in 16 bytes."""
    return scope_digest(Erased.RESULT, key.tenant, key.result_id)


def tenant_digest(tenant: str) -> bytes:
    """A tenant in 16 bytes."""
    return scope_digest(Erased.TENANT, tenant, "")
