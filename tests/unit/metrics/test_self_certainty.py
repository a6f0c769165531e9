"""How far top alternatives are from uniform."""

from __future__ import annotations

import math

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.self_certainty import SelfCertainty
from tests.unit.metrics.tokens import FIVE, FIVE_AND_TWO, TOP_FIVE, measured, refused

METRIC = SelfCertainty()


def test_the_golden_top_five() -> None:
    """[.7, .2, .05, .03, .02] add up to 1, so D is DeepConf's 2.476085207 less log 5."""
    divergence = 2.476085207 - math.log(5)
    found = measured(METRIC, FIVE)
    assert found.raw_value == pytest.approx(divergence, abs=1e-9)
    assert found.value == pytest.approx(divergence / (divergence + math.log(5)), abs=1e-9)
    assert dict(found.provenance)["map"] == "d/(d+log k)"


def test_it_is_the_divergence_by_its_definition() -> None:
    """KL(U || q) summed term by term over two tokens is the same number."""
    other = (0.5, 0.2, 0.1, 0.05, 0.01)
    shares = [p / sum(other) for p in other]
    by_hand = sum(0.2 * math.log(0.2 / q) for q in shares)
    golden = 2.476085207 - math.log(5)
    tokens = Tokens((-0.4, -0.7), top_k=5, top_logprobs=(*TOP_FIVE, *map(math.log, other)))
    assert measured(METRIC, tokens).raw_value == pytest.approx((golden + by_hand) / 2, abs=1e-9)


def test_undecided_alternatives_give_zero() -> None:
    """Where all alternatives are equally probable, divergence and value are 0."""
    found = measured(METRIC, Tokens((-1.0,), top_k=4, top_logprobs=(-2.0,) * 4))
    assert (found.value, found.raw_value) == (0.0, 0.0)


def test_the_surer_the_higher() -> None:
    """The value rises with the share of the best alternative, up to extreme log-probabilities."""
    values = [
        measured(METRIC, Tokens((-0.1,), top_k=2, top_logprobs=(-0.1, second))).value
        for second in (-0.2, -1.0, -10.0, -100.0, -1e300)
    ]
    assert values == sorted(values)
    assert 0.0 < values[0] < values[-1] <= 1.0


def test_tokens_short_of_k_are_left_out_and_counted() -> None:
    """A token with two of five alternatives does not change the number, and is told of."""
    found = measured(METRIC, FIVE_AND_TWO)
    assert found.value == measured(METRIC, FIVE).value
    assert found.flags == ("tokens_excluded",)


def test_no_alternatives_is_missing_input() -> None:
    """Tokens without alternatives give no number."""
    assert refused(METRIC, Tokens((-0.1,))) is AbsenceReason.INPUT_MISSING
