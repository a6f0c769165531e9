"""Promises about claims: which labels are held against them, and when they are taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.calibration.learning import claim_audits, claim_watching
from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.claim_scopes import claim_certificate
from plimsoll.domain.feedback import Feedback, FeedbackSource
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.learning import NO_BETS
from tests.unit.calibration.learning.claims import (
    ALL_TRUE,
    FALSE_SHARE,
    SCOPE,
    audit,
    bad,
    good,
    scope_of,
    seen,
    watched,
)
from tests.unit.calibration.learning.values import folded, label, learned, placed
from tests.unit.calibration.learning.values import seen as seen_result

RULES = LearningRules()


def outcomes(*labels: Feedback) -> list[LabelOutcome]:
    """What becomes of each."""
    return folded(Learning(RULES), placed(labels))


def losses(*labels: Feedback) -> tuple[int, float]:
    """How many responses were seen, and what they have lost in sum."""
    learning = Learning(RULES)
    folded(learning, placed(labels))
    claims = watched(learning)
    return claims.watch.seen, claims.lost


def test_all_true_loses_one_for_any_false_claim_that_is_kept() -> None:
    """One false claim or two cost the same; a false claim that is not kept costs nothing."""
    both = audit(1, [False, False, True])
    assert losses(bad(0), both, good(2)) == (3, 2.0)


def test_false_share_loses_the_share_of_all_claims_that_is_kept_and_false() -> None:
    """One of three claims, two of three, none: claims that are not kept count below only."""
    both = audit(1, [False, False, True], promise=FALSE_SHARE)
    seen_, lost = losses(bad(0, FALSE_SHARE), both, good(2, FALSE_SHARE))
    assert (seen_, lost) == (3, 1 / 3 + 2 / 3)


def test_claims_that_are_not_kept_need_no_label() -> None:
    """What is promised is promised of those that are kept."""
    assert outcomes(audit(0, [True, True, None])) == [LabelOutcome.TAUGHT]


@pytest.mark.parametrize("true", [[True, None, True], [False, None, True], []])
def test_a_kept_claim_without_a_label_leaves_the_response_out(true: list[bool | None]) -> None:
    """Also where another is known to be false: who stops there would count no good response."""
    assert outcomes(audit(0, true)) == [LabelOutcome.INCOMPLETE]


def test_a_response_of_which_nothing_is_kept_counts_without_loss() -> None:
    """The promise is of all responses, and this one holds; so there is nothing to label."""
    nothing = audit(0, [], kept=[False, False])
    assert losses(nothing, audit(1, [], kept=[], promise=FALSE_SHARE)) == (2, 0.0)


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"audit": False}, LabelOutcome.NOT_AUDIT),
        ({"retracted": True}, LabelOutcome.NOT_AUDIT),
        ({"source": FeedbackSource.LLM}, LabelOutcome.SOURCE),
        ({"source": FeedbackSource.UNSPECIFIED}, LabelOutcome.SOURCE),
        ({"seen_claims": None}, LabelOutcome.NOT_SEEN),
    ],
)
def test_only_audits_of_people_and_programs_count(
    spoilt: dict[str, object], why: LabelOutcome
) -> None:
    """As for results; and where no promise was visible there is nothing to hold them against."""
    assert outcomes(replace(bad(0), **spoilt)) == [why]  # type: ignore[arg-type] # handed through


@pytest.mark.parametrize("source", [FeedbackSource.EXECUTION, FeedbackSource.DOWNSTREAM])
def test_programs_may_audit(source: FeedbackSource) -> None:
    """What has run or happened is no opinion."""
    assert outcomes(replace(bad(0), source=source)) == [LabelOutcome.TAUGHT]


def test_a_response_counts_once() -> None:
    """By its first label that is whole; a correction, a second rater and a repetition do not."""
    whole, again = bad(0), replace(good(0), feedback_id="f-2", supersedes="f-0")
    first = audit(0, [True, None, True])
    found = outcomes(first, whole, again, whole)
    assert found == [LabelOutcome.INCOMPLETE, LabelOutcome.TAUGHT, *[LabelOutcome.DOUBLED] * 2]


def test_one_label_may_say_something_of_a_result_and_of_its_claims() -> None:
    """Each is learned of by itself; the outcome is that of the result's label."""
    learning = Learning(RULES)
    both = replace(bad(0), label=True, seen=seen_result(0.9))
    assert folded(learning, placed([both])) == [LabelOutcome.TAUGHT]
    assert (learned(learning).labels, learned(learning).right) == (1, 1)
    assert watched(learning).watch.wrong == 1
    incomplete = replace(audit(1, []), label=False, seen=seen_result(0.9))
    assert folded(learning, placed([label(7, True), incomplete])[1:]) == [LabelOutcome.TAUGHT]
    assert watched(learning).watch.seen == 1


