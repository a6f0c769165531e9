"""Claims that the context supports, contradicts, or leaves open."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.score import IntervalKind, Score
from plimsoll.metrics.beta import jeffreys_interval
from plimsoll.metrics.claim_faithfulness import ClaimFaithfulness, faithfulness
from plimsoll.metrics.claim_verdicts import JudgedClaims
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.sentence_entailment import SentenceEntailment
from plimsoll.metrics.support import Claims
from plimsoll.ports.tools import Entailment, Tools
from tests.unit.metrics.grounded import AGAINST, SURE, UNSURE, Judge, cut_out, grounded, of, reason

TEXT = "The tower is tall. The tower is green. The tower hums."
CONTEXT = "The tower is tall and red."


def rule(_: str, hypothesis: str) -> Entailment:
    """Tall is there, green is not so, and of humming nothing is said."""
    if "green" in hypothesis:
        return AGAINST
    return SURE if "tall" in hypothesis else UNSURE


def scored(text: str = TEXT, *, judge: Judge | None = None) -> Score:
    """The faithfulness of a response by that rule."""
    metric = ClaimFaithfulness.with_tools(Tools(entailment=judge or Judge(rule)))
    return of(metric, text, CONTEXT)


def test_counts_are_told_apart() -> None:
    """One claim of three is supported, one contradicted, and of one nobody can tell."""
    score = scored()
    assert score.value == pytest.approx(1 / 3)
    counts = {k: v for k, v in score.provenance if k.startswith("claims_")}
    assert counts == {
        "claims_cannot_tell": "1",
        "claims_contradicted": "1",
        "claims_supported": "1",
    }


def test_the_interval_is_that_of_the_counts() -> None:
    """Beta(1/2 + 1, 1/2 + 2) at 90 %, around the share."""
    interval = scored().interval
    assert interval == jeffreys_interval(1, 2, 0.9)
    assert interval is not None
    assert interval.kind is IntervalKind.CREDIBLE
    assert interval.lower < 1 / 3 < interval.upper


def test_evidence_is_what_lacks_support_the_contradicted_first() -> None:
    """Each doubtful claim is cut out of the response, with the passage that comes nearest."""
    score = scored()
    assert [item.kind for item in score.evidence] == [
        "contradicted_claim", "passage", "cannot_tell_claim", "passage",
    ]  # fmt: skip
    assert cut_out(score, "contradicted_claim", TEXT) == ["The tower is green."]
    assert cut_out(score, "passage", CONTEXT) == [CONTEXT, CONTEXT]


def test_no_claim_is_neither_faithful_nor_unfaithful() -> None:
    """Of nothing there is no share: not 1, as elsewhere, and not 0."""
    assert reason(scored("What is it?")) is AbsenceReason.NOT_APPLICABLE
    none = faithfulness(JudgedClaims(Claims((), (), ()), ()), "rule@1")
    assert isinstance(none, Absence)
    assert none.reason is AbsenceReason.NOT_APPLICABLE


def test_what_nobody_can_tell_is_not_faithful() -> None:
    """A model that is unsure of everything supports nothing."""
    assert scored(judge=Judge(lambda *_: UNSURE)).value == 0.0


def test_metrics_on_one_model_judge_a_result_once() -> None:
    """A copy of the result is the same result: the second metric asks the model nothing."""
    judge = Judge(rule)
    tools = Tools(entailment=judge)
    evaluate(SentenceEntailment.with_tools(tools), grounded(TEXT, CONTEXT))
    asked = len(judge.seen)
    evaluate(ClaimFaithfulness.with_tools(tools), grounded(TEXT, CONTEXT))
    assert len(judge.seen) == asked == 3


def test_without_a_model_there_is_no_number() -> None:
    """It is not configured."""
    assert reason(of(ClaimFaithfulness(), TEXT, CONTEXT)) is AbsenceReason.NOT_CONFIGURED
