"""Mean lead of the best alternative over the second."""

from __future__ import annotations

import math

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.probability_margin import ProbabilityMargin
from tests.unit.metrics.tokens import FIVE, FIVE_AND_TWO, INF, NAN, TOP_FIVE, measured, refused

METRIC = ProbabilityMargin()


def test_the_golden_top_five() -> None:
    """Top five [.7, .2, .05, .03, .02] have the margin .5."""
    found = measured(METRIC, FIVE)
    assert found.value == pytest.approx(0.5, abs=1e-9)
    assert found.raw_value == found.value


def test_two_alternatives_are_enough() -> None:
    """A token that is short of the five asked for counts, because the margin needs but two."""
    found = measured(METRIC, FIVE_AND_TWO)
    second = math.exp(-0.1) - math.exp(-3.0)
    assert found.value == pytest.approx((0.5 + second) / 2, abs=1e-9)
    assert found.flags == ()
    short = Tokens((-0.1,), top_k=3, top_counts=(2,), top_logprobs=(-0.1, -2.0))
    assert measured(METRIC, short).value == pytest.approx(math.exp(-0.1) - math.exp(-2.0))


def test_a_token_with_one_alternative_is_left_out_and_counted() -> None:
    """One alternative has no second; it is not taken for a margin of its own probability."""
    tokens = Tokens((-0.4, -0.1), top_k=5, top_counts=(5, 1), top_logprobs=(*TOP_FIVE, -0.1))
    found = measured(METRIC, tokens)
    assert found.value == measured(METRIC, FIVE).value
    assert dict(found.provenance)["excluded_tokens"] == "1"
    assert found.flags == ("tokens_excluded",)


@pytest.mark.parametrize(
    "tokens",
    [
        Tokens((-0.4,), top_k=5, top_logprobs=TOP_FIVE[::-1]),
        Tokens(
            (-0.4, -0.2, -0.4),
            top_k=5,
            top_counts=(5, 0, 5),
            top_logprobs=(*TOP_FIVE[::-1], *TOP_FIVE),
        ),
    ],
)
def test_alternatives_in_another_order_give_the_same_margin(tokens: Tokens) -> None:
    """Who sends alternatives worst first, or the sampled one first, gets the same number."""
    assert measured(METRIC, tokens).value == measured(METRIC, FIVE).value


@pytest.mark.parametrize(
    "tokens",
    [
        Tokens((-0.1,), top_k=2, top_logprobs=(-0.1, NAN)),
        Tokens((-0.1,), top_k=2, top_logprobs=(-0.1, -INF)),
        Tokens((-0.1,), top_k=2, top_logprobs=(0.1, -0.2)),
        Tokens((0.1,), top_k=2, top_logprobs=(-0.1, -0.2)),
        Tokens((-0.1, -0.2), top_counts=(3, -1), top_logprobs=(-0.1, -0.2)),
        Tokens((-0.1,), top_k=2, top_logprobs=(-0.1, -0.2, -0.3)),
    ],
)
def test_broken_columns_are_invalid(tokens: Tokens) -> None:
    """What is no log-probability, and counts that disagree, make the input invalid."""
    assert refused(METRIC, tokens) is AbsenceReason.INPUT_INVALID


@pytest.mark.parametrize(
    "tokens",
    [
        None,
        Tokens((-0.1,)),
        Tokens((-0.1,), top_k=1, top_logprobs=(-0.1,)),
        Tokens((-0.1,), top_k=2, top_counts=(1,), top_logprobs=(-0.1,)),
    ],
)
def test_no_second_alternative_is_missing_input(tokens: Tokens | None) -> None:
    """No tokens, no alternatives, or but one for each token: there is no margin."""
    assert refused(METRIC, tokens) is AbsenceReason.INPUT_MISSING
