"""The first white-box metrics: golden vectors, and what is refused."""

from __future__ import annotations

import math

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.mean_token_entropy import MeanTokenEntropy
from plimsoll.metrics.min_token_probability import MinTokenProbability
from plimsoll.metrics.sequence_probability import SequenceProbability
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import (
    FIVE,
    FIVE_AND_TWO,
    GOLDEN,
    INF,
    NAN,
    TOP_FIVE,
    measured,
    refused,
)


def test_sequence_probability_of_the_golden_vector() -> None:
    """Log p = [-.1, -.2, -2.3, -.05] has the length-normalised probability .515560820."""
    found = measured(SequenceProbability(), Tokens(GOLDEN))
    assert found.value == pytest.approx(0.515560820, abs=1e-9)
    assert found.raw_value == pytest.approx(-0.6625)
    assert 1 / found.value == pytest.approx(1.939635367, abs=1e-9)


def test_min_token_probability_of_the_golden_vector() -> None:
    """The least probable token of the golden vector has .100258844, and evidence names it."""
    tokens = Tokens(GOLDEN, texts=("Pa", "ri", "s", "."))
    found = measured(MinTokenProbability(), tokens)
    assert found.value == pytest.approx(0.100258844, abs=1e-9)
    assert [(item.ref, item.text) for item in found.evidence] == [("response.tokens/2", "s")]


def test_entropy_of_the_golden_top_five() -> None:
    """Top five [.7, .2, .05, .03, .02]: entropy .904783854, one minus its share .437826183."""
    found = measured(MeanTokenEntropy(), FIVE)
    assert found.value == pytest.approx(0.437826183, abs=1e-9)
    assert found.raw_value == pytest.approx(0.904783854, abs=1e-9)
    assert dict(found.provenance)["k"] == "5"


@pytest.mark.parametrize("lost_nats", [-math.log(0.3), 700.0, 5_000.0])
def test_entropy_renormalises(lost_nats: float) -> None:
    """Alternatives with a small part of the probability count by their shares of it."""
    scaled = tuple(logprob - lost_nats for logprob in TOP_FIVE)
    found = measured(MeanTokenEntropy(), Tokens((-0.4,), top_k=5, top_logprobs=scaled))
    assert found.raw_value == pytest.approx(0.904783854, abs=1e-9)


def test_tokens_with_fewer_alternatives_are_left_out_and_counted() -> None:
    """A token with fewer than k alternatives changes the count of the excluded, not the number."""
    found = measured(MeanTokenEntropy(), FIVE_AND_TWO)
    assert found.value == measured(MeanTokenEntropy(), FIVE).value
    assert dict(found.provenance)["excluded_tokens"] == "1"
    assert found.flags == ("tokens_excluded",)


@pytest.mark.parametrize("metric", [SequenceProbability(), MinTokenProbability()])
@pytest.mark.parametrize("bad", [-INF, NAN, 0.01, INF])
def test_what_is_no_log_probability_is_invalid(metric: Metric, bad: float) -> None:
    """-inf, NaN and anything above 0 make the input invalid, wherever they stand."""
    for logprobs in ((bad, -0.1), (-0.1, bad), (-0.1, bad, -0.2)):
        assert refused(metric, Tokens(logprobs)) is AbsenceReason.INPUT_INVALID


@pytest.mark.parametrize(
    "tokens",
    [
        Tokens((-0.1, -0.2), texts=("a",), top_k=1, top_logprobs=(-0.1, -0.2)),
        Tokens((-0.1, -0.2), top_k=2, top_logprobs=(-0.1, -0.2, -0.3)),
        Tokens((-0.1, -0.2), top_k=2, top_counts=(2,), top_logprobs=(-0.1, -0.2)),
        Tokens((-0.1,), top_k=2, top_logprobs=(-0.1, -0.2), top_texts=("a",)),
        Tokens((-0.1,), top_k=2, top_logprobs=(-0.1, NAN)),
        Tokens((-0.1,), top_k=2, top_logprobs=(-0.1, -INF)),
    ],
)
def test_columns_that_disagree_are_invalid(tokens: Tokens) -> None:
    """Columns of different lengths, and broken top alternatives, are no input for entropy."""
    assert refused(MeanTokenEntropy(), tokens) is AbsenceReason.INPUT_INVALID


def test_one_alternative_has_no_entropy() -> None:
    """With one alternative a token there is nothing to be unsure between: an absence."""
    tokens = Tokens((-0.1,), top_k=1, top_logprobs=(-0.1,))
    assert refused(MeanTokenEntropy(), tokens) is AbsenceReason.INPUT_MISSING


def test_no_token_with_k_alternatives_is_an_absence() -> None:
    """Where every token is short of k, there is no number."""
    tokens = Tokens((-0.1,), top_k=3, top_counts=(2,), top_logprobs=(-0.1, -2.0))
    assert refused(MeanTokenEntropy(), tokens) is AbsenceReason.INPUT_MISSING


def test_tokens_of_the_beginning_do_not_stand_for_the_whole() -> None:
    """Tokens that cover less than half of the response's text are `truncated`."""
    tokens = Tokens((-0.01,), texts=("The",))
    text = "The capital of France is Paris."
    assert refused(SequenceProbability(), tokens, text) is AbsenceReason.TRUNCATED


@pytest.mark.parametrize(
    "metric", [SequenceProbability(), MinTokenProbability(), MeanTokenEntropy()]
)
@pytest.mark.parametrize("tokens", [None, Tokens(())])
def test_no_tokens_is_missing_input(metric: Metric, tokens: Tokens | None) -> None:
    """No log-probabilities, or an empty list of them, is `input_missing`."""
    absence = evaluate(metric, result(tokens=tokens)).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INPUT_MISSING
