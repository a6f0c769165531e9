"""Who and what a result is: tenants, result IDs, keys and score IDs."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass

DEFAULT_TENANT = "default"
MAX_RESULT_ID_CHARS = 128

_TENANT = re.compile(r"[a-z0-9._-]{1,63}")
_RESULT_ID = re.compile(r"[^\s/]{1,128}")
# Names the UUIDv5 space of results that came without an ID.
_NAMESPACE = uuid.UUID("5f0c1f5e-6d0b-5b0c-9e57-0d1b3a9d7c11")


@dataclass(frozen=True, slots=True)
class ResultKey:
    """A tenant's name for one result; on Kafka `tenant/result_id`."""

    tenant: str
    result_id: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.result_id}"

    def encode(self) -> bytes:
        """The Kafka key."""
        return f"{self.tenant}/{self.result_id}".encode()


def tenant_problem(tenant: str) -> str | None:
    """What is wrong with a tenant's name, or None."""
    if _TENANT.fullmatch(tenant):
        return None
    return f"tenant {tenant[:80]!r} is not 1 to 63 of a-z, 0-9, '.', '_', '-'"


def result_id_problem(result_id: str) -> str | None:
    """What is wrong with a result ID, or None."""
    if result_id.isprintable() and _RESULT_ID.fullmatch(result_id):
        return None
    return (
        f"result_id {result_id[:140]!r} is not 1 to 128 printable characters without '/' or blanks"
    )


def parse_key(text: str, default_tenant: str = DEFAULT_TENANT) -> ResultKey:
    """Reads `tenant/result_id` or `result_id`; ValueError says what is wrong."""
    tenant, slash, result_id = text.partition("/")
    if not slash:
        tenant, result_id = default_tenant, text
    problem = tenant_problem(tenant) or result_id_problem(result_id)
    if problem:
        raise ValueError(problem)
    return ResultKey(tenant, result_id)


def derived_result_id(topic: str, partition: int, offset: int, index: int) -> str:
    """The ID of a result that came without one: UUIDv5 of where it stands."""
    return str(uuid.uuid5(_NAMESPACE, f"{topic}/{partition}/{offset}/{index}"))


def score_id(
    key: ResultKey, input_digest: str, plan_version: str, calibration_id: str, revision: int
) -> str:
    """Names one scoring, in 32 hexadecimal digits: the same arguments give the same ID."""
    # Unit separators: no field can hold one, so no two lists of fields read the same.
    text = "\x1f".join(
        (key.tenant, key.result_id, input_digest, plan_version, calibration_id, str(revision))
    )
    return hashlib.sha256(text.encode()).hexdigest()[:32]
