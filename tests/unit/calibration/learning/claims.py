"""Streams of labels of claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from plimsoll.calibration.learning.fold import Learning
from plimsoll.domain.claim_scopes import claim_scope
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise
from plimsoll.domain.feedback import ClaimLabel, Feedback, SeenClaim, SeenClaims
from plimsoll.domain.learned import LearnedScope, WatchedClaims
from plimsoll.domain.result import TaskKind
from tests.unit.calibration.learning.values import label

GROUP = ClaimGroup(TaskKind.GROUNDED_QA, "en")
SCOPE = claim_scope("acme", "claims-0", GROUP)
ALL_TRUE = ClaimPromise(ClaimGuarantee.ALL_TRUE, 0.1, 50, 0.5)
FALSE_SHARE = replace(ALL_TRUE, guarantee=ClaimGuarantee.FALSE_SHARE)


def seen(
    kept: Sequence[bool], promise: ClaimPromise = ALL_TRUE, filter_id: str = "claims-0"
) -> SeenClaims:
    """Claims of ten code points each, some of them kept."""
    claims = tuple(SeenClaim(10 * n, 10 * n + 9, one) for n, one in enumerate(kept))
    return SeenClaims("s", 0, filter_id, GROUP, promise, claims)


def audit(
    result: int,
    true: Sequence[bool | None],
    kept: Sequence[bool] = (True, True, False),
    promise: ClaimPromise = ALL_TRUE,
    filter_id: str = "claims-0",
) -> Feedback:
    """Labels of claims of one result, None for a claim that has none, and of nothing else."""
    labels = tuple(
        ClaimLabel(10 * n, 10 * n + 9, one) for n, one in enumerate(true) if one is not None
    )
    given = replace(label(result, True), label=None, seen=None)
    return replace(given, claims=labels, seen_claims=seen(kept, promise, filter_id))


def good(result: int, promise: ClaimPromise = ALL_TRUE) -> Feedback:
    """Whatever is kept is true."""
    return audit(result, [True, True, False], promise=promise)


def bad(result: int, promise: ClaimPromise = ALL_TRUE) -> Feedback:
    """One of two kept claims of three is false."""
    return audit(result, [True, False, True], promise=promise)


def scope_of(learning: Learning) -> LearnedScope:
    """What there is of the one filter that the values here are of."""
    learning.take_changes()
    return learning.scopes[SCOPE]


def watched(learning: Learning) -> WatchedClaims:
    """Its promise."""
    claims = scope_of(learning).claims
    assert claims is not None
    return claims


def alternating(count: int, every: int) -> Iterable[Feedback]:
    """One of so many is bad."""
    return (bad(n) if n % every == 0 else good(n) for n in range(count))
