"""Joint probability of the response's tokens."""

from __future__ import annotations

import math

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.joint_sequence_probability import JointSequenceProbability
from tests.unit.metrics.tokens import GOLDEN, INF, NAN, measured, refused

METRIC = JointSequenceProbability()


def test_the_golden_vector() -> None:
    """Log p = [-.1, -.2, -2.3, -.05] has the joint probability .070651213."""
    found = measured(METRIC, Tokens(GOLDEN))
    assert found.value == pytest.approx(0.070651213, abs=1e-9)
    assert found.raw_value == pytest.approx(-2.65)


def test_length_counts() -> None:
    """Twice the tokens square the probability: it is not normalised by length."""
    once, twice = measured(METRIC, Tokens(GOLDEN)), measured(METRIC, Tokens(GOLDEN * 2))
    assert twice.value == pytest.approx(once.value**2)
    assert dict(twice.provenance)["normalisation"] == "none"


def test_below_the_smallest_double_the_raw_value_still_tells() -> None:
    """A thousand nats give the value 0 and the raw value -1000, and no error."""
    found = measured(METRIC, Tokens((-1.0,) * 1_000))
    assert (found.value, found.raw_value) == (0.0, -1_000.0)


@pytest.mark.parametrize("bad", [-INF, NAN, 0.01, INF, math.nextafter(0.0, 1.0)])
def test_what_is_no_log_probability_is_invalid(bad: float) -> None:
    """-inf, NaN and anything above 0 are no log-probabilities."""
    assert refused(METRIC, Tokens((-0.1, bad))) is AbsenceReason.INPUT_INVALID


@pytest.mark.parametrize("tokens", [None, Tokens(())])
def test_no_tokens_is_missing_input(tokens: Tokens | None) -> None:
    """No log-probabilities, or an empty list of them, is `input_missing`."""
    assert refused(METRIC, tokens) is AbsenceReason.INPUT_MISSING
