"""Highest entropy of a token's top alternatives."""

from __future__ import annotations

import math

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.max_token_entropy import MaxTokenEntropy
from plimsoll.metrics.mean_token_entropy import MeanTokenEntropy
from tests.unit.metrics.tokens import FIVE, FIVE_AND_TWO, TOP_FIVE, measured, refused

METRIC = MaxTokenEntropy()
SURE = tuple(map(math.log, (0.96, 0.01, 0.01, 0.01, 0.01)))


def test_the_golden_top_five() -> None:
    """One token with [.7, .2, .05, .03, .02]: entropy .904783854, value .437826183."""
    found = measured(METRIC, FIVE)
    assert found.value == pytest.approx(0.437826183, abs=1e-9)
    assert found.raw_value == pytest.approx(0.904783854, abs=1e-9)


def test_the_least_sure_token_decides_and_is_named() -> None:
    """Among sure tokens the one that was not gives the number, and evidence names it."""
    tokens = Tokens(
        (-0.04, -0.36, -0.04),
        texts=("Pa", "ri", "s"),
        top_k=5,
        top_logprobs=(*SURE, *TOP_FIVE, *SURE),
    )
    found = measured(METRIC, tokens)
    assert found.raw_value == pytest.approx(0.904783854, abs=1e-9)
    assert [(item.ref, item.text) for item in found.evidence] == [("response.tokens/1", "ri")]
    assert found.value < measured(MeanTokenEntropy(), tokens).value


@pytest.mark.parametrize("k", [2, 3, 5, 10, 14, 15, 16, 20])
def test_any_k_gives_a_number(k: int) -> None:
    """A number for every k of two or more, where uqlm has NaN unless k is 15."""
    tokens = Tokens((-1.0,), top_k=k, top_logprobs=(math.log(1 / k),) * k)
    found = measured(METRIC, tokens)
    assert found.value == pytest.approx(0.0, abs=1e-9)
    assert found.raw_value == pytest.approx(math.log(k))
    assert dict(found.provenance)["k"] == str(k)


def test_a_token_short_of_k_is_left_out_by_its_place() -> None:
    """The evidence of a later token keeps its place though an earlier one was left out."""
    tokens = Tokens((-0.1, -0.4), top_k=5, top_counts=(2, 5), top_logprobs=(-0.1, -3.0, *TOP_FIVE))
    found = measured(METRIC, tokens)
    assert found.value == measured(METRIC, FIVE_AND_TWO).value
    assert found.evidence[0].ref == "response.tokens/1"
    assert found.flags == ("tokens_excluded",)


def test_a_few_longer_lists_do_not_decide_on_k() -> None:
    """Where the chosen token was added to one list, k is what half of the tokens have."""
    tokens = Tokens(
        (-0.4, -9.0, -0.4),
        top_counts=(5, 6, 5),
        top_logprobs=(*TOP_FIVE, *TOP_FIVE, -9.0, *TOP_FIVE),
    )
    found = measured(METRIC, tokens)
    assert dict(found.provenance)["k"] == "5"
    assert found.value == pytest.approx(0.437826183, abs=1e-9)
    assert found.flags == ()


def test_the_first_of_equals_is_named() -> None:
    """Two tokens with the same alternatives: evidence is the first."""
    tokens = Tokens((-0.4, -0.4), top_k=5, top_logprobs=TOP_FIVE * 2)
    assert measured(METRIC, tokens).evidence[0].ref == "response.tokens/0"


def test_no_token_with_k_alternatives_is_an_absence() -> None:
    """Where every token is short of k, there is no number."""
    tokens = Tokens((-0.1,), top_k=3, top_counts=(2,), top_logprobs=(-0.1, -2.0))
    assert refused(METRIC, tokens) is AbsenceReason.INPUT_MISSING
