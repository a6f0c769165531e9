"""Mean probability over the response and its alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Alternative, LlmResult, Response, Tokens
from plimsoll.metrics.monte_carlo_probability import MonteCarloProbability
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import GOLDEN, INF, NAN, measured_of, refused_of

METRIC = MonteCarloProbability()


def sampled(*samples: Tokens | None, tokens: Tokens | None = None) -> LlmResult:
    """A result with the golden tokens, and alternatives with these."""
    alternatives = tuple(Alternative(Response(text="Paris", tokens=one)) for one in samples)
    return replace(result(tokens=tokens or Tokens(GOLDEN)), alternatives=alternatives)


def test_it_is_the_mean_of_length_normalised_probabilities() -> None:
    """The golden .515560820 with samples of e^-1 and e^-2: their mean, whatever their lengths."""
    found = measured_of(METRIC, sampled(Tokens((-1.0,)), Tokens((-3.0, -2.0, -1.0))))
    expected = (0.515560820 + 0.367879441 + 0.135335283) / 3
    assert found.value == pytest.approx(expected, abs=1e-9)
    assert found.raw_value == found.value
    facts = dict(found.provenance)
    assert (facts["m"], facts["response_included"], facts["normalisation"]) == (
        "2",
        "yes",
        "length",
    )
    assert found.flags == ("low_sample",)


def test_alternatives_without_tokens_are_left_out_and_told_of() -> None:
    """A sample without log-probabilities changes flags, not the number; there is no NaN to skip."""
    whole = measured_of(METRIC, sampled(*[Tokens((-1.0,))] * 5))
    part = measured_of(METRIC, sampled(*[Tokens((-1.0,))] * 5, None, Tokens(())))
    assert part.value == whole.value
    assert (whole.flags, part.flags) == ((), ("samples_excluded",))
    assert dict(part.provenance)["m"] == "5"


@pytest.mark.parametrize("samples", [(None,), (Tokens(()), None)])
def test_no_alternative_with_tokens_is_too_few_samples(samples: Sequence[Tokens | None]) -> None:
    """The response's own tokens alone are no Monte-Carlo estimate."""
    absence = refused_of(METRIC, sampled(*samples))
    assert absence.reason is AbsenceReason.INSUFFICIENT_SAMPLES


@pytest.mark.parametrize("bad", [-INF, NAN, 0.5])
def test_a_broken_alternative_makes_it_invalid(bad: float) -> None:
    """An improbable sample that has no number is not left out, which would raise the mean."""
    for order in ((Tokens((bad,)), Tokens((-1.0,))), (Tokens((-1.0,)), Tokens((-1.0, bad)))):
        assert refused_of(METRIC, sampled(*order)).reason is AbsenceReason.INPUT_INVALID


def test_a_broken_response_makes_it_invalid() -> None:
    """The response's own log-probabilities are held to the same rule."""
    given = sampled(Tokens((-1.0,)), tokens=Tokens((-INF,)))
    assert refused_of(METRIC, given).reason is AbsenceReason.INPUT_INVALID
