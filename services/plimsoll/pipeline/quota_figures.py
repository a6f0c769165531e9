"""Tells what judges' quotas allow, what was taken of them, and what a call left."""

from __future__ import annotations

from plimsoll.ports.judge_telemetry import (
    JUDGE_QUOTA_LEFT,
    JUDGE_QUOTA_PER_MINUTE,
    JUDGE_QUOTA_USED,
)
from plimsoll.ports.quotas import Grant, Quota
from plimsoll.ports.telemetry import Telemetry

# A bucket is full again long before, and nobody looks at one that is not taken from.
_BUCKET_GOOD_FOR_S = 60.0


def tell_quota(telemetry: Telemetry, quota: Quota) -> None:
    """What the settings allow in a minute, where they do."""
    allowed = {"requests": quota.requests_per_minute, "tokens": quota.tokens_per_minute}
    for unit, per_minute in allowed.items():
        if per_minute is not None:
            telemetry.set(JUDGE_QUOTA_PER_MINUTE, per_minute, (quota.name, unit))


def tell_grant(telemetry: Telemetry, grant: Grant) -> None:
    """What a call that has just taken from its quota left of it."""
    for unit, left in (("requests", grant.requests_left), ("tokens", grant.tokens_left)):
        if left is not None:
            labels = (grant.quota.name, unit)
            telemetry.set(JUDGE_QUOTA_LEFT, left, labels, good_for_s=_BUCKET_GOOD_FOR_S)


def tell_quota_used(telemetry: Telemetry, grant: Grant, tokens: float | None) -> None:
    """What a call has used of its quota in the end; where nobody can tell, what was reserved."""
    quota = grant.quota
    if quota.requests_per_minute is not None:
        telemetry.count(JUDGE_QUOTA_USED, (quota.name, "requests"))
    if quota.tokens_per_minute is not None:
        used = grant.tokens if tokens is None else tokens
        telemetry.count(JUDGE_QUOTA_USED, (quota.name, "tokens"), used)
