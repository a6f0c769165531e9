"""A verdict that is settled stays, whatever the outstanding metrics say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Confidence, Promise, Verdict
from plimsoll.domain.policy import Clause, Comparison, Condition, Policy, Subject
from plimsoll.pipeline.deciding import decide, settled
from tests.unit.pipeline.test_deciding import THROTTLED, confidence, score

METRICS = ("a", "b")
NUMBERS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
OUTCOMES = NUMBERS | st.just(THROTTLED)
CLAUSES = st.builds(
    Clause,
    st.sampled_from(Subject),
    st.sampled_from(Comparison),
    NUMBERS,
    st.sampled_from(METRICS),
    st.sampled_from([frozenset(), frozenset({AbsenceReason.THROTTLED})]),
)
VERDICTS = st.sampled_from([Verdict.ACCEPT, Verdict.REVIEW, Verdict.REJECT])
CONDITIONS = st.builds(
    Condition, st.just("c"), st.lists(CLAUSES, min_size=1, max_size=2).map(tuple), VERDICTS
)
POLICIES = st.builds(Policy, st.just("p"), st.lists(CONDITIONS, max_size=3).map(tuple), VERDICTS)
PROMISES = st.lists(st.sampled_from([Promise(0.25, "c-1"), Promise(0.5, "c-2")]), max_size=2)


def promised(point: float | None, promises: Sequence[Promise]) -> Confidence:
    """A confidence with promises, which only an estimate has."""
    made = confidence(point)
    return made if point is None else replace(made, promises=tuple(promises))


CONFIDENCES = st.builds(promised, NUMBERS | st.none(), PROMISES)


@given(POLICIES, CONFIDENCES, OUTCOMES, st.lists(st.tuples(CONFIDENCES, OUTCOMES), min_size=1))
def test_what_is_settled_stays(
    rule: Policy,
    now: Confidence,
    known: float | Absence,
    later: Sequence[tuple[Confidence, float | Absence]],
) -> None:
    """Where a verdict is settled, no outcome of the outstanding metric changes it."""
    scores = [score("a", known)]
    for may_move in (True, False):
        if not settled(rule, now, scores, {"b"}, may_move):
            continue
        futures = [(then if may_move else now, outcome) for then, outcome in later]
        verdicts = {decide(rule, then, [*scores, score("b", b)]).verdict for then, b in futures}
        assert len(verdicts) == 1
