"""Promises about claims are given as long as they stand, and by nobody who cannot tell."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import Claim, ClaimFilter, ClaimGuarantee, ClaimPromise
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.score import Score
from plimsoll.pipeline.standing_claims import standing_claims

NAMED = "certificate-claims-0"
PROMISE = ClaimPromise(ClaimGuarantee.ALL_TRUE, 0.1, 50, 0.5, NAMED)
MARKED = ClaimFilter("claims-0", PROMISE, (Claim(0, 9, 0.9, kept=True),))
ABSENT = ClaimFilter("claims-0", Absence(AbsenceReason.ABSTAINED, "too few"))


def score(claims: ClaimFilter | None) -> Score:
    """A score whose claims are filtered so."""
    return Score("claim_faithfulness", "1", 0.5, claim_filter=claims)


@pytest.mark.parametrize("state", [CertificateState.STANDING, CertificateState.UNWATCHED])
def test_a_promise_that_stands_is_given(state: CertificateState) -> None:
    """Watched or not: a filter that nobody audits promises what its labels taught."""
    scores = (score(None), score(MARKED))
    assert standing_claims(scores, lambda _: state) == (scores, "")


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (CertificateState.REVOKED, "labels have spoken against it"),
        (
            CertificateState.UNKNOWN,
            "whether labels have spoken against it cannot be told now",
        ),
    ],
)
def test_a_promise_that_does_not_stand_leaves_no_mark(state: CertificateState, why: str) -> None:
    """The filter says which promise is not given and why; the number is the same."""
    asked: list[str] = []

    def tell(name: str) -> CertificateState:
        asked.append(name)
        return state

    (found, other), kept_back = standing_claims((score(MARKED), score(None)), tell)
    absence = Absence(AbsenceReason.ABSTAINED, f"{NAMED}: {why}")
    assert found == score(ClaimFilter("claims-0", absence))
    assert other == score(None)
    assert kept_back == f" without {NAMED}: {state}"
    assert asked == [NAMED]


def test_what_promises_nothing_is_left_as_it_is() -> None:
    """Nobody is asked of a promise that was not made."""
    scores = (score(ABSENT),)
    assert standing_claims(scores, lambda _: CertificateState.UNKNOWN) == (scores, "")
