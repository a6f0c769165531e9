"""Laws of what is learned from labelled claims, whatever their scores and labels."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.calibration.claim_filters import LabelledResponse, learned
from plimsoll.calibration.conformal_claims import ScoredClaim, labels_needed
from plimsoll.calibration.risk_control import exact
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise, ClaimScoring
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.result import TaskKind

GROUP = ClaimGroup(TaskKind.SUMMARIZATION, "en")
BY = ClaimScoring("claim_faithfulness", "1", "m@1")
# Few different scores, so that ties are common.
CLAIM = st.builds(
    ScoredClaim,
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]) | st.floats(0, 1),
    true=st.booleans(),
)
ANSWER = st.lists(CLAIM, min_size=1, max_size=5).map(tuple)
RATE = st.sampled_from([0.05, 0.1, 0.15, 0.2, 0.3, 0.5])
GUARANTEE = st.sampled_from([ClaimGuarantee.ALL_TRUE, ClaimGuarantee.FALSE_SHARE])

Answer = tuple[ScoredClaim, ...]


def promised(
    answers: Sequence[Answer], guarantee: ClaimGuarantee, rate: float
) -> ClaimPromise | None:
    """What these answers bear; None where they are too few."""
    labelled = [LabelledResponse(GROUP, answer) for answer in answers]
    try:
        found = learned(labelled, BY, guarantee, rate).promise(BY, GROUP)
    except ConfigurationError:
        return None
    assert isinstance(found, ClaimPromise)
    return found


def loss(promise: ClaimPromise, answer: Answer) -> Fraction:
    """Whether a false claim is kept, or the share of claims that are false and kept."""
    false = sum(not claim.true and promise.keeps(claim.score) for claim in answer)
    if promise.guarantee is ClaimGuarantee.ALL_TRUE:
        return Fraction(bool(false))
    return Fraction(false, len(answer))


@given(st.lists(ANSWER, min_size=4, max_size=24), GUARANTEE, RATE)
def test_an_answer_among_others_breaks_the_promise_no_oftener_than_said(
    answers: list[Answer], guarantee: ClaimGuarantee, rate: float
) -> None:
    """Each answer in turn is the new one: on average over all turns the loss is within the rate.

    That is the promise itself, exactly: of answers in a random order any may come last.
    """
    losses = []
    for place, new in enumerate(answers):
        promise = promised([*answers[:place], *answers[place + 1 :]], guarantee, rate)
        if promise is None:
            assert len(answers) - 1 < labels_needed(rate)
            return
        losses.append(loss(promise, new))
    assert sum(losses) <= exact(rate) * len(losses)


@given(st.lists(ANSWER, min_size=1, max_size=40), GUARANTEE, RATE, RATE)
def test_a_higher_rate_keeps_no_fewer_claims(
    answers: list[Answer], guarantee: ClaimGuarantee, one: float, other: float
) -> None:
    """What is kept at a lower rate is kept at a higher one, which takes no more labels."""
    strict = promised(answers, guarantee, min(one, other))
    mild = promised(answers, guarantee, max(one, other))
    if strict is None:
        return
    assert mild is not None
    scores = [claim.score for answer in answers for claim in answer]
    assert all(mild.keeps(score) for score in scores if strict.keeps(score))


@given(st.lists(ANSWER, min_size=1, max_size=40), RATE)
def test_a_promise_of_a_share_keeps_no_fewer_claims(answers: list[Answer], rate: float) -> None:
    """A share of claims is never more than whether there is one: its threshold is no higher."""
    strict = promised(answers, ClaimGuarantee.ALL_TRUE, rate)
    mild = promised(answers, ClaimGuarantee.FALSE_SHARE, rate)
    assert (strict is None) == (mild is None) == (len(answers) < labels_needed(rate))
    if strict is not None and mild is not None:
        scores = [claim.score for answer in answers for claim in answer]
        assert all(mild.keeps(score) for score in scores if strict.keeps(score))