def test_what_is_published_says_what_was_promised_and_found() -> None:
    """The promise as it was seen, at the level of the rules, and what audits came to."""
    learning = Learning(LearningRules(failure=0.05))
    folded(learning, placed([good(0), bad(1)]))
    scope, claims = scope_of(learning), watched(learning)
    assert (scope.key, scope.labels, scope.right) == (SCOPE, 2, 1)
    assert claims.certificate_id == claim_certificate(SCOPE)
    assert (claims.promise, claims.failure, claims.language) == (ALL_TRUE, 0.05, "en")
    assert (claims.watch.seen, claims.watch.wrong, claims.lost) == (2, 1, 1.0)
    assert claims.state is CertificateState.STANDING


def test_labels_that_speak_against_a_promise_take_it_back_for_good() -> None:
    """All bad at 0.1: within ten. What comes later changes nothing of the record."""
    learning = Learning(RULES)
    stream = placed([bad(n) if n < 30 else good(n) for n in range(60)])
    found = folded(learning, stream)
    ends = found.index(LabelOutcome.TAKEN_BACK)
    assert ends < 10
    assert set(found[ends:]) == {LabelOutcome.TAKEN_BACK}
    claims = watched(learning)
    assert claims.state is CertificateState.REVOKED
    assert claims.revoke_time == stream[ends - 1][1].time
    said = f"a claim was kept that is false in {ends} of {ends} audited responses"
    assert claims.revoke_reason == said
    assert scope_of(learning).labels == ends


def test_a_share_that_is_too_large_takes_a_promise_of_a_share_back() -> None:
    """A third of each response where a tenth was promised; the reason gives the mean."""
    learning = Learning(RULES)
    folded(learning, placed([bad(n, FALSE_SHARE) for n in range(60)]))
    claims = watched(learning)
    assert claims.state is CertificateState.REVOKED
    said = "0.333 of a response's claims were kept and false, over "
    assert claims.revoke_reason.startswith(said)


def test_a_promise_of_a_share_bears_what_all_true_does_not() -> None:
    """A false claim in every fourth response, one of three: 0.083 of claims, and 0.25 of all."""
    states = []
    for promise in (ALL_TRUE, FALSE_SHARE):
        learning = Learning(RULES)
        labels = [bad(n, promise) if n % 4 == 0 else good(n, promise) for n in range(200)]
        folded(learning, placed(labels))
        states.append(watched(learning).state)
    assert states == [CertificateState.REVOKED, CertificateState.STANDING]


def test_filters_tenants_task_kinds_and_languages_are_apart() -> None:
    """What is found of one says nothing of another; a filter that is learned anew begins anew."""
    learning = Learning(RULES)
    other = replace(seen([True, True, False]), filter_id="claims-1")
    labels = [*(bad(n) for n in range(20)), replace(good(0), seen_claims=other)]
    folded(learning, placed(labels))
    learning.take_changes()
    found = {key.basis: scope.claims for key, scope in learning.scopes.items()}
    states = {basis: one.state for basis, one in found.items() if one is not None}
    assert states == {
        "claims-0/en": CertificateState.REVOKED,
        "claims-1/en": CertificateState.STANDING,
    }


def test_so_many_filters_and_responses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """One filter more is told of and not watched; the oldest response may count again."""
    monkeypatch.setattr(claim_audits, "MOST_FILTERS", 1)
    monkeypatch.setattr(claim_watching, "MOST_RESULTS", 2)
    labels = [good(0), audit(9, [True, True], filter_id="claims-1"), good(1), good(2), good(0)]
    found = outcomes(*labels, good(2))
    taught, doubled = LabelOutcome.TAUGHT, LabelOutcome.DOUBLED
    assert found == [taught, LabelOutcome.TOO_MANY, taught, taught, taught, doubled]


def test_a_promise_begins_without_evidence() -> None:
    """Nothing that taught the filter is held against it again."""
    learning = Learning(RULES)
    folded(learning, placed([good(0)]))
    watch = watched(learning).watch
    assert (watch.seen, watch.wrong, watch.bets.log_wealth) == (1, 0, NO_BETS.log_wealth)
