"""Which responses a promise about claims is watched on, and what it is called there."""

from __future__ import annotations

import hashlib

from plimsoll.domain.claims import ClaimGroup
from plimsoll.domain.learned import CERTIFICATE_PREFIX, ScopeKey

# Tells the promises about claims from those about results.
CLAIM_CERTIFICATE_PREFIX = f"{CERTIFICATE_PREFIX}claims-"


def claim_scope(tenant: str, filter_id: str, group: ClaimGroup) -> ScopeKey:
    """A tenant's responses of one task kind and language, filtered by what one file says."""
    return ScopeKey(tenant, group.task_kind, f"{filter_id}/{group.language}")


def claim_certificate(scope: ScopeKey) -> str:
    """The name of the promise, the same wherever it is made or watched."""
    return f"{CLAIM_CERTIFICATE_PREFIX}{hashlib.sha256(scope.encode()).hexdigest()[:16]}"
