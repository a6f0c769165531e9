"""Laws of the combination: monotone, wider with what is missing, the same in any order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.calibration.combine import Combination, logit_of
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Estimate
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult, Response, TaskKind
from plimsoll.domain.score import Score
from plimsoll.metrics.registry import registered_metrics

PRIOR = Combination.load_prior()
VERSIONS = {metric.spec.name: metric.spec.version for metric in registered_metrics()}
REASONS = [reason for reason in AbsenceReason if reason is not AbsenceReason.UNSPECIFIED]
OUTCOMES = st.one_of(st.floats(0.0, 1.0), st.sampled_from(AbsenceReason).map(Absence), st.none())
SCORES = st.fixed_dictionaries(dict.fromkeys(PRIOR.inputs, OUTCOMES))
METRICS = st.sampled_from(PRIOR.inputs)
KINDS = st.sampled_from(TaskKind)
Outcomes = dict[str, float | Absence | None]


def combined(outcomes: Outcomes, kind: TaskKind) -> Estimate | None:
    """The estimate for outcomes by metric; None is a metric that was not run."""
    scores = [
        Score(m, VERSIONS[m], outcome) for m, outcome in outcomes.items() if outcome is not None
    ]
    result = LlmResult(ResultKey("demo", "r"), Response("x"), task_kind=kind)
    return PRIOR.combine(scores, result).estimate


def width(estimate: Estimate) -> float:
    """The width of the interval on the logit scale."""
    return logit_of(estimate.interval.upper) - logit_of(estimate.interval.lower)


@given(outcomes=SCORES, metric=METRICS, kind=KINDS, values=st.tuples(*[st.floats(0, 1)] * 2))
def test_a_higher_value_is_never_a_lower_confidence(
    outcomes: Outcomes, metric: str, kind: TaskKind, values: tuple[float, float]
) -> None:
    """Point, lower and upper bound rise or stay with every metric's value, all else equal."""
    low, high = (combined({**outcomes, metric: value}, kind) for value in sorted(values))
    if low is None or high is None:
        assert low is high
        return
    assert low.point <= high.point
    assert low.interval.lower <= high.interval.lower
    assert low.interval.upper <= high.interval.upper


@given(
    outcomes=SCORES,
    metric=METRICS,
    kind=KINDS,
    reason=st.sampled_from(REASONS),
    value=st.floats(0.0, 1.0),
)
def test_an_absence_widens_exactly_if_its_reason_does(
    outcomes: Outcomes, metric: str, kind: TaskKind, reason: AbsenceReason, value: float
) -> None:
    """On the logit scale, against the metric not run and against the metric with any value."""
    present = combined({**outcomes, metric: value}, kind)
    absent = combined({**outcomes, metric: Absence(reason)}, kind)
    if absent is None or present is None:
        return
    if reason.widens:
        assert width(absent) > width(present) + 1e-4
    else:
        assert abs(width(absent) - width(present)) < 1e-6


@given(outcomes=SCORES, kind=KINDS)
def test_every_further_absence_widens_further(outcomes: Outcomes, kind: TaskKind) -> None:
    """Metrics that go missing one after another widen the interval each time."""
    anchor = min(PRIOR.enough)
    state: Outcomes = {**outcomes, anchor: 0.5}
    for metric in PRIOR.inputs:
        if metric == anchor or isinstance(state[metric], Absence):
            continue
        before = combined(state, kind)
        state[metric] = Absence(AbsenceReason.INPUT_MISSING)
        after = combined(state, kind)
        assert before is not None
        assert after is not None
        assert width(after) > width(before)


@given(outcomes=SCORES, kind=KINDS)
def test_no_value_is_no_number_and_any_value_is_one(outcomes: Outcomes, kind: TaskKind) -> None:
    """There is an estimate exactly where an input that is enough by itself has a value."""
    has_value = any(isinstance(outcomes[metric], float) for metric in PRIOR.enough)
    estimate = combined(outcomes, kind)
    assert (estimate is not None) == has_value
    if estimate is not None:
        assert 0.0 < estimate.interval.lower < estimate.point < estimate.interval.upper < 1.0


@given(outcomes=SCORES, kind=KINDS)
def test_the_order_of_scores_does_not_matter(outcomes: Outcomes, kind: TaskKind) -> None:
    """The same scores in another order give the same estimate, bit for bit."""
    turned = dict(reversed(outcomes.items()))
    assert combined(outcomes, kind) == combined(turned, kind)
