"""The combination: what raises, what lowers, what widens, and what stays unsaid."""

from __future__ import annotations

import math

import pytest

from plimsoll.calibration.combine import Combination, logit_of, sigmoid
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Confidence, ConfidenceStatus, Estimate
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult, Response, TaskKind, ToolCall
from plimsoll.domain.score import Score
from plimsoll.metrics.registry import registered_metrics

VERSIONS = {metric.spec.name: metric.spec.version for metric in registered_metrics()}
PRIOR = Combination.load_prior()
MISSING = Absence(AbsenceReason.INPUT_MISSING)
NEUTRAL = Absence(AbsenceReason.NOT_APPLICABLE)


def answer(text: str = "Paris", finish_reason: str = "stop") -> LlmResult:
    """A result with a response."""
    return LlmResult(
        ResultKey("demo", "r"),
        Response(text, finish_reason=finish_reason),
        task_kind=TaskKind.OPEN_QA,
    )


def scores(**outcomes: float | Absence) -> list[Score]:
    """Scores of the versions that there are."""
    return [
        Score(metric, VERSIONS.get(metric, "1"), outcome) for metric, outcome in outcomes.items()
    ]


def estimate(confidence: Confidence) -> Estimate:
    """The estimate, where there must be one."""
    assert confidence.estimate is not None
    return confidence.estimate


def width(confidence: Confidence) -> float:
    """The interval's width on the logit scale."""
    interval = estimate(confidence).interval
    return logit_of(interval.upper) - logit_of(interval.lower)


def test_a_confidence_says_what_it_is() -> None:
    """Status, artefact, labels and level come with the number, which lies in its interval."""
    confidence = PRIOR.combine(scores(exact_match_rate=0.9), answer())
    assert confidence.status is ConfidenceStatus.PRIOR
    assert confidence.calibration_id == PRIOR.calibration_id
    assert confidence.labels > 1_000
    found = estimate(confidence)
    assert found.interval.level == 0.9
    assert 0 < found.interval.lower < found.point < found.interval.upper < 1


def test_higher_agreement_is_higher_confidence() -> None:
    """From no sample that matches to all of them, the confidence rises."""
    low, high = (
        estimate(PRIOR.combine(scores(exact_match_rate=v), answer())).point for v in (0.0, 1.0)
    )
    assert low < high


@pytest.mark.parametrize(
    "validator", ["json_schema_validity", "regex_validity", "enumeration_validity"]
)
def test_a_failed_validator_costs_three_logits(validator: str) -> None:
    """Failing lowers the confidence by the declared weight; passing leaves it where it was."""
    without = scores(exact_match_rate=0.9)
    plain = logit_of(estimate(PRIOR.combine(without, answer())).point)
    passed, failed = (
        logit_of(estimate(PRIOR.combine([*without, Score(validator, "1", v)], answer())).point)
        for v in (1.0, 0.0)
    )
    assert passed == pytest.approx(plain)
    assert failed == pytest.approx(plain - 3.0, abs=0.01)


def test_nothing_measured_is_no_number() -> None:
    """Without a value of any input, a baseline's aside, the confidence is an absence."""
    outcome = PRIOR.combine(
        scores(exact_match_rate=MISSING, response_length=0.9, unheard_of=1.0), answer()
    ).outcome
    assert isinstance(outcome, Absence)
    assert outcome.reason is AbsenceReason.INPUT_MISSING


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_response_has_no_confidence(text: str) -> None:
    """However sure the model was of saying nothing."""
    confidence = PRIOR.combine(scores(sequence_probability=1.0, exact_match_rate=1.0), answer(text))
    assert confidence.estimate is None


def test_a_tool_call_is_a_response() -> None:
    """A response without text that calls a tool can have a confidence."""
    call = LlmResult(ResultKey("demo", "r"), Response(tool_calls=(ToolCall("1", "search", "{}"),)))
    assert PRIOR.combine(scores(sequence_probability=0.9), call).estimate is not None


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS ", "content_filter"])
def test_a_response_that_was_cut_off_never_gets_more_than_half(reason: str) -> None:
    """Whatever its metrics say."""
    best = dict.fromkeys(PRIOR.inputs, 1.0)
    assert estimate(PRIOR.combine(scores(**best), answer())).point > 0.9
    capped = estimate(PRIOR.combine(scores(**best), answer(finish_reason=reason)))
    assert capped.point <= 0.5


@pytest.mark.parametrize("metric", PRIOR.inputs)
def test_an_absence_that_matters_widens_on_the_logit_scale(metric: str) -> None:
    """Missing widens; not applicable and not asked for leave the width as it was."""
    other = next(name for name in PRIOR.inputs if name != metric)
    base = scores(**{other: 0.7})
    untouched = width(PRIOR.combine(base, answer()))
    missing = width(
        PRIOR.combine([*base, Score(metric, VERSIONS.get(metric, "1"), MISSING)], answer())
    )
    neutral = width(
        PRIOR.combine([*base, Score(metric, VERSIONS.get(metric, "1"), NEUTRAL)], answer())
    )
    present = width(PRIOR.combine([*base, Score(metric, VERSIONS.get(metric, "1"), 0.2)], answer()))
    assert missing > untouched + 1e-6
    assert neutral == pytest.approx(untouched)
    assert present == pytest.approx(untouched)


def test_an_absent_metric_makes_no_other_weigh_more() -> None:
    """The step that one metric makes is the same whether another is there or not."""

    def step(*others: Score) -> float:
        low, high = (
            logit_of(
                estimate(
                    PRIOR.combine([*others, Score("exact_match_rate", "1", v)], answer())
                ).point
            )
            for v in (0.3, 0.6)
        )
        return high - low

    assert step(Score("sequence_probability", "1", MISSING)) == pytest.approx(step())
    assert step(Score("sequence_probability", "1", 0.4)) == pytest.approx(step())


def test_a_score_of_another_version_counts_as_missing() -> None:
    """A number that the fit has not seen widens instead of counting."""
    base = scores(exact_match_rate=0.7)
    other = PRIOR.combine([*base, Score("sequence_probability", "2", 0.99)], answer())
    missing = PRIOR.combine([*base, Score("sequence_probability", "1", MISSING)], answer())
    assert other == missing


def test_the_weakest_metric_is_what_costs_the_lower_bound_most() -> None:
    """A failed validator outweighs an absence; an absence is named where nothing is low."""
    high = scores(exact_match_rate=1.0, lexical_similarity=1.0)
    absent = [*high, Score("sequence_probability", "1", MISSING)]
    failed = [*absent, Score("json_schema_validity", "1", 0.0)]
    assert PRIOR.combine(high, answer()).weakest_metric == ""
    assert PRIOR.combine(absent, answer()).weakest_metric == "sequence_probability"
    assert PRIOR.combine(failed, answer()).weakest_metric == "json_schema_validity"


def test_sigmoid_and_logit_are_inverse_and_never_overflow() -> None:
    """Far out, probabilities are 0 and 1, not errors."""
    assert sigmoid(-1_000) == 0.0
    assert sigmoid(1_000) == 1.0
    for value in (-5.0, 0.0, 3.2):
        assert math.isclose(logit_of(sigmoid(value)), value, abs_tol=1e-12)
