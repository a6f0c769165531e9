"""Claims that are marked by what labels have taught."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claim_scopes import claim_certificate, claim_scope
from plimsoll.domain.claims import (
    ClaimFilter,
    ClaimGroup,
    ClaimGuarantee,
    ClaimPromise,
    ClaimScoring,
)
from plimsoll.domain.result import LlmResult, TaskKind
from plimsoll.domain.score import Score
from plimsoll.metrics.claim_faithfulness import ClaimFaithfulness
from plimsoll.metrics.claim_marks import claim_score, group_of
from plimsoll.metrics.claim_verdicts import ClaimVerdict
from plimsoll.metrics.evaluate import evaluate
from plimsoll.ports.tools import Entailment, Tools
from tests.unit.metrics.grounded import AGAINST, SURE, UNSURE, Judge, grounded

TEXT = "The tower is tall. Is it? The tower is green. The tower hums."
CONTEXT = "The tower is tall and red."
PROMISE = ClaimPromise(ClaimGuarantee.ALL_TRUE, 0.1, 50, 0.2)
NAMED = claim_certificate(claim_scope("demo", "claims-0", ClaimGroup(TaskKind.GROUNDED_QA, "en")))
ABSTAINED = Absence(AbsenceReason.ABSTAINED, "too few")


class Taught:
    """Promises one thing, and remembers of what."""

    name = "claims-0"

    def __init__(self, outcome: ClaimPromise | Absence = PROMISE) -> None:
        self.outcome = outcome
        self.asked: list[tuple[ClaimScoring, ClaimGroup]] = []

    def promise(self, scoring: ClaimScoring, group: ClaimGroup) -> ClaimPromise | Absence:
        """The one thing."""
        self.asked.append((scoring, group))
        return self.outcome


def rule(_: str, hypothesis: str) -> Entailment:
    """Tall is there, green is not so, and of humming nothing is said."""
    if "green" in hypothesis:
        return AGAINST
    return SURE if "tall" in hypothesis else UNSURE


def scored(taught: Taught | None, result: LlmResult | None = None) -> Score:
    """The score of a response whose claims are marked so."""
    metric = ClaimFaithfulness.with_tools(Tools(entailment=Judge(rule), claims=taught))
    return evaluate(metric, result or grounded(TEXT, CONTEXT))


def marks(score: Score) -> ClaimFilter:
    """Those of a score that has them."""
    assert score.claim_filter is not None
    return score.claim_filter


def test_each_claim_is_marked_where_it_stands() -> None:
    """Three claims by their offsets, the question left out; the one above the threshold is kept."""
    found = marks(scored(Taught()))
    assert (found.filter_id, found.outcome) == ("claims-0", replace(PROMISE, certificate=NAMED))
    assert [(TEXT[one.start : one.end], one.score, one.kept) for one in found.claims] == [
        ("The tower is tall.", 0.9, True),
        ("The tower is green.", 0.05, False),
        ("The tower hums.", 0.2, False),
    ]


def test_where_nothing_is_promised_nothing_is_marked() -> None:
    """A mark without a promise would be read as one with it."""
    assert marks(scored(Taught(ABSTAINED))) == ClaimFilter("claims-0", ABSTAINED)


def test_the_number_does_not_depend_on_it() -> None:
    """With marks, without a promise, and without a file, all else about the score is the same."""
    plain = scored(None)
    assert plain.claim_filter is None
    for outcome in (PROMISE, ABSTAINED):
        assert replace(scored(Taught(outcome)), claim_filter=None) == plain


def test_a_response_without_claims_has_no_promise() -> None:
    """An absence has no marks: there is nothing to keep."""
    for text in ("Is it tall?", ""):
        found = scored(Taught(), grounded(text, CONTEXT))
        assert isinstance(found.outcome, Absence)
        assert found.claim_filter is None


def test_the_promise_is_asked_for_what_has_scored_the_claims_and_for_whose() -> None:
    """Metric with its version, model, task kind, and the language without its region."""
    taught = Taught()
    scored(taught, grounded(TEXT, CONTEXT, language="en-GB", kind=TaskKind.SUMMARIZATION))
    scoring = ClaimScoring("claim_faithfulness", ClaimFaithfulness.spec.version, "rule@1")
    assert taught.asked == [(scoring, ClaimGroup(TaskKind.SUMMARIZATION, "en"))]


def test_a_result_that_says_little_is_of_a_group_of_its_own() -> None:
    """Without task kind and language it belongs to those that say neither."""
    result = grounded(TEXT, CONTEXT, language="", kind=TaskKind.UNSPECIFIED)
    assert group_of(result) == ClaimGroup(TaskKind.UNSPECIFIED, "")


@pytest.mark.parametrize(("entails", "score"), [(-1e-9, 0.0), (1.0000001, 1.0), (float("nan"), 0)])
def test_a_claim_score_is_a_share(entails: float, score: float) -> None:
    """What rounding takes out of [0, 1] is put back; what is no number is no support."""
    assert claim_score(ClaimVerdict(entails, 0.0, 0)) == score
