"""Sealed evidence: what its keys go by, how they are kept, and where evidence may be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scopes import result_digest, subject_digest


class EvidenceState(StrEnum):
    """Where the evidence of a scored event is; in the order of the contract's numbers."""

    CLEAR = "clear"
    SEALED = "sealed"
    OPENED = "opened"
    ERASED = "erased"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class KeyName:
    """What one key is for: a result about a subject, each in 16 bytes; nobody is no bytes."""

    tenant: str
    result: bytes
    subject: bytes


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as it is kept: encrypted under the master key of this ID."""

    master: str
    wrapped: bytes


def key_name(key: ResultKey, subject_id: str) -> KeyName:
    """The name of the key that seals the evidence of a result."""
    return KeyName(key.tenant, result_digest(key), subject_digest(key.tenant, subject_id))
