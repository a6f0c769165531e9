"""Perplexity of the response."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.perplexity import Perplexity
from plimsoll.metrics.sequence_probability import SequenceProbability
from tests.unit.metrics.tokens import GOLDEN, INF, NAN, measured, refused

METRIC = Perplexity()


def test_the_golden_vector() -> None:
    """Log p = [-.1, -.2, -2.3, -.05] has the perplexity 1.939635367, and the value is 1 / PPL."""
    found = measured(METRIC, Tokens(GOLDEN))
    assert found.raw_value == pytest.approx(1.939635367, abs=1e-9)
    assert found.value == pytest.approx(1 / 1.939635367, abs=1e-9)
    assert found.value == measured(SequenceProbability(), Tokens(GOLDEN)).value
    assert dict(found.provenance)["map"] == "1/ppl"


def test_a_certain_response_has_perplexity_one() -> None:
    """Probability 1 everywhere is perplexity 1 and value 1."""
    found = measured(METRIC, Tokens((0.0, 0.0)))
    assert (found.value, found.raw_value) == (1.0, 1.0)


def test_a_perplexity_above_the_largest_double_has_no_raw_value() -> None:
    """The smallest float of 32 bits, which some write for a masked token, gives no infinity."""
    found = measured(METRIC, Tokens((-3.4028235e38,)))
    assert (found.value, found.raw_value) == (0.0, None)


@pytest.mark.parametrize("bad", [-INF, NAN, 0.01, INF])
def test_what_is_no_log_probability_is_invalid(bad: float) -> None:
    """-inf, NaN and anything above 0 are no log-probabilities."""
    assert refused(METRIC, Tokens((-0.1, bad))) is AbsenceReason.INPUT_INVALID


@pytest.mark.parametrize("tokens", [None, Tokens(())])
def test_no_tokens_is_missing_input(tokens: Tokens | None) -> None:
    """No log-probabilities, or an empty list of them, is `input_missing`."""
    assert refused(METRIC, tokens) is AbsenceReason.INPUT_MISSING
