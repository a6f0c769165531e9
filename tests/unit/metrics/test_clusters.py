"""Entropies over clusters, sets of meanings, and the rule that makes them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import Alternative, LlmResult, Response, Tokens
from plimsoll.metrics.clusters import (
    cluster_entropy,
    coverage,
    coverage_adjusted_entropy,
    probability_shares,
    weighted_entropy,
)
from plimsoll.metrics.coverage_adjusted_semantic_entropy import CoverageAdjustedSemanticEntropy
from plimsoll.metrics.discrete_semantic_entropy import DiscreteSemanticEntropy
from plimsoll.metrics.equivalence import meanings
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.reading import Reading, read
from plimsoll.metrics.semantic_sets import SemanticSets
from plimsoll.metrics.weighted_semantic_entropy import WeightedSemanticEntropy
from tests.unit.metrics.results import result

GOLDEN = result("Paris", samples=["paris.", "the Paris", "London", "Rome"])


def with_logprobs(of: LlmResult, mean_logprobs: list[float | None]) -> LlmResult:
    """The same result, with two tokens of that mean log-probability for each response."""

    def told(response: Response, mean: float | None) -> Response:
        tokens = None if mean is None else Tokens((1.5 * mean, 0.5 * mean))
        return replace(response, tokens=tokens)

    first, *others = mean_logprobs
    return replace(
        of,
        response=told(of.response, first),
        alternatives=tuple(
            Alternative(told(a.response, mean))
            for a, mean in zip(of.alternatives, others, strict=True)
        ),
    )


def partitions(total: int, largest: int) -> Iterator[tuple[int, ...]]:
    """The ways to write a number as a sum, largest part first."""
    if total == 0:
        yield ()
    for part in range(min(total, largest), 0, -1):
        for rest in partitions(total - part, part):
            yield (part, *rest)


def test_sets_confidence_of_the_golden_clusters() -> None:
    """Clusters [0, 0, 0, 1, 2] of five are three meanings: confidence .5."""
    found = SemanticSets().compute(GOLDEN)
    assert isinstance(found, Measurement)
    assert (found.value, found.raw_value) == (0.5, 3.0)
    assert found.evidence[0].text == "3 different answers: 3, 1, 1"


def test_chao_shen_of_the_golden_clusters() -> None:
    """Coverage .6, entropy 1.489524654."""
    assert coverage((3, 1, 1)) == pytest.approx(0.6)
    assert coverage_adjusted_entropy((3, 1, 1)) == pytest.approx(1.489524654, abs=1e-9)
    found = CoverageAdjustedSemanticEntropy().compute(GOLDEN)
    assert isinstance(found, Measurement)
    assert found.raw_value == pytest.approx(1.489524654, abs=1e-9)
    assert found.evidence[-1].text == "0.600"


def test_where_every_answer_is_different_coverage_is_one_of_n() -> None:
    """f1 = n counts as n - 1: coverage 1/4 of four, not 0."""
    assert coverage((1, 1, 1, 1)) == pytest.approx(0.25)


def test_coverage_adjusted_confidence_spans_the_unit_interval() -> None:
    """1 where all agree, 0 where all differ, and in between for every other clustering."""
    for total in range(2, 21):
        highest = coverage_adjusted_entropy((1,) * total)
        for sizes in partitions(total, total):
            assert 0.0 <= coverage_adjusted_entropy(sizes) <= highest
    assert coverage_adjusted_entropy((20,)) == 0.0


def test_coverage_adjusted_entropy_is_never_below_the_plain_one() -> None:
    """Plain entropy over few samples is too small, so the estimate only adds to it."""
    for sizes in partitions(9, 9):
        assert coverage_adjusted_entropy(sizes) >= cluster_entropy(sizes) - 1e-12


def test_weighted_entropy_of_the_golden_clusters() -> None:
    """Log-likelihoods [-2, -2.5, -3, -4, -5]: P(C) .914277, .062669, .023055; .342438319."""
    likelihoods = [-2.0, -2.5, -3.0, -4.0, -5.0]
    shares = probability_shares("aaabc", likelihoods)
    assert shares == pytest.approx([0.914277, 0.062669, 0.023055], abs=1e-6)
    assert weighted_entropy("aaabc", likelihoods) == pytest.approx(0.342438319, abs=1e-9)
    told: list[float | None] = [*likelihoods]
    found = WeightedSemanticEntropy().compute(with_logprobs(GOLDEN, told))
    assert isinstance(found, Measurement)
    assert found.raw_value == pytest.approx(0.342438319, abs=1e-9)
    assert found.value == pytest.approx(1 - 0.342438319 / math.log(5), abs=1e-9)


def test_weighted_entropy_of_tiny_probabilities_is_a_number() -> None:
    """Log-likelihoods of -2,000, whose exponentials are 0, weigh like any others."""
    assert weighted_entropy("ab", [-2_000.0, -2_000.0]) == pytest.approx(math.log(2))


@pytest.mark.parametrize("least", [-744.9, -745.1, -1e6])
def test_a_share_too_small_for_a_number_adds_nothing(least: float) -> None:
    """Next to certainty, a probability near or below the least double has no weight."""
    assert weighted_entropy("aab", [0.0, 0.0, least]) == pytest.approx(0.0)


def test_alternatives_without_log_probabilities_are_left_out_and_flagged() -> None:
    """Three responses with a probability are compared; the two without are no disagreement."""
    score = evaluate(WeightedSemanticEntropy(), with_logprobs(GOLDEN, [-1, -1, -1, None, None]))
    assert score.value == 1.0
    assert {"low_sample", "samples_excluded"} <= set(score.flags)
    assert ("responses_with_logprobs", "3") in score.provenance


def test_no_alternative_with_log_probabilities_is_insufficient_samples() -> None:
    """One probability alone has no entropy."""
    absence = evaluate(
        WeightedSemanticEntropy(), with_logprobs(GOLDEN, [-1, None, None, None, None])
    ).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INSUFFICIENT_SAMPLES


def test_an_impossible_log_probability_of_the_response_is_invalid() -> None:
    """A log-probability above 0 is none."""
    absence = evaluate(
        WeightedSemanticEntropy(), with_logprobs(GOLDEN, [1, -1, -1, -1, -1])
    ).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INPUT_INVALID


def test_every_response_has_one_meaning() -> None:
    """Whatever the rule, sizes add up to N: no response's mass is counted twice."""
    reading = read(result("a", samples=["b", "c", "a"]))
    assert isinstance(reading, Reading)
    found = meanings(reading, "first-letter", lambda r: [text[0] for text in r.texts])
    assert found.labels == ("a", "b", "c", "a")
    assert found.sizes == (2, 1, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024-01-05", "5 January 2024"),
        ("Jan. 5, 2024", "January 5th, 2024."),
        ("5th of January 2024", "2024-01-05"),
        ("2024-01-05T10:00:00Z", "2024-01-05T11:00+01:00"),
    ],
)
def test_dates_are_compared_as_dates(one: str, other: str) -> None:
    """One day or instant, written in two ways, is one answer."""
    found = DiscreteSemanticEntropy().compute(result(one, samples=[other]))
    assert isinstance(found, Measurement)
    assert found.value == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024-01-05", "2024-01-06"),
        ("01/02/2024", "1 February 2024"),
        ("01/02/2024", "2 January 2024"),
        ("2024-02-30", "1 March 2024"),
        ("2024-01-05", "2024-01-05T00:00:00Z"),
    ],
)
def test_other_dates_are_other_answers(one: str, other: str) -> None:
    """A day apart is another answer, and what two countries read in two ways is no date."""
    found = SemanticSets().compute(result(one, samples=[other]))
    assert isinstance(found, Measurement)
    assert found.value == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"id": 18446744073709551616}', '{"id": 18446744073709551617}'),
        ('{"id": 18446744073709551617}', '{"id": 1.8446744073709552e19}'),
        ('{"id": -9223372036854775809}', '{"id": -9223372036854775808}'),
    ],
)
def test_whole_numbers_beyond_64_bits_are_different_answers(one: str, other: str) -> None:
    """A double cannot tell neighbours apart there, and so is not what they are compared as."""
    found = evaluate(SemanticSets(), result(one, samples=[other, one.replace(" ", "")]))
    assert found.raw_value == 2.0


def test_a_whole_number_that_nobody_can_read_makes_no_document() -> None:
    """With more digits than Python reads, JSON is compared as text: the same text is the same."""
    long = '{"id": 1' + "0" * 5_000 + "}"
    assert evaluate(SemanticSets(), result(long, samples=[long])).raw_value == 1.0
    assert evaluate(SemanticSets(), result(long, samples=[long.replace("1", "2")])).raw_value == 2.0
