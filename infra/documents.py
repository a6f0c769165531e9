"""IAM policy documents as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

VERSION = "2012-10-17"
Statement = dict[str, Any]


class Document(TypedDict):
    """What a policy document holds."""

    Version: str
    Statement: list[Statement]


def document(statements: Iterable[Statement]) -> Document:
    """A document of these statements."""
    return {"Version": VERSION, "Statement": list(statements)}


def statement(
    sid: str,
    actions: Iterable[str],
    resources: Iterable[str],
    condition: Mapping[str, Mapping[str, str]] | None = None,
) -> Statement:
    """What is allowed, sorted, so that the same rights give the same bytes."""
    found: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(set(actions)),
        "Resource": sorted(set(resources)),
    }
    return found | ({"Condition": condition} if condition else {})
