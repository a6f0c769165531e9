"""Consistency metrics: golden vectors, normal forms, canonical answers, bounds."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import Alternative, ContentRef, LlmResult, Response, TaskKind
from plimsoll.metrics.clusters import cluster_entropy
from plimsoll.metrics.discrete_semantic_entropy import DiscreteSemanticEntropy
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.exact_match_rate import ExactMatchRate
from plimsoll.metrics.lexical_similarity import MAX_RESPONSES, LexicalSimilarity
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result

ALL = [ExactMatchRate(), LexicalSimilarity(), DiscreteSemanticEntropy()]


def value(metric: Metric, of: LlmResult) -> float:
    """The metric's value, where there must be one."""
    outcome = metric.compute(of)
    assert isinstance(outcome, Measurement)
    return outcome.value


def test_semantic_entropy_of_the_golden_clusters() -> None:
    """Clusters [0, 0, 0, 1, 2] of five: entropy .950270539, confidence .409563717."""
    assert cluster_entropy([3, 1, 1]) == pytest.approx(0.950270539, abs=1e-9)
    found = DiscreteSemanticEntropy().compute(
        result("Paris", samples=["paris.", "the Paris", "London", "Rome"])
    )
    assert isinstance(found, Measurement)
    assert found.value == pytest.approx(0.409563717, abs=1e-9)
    assert found.raw_value == pytest.approx(0.950270539, abs=1e-9)
    assert dict(found.provenance)["equivalence"] == "canonical-form"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000", "1000.0"),
        ("0.50", ".5"),
        ("42.", "42"),
        ("(B)", "b"),
        ("A.", "a"),
        ('{"a": 1, "b": [1.0]}', '{"b":[1],"a":1}'),
        ('```json\n{"a": 1}\n```', '{"a":1}'),
        ("The Eiffel Tower!", "eiffel  tower"),
        ("\uff30\uff21\uff32\uff29\uff33", "paris"),
    ],
)
def test_the_same_answer_in_another_dress_is_one_cluster(one: str, other: str) -> None:
    """Numbers, choices, JSON and texts are compared in their canonical form."""
    assert value(DiscreteSemanticEntropy(), result(one, samples=[other])) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [("-5", "5"), ("1", "1.01"), ("A", "B"), ('{"a":1}', '{"a":"1"}'), ("5", "5%"), ("?", "!")],
)
def test_different_answers_are_different_clusters(one: str, other: str) -> None:
    """A sign, a digit, a letter or a type apart is another answer."""
    assert value(DiscreteSemanticEntropy(), result(one, samples=[other])) == pytest.approx(0.0)


def test_exact_match_rate_counts_alternatives_that_match() -> None:
    """Two of four alternatives say what the response says: .5, raw count 2."""
    found = ExactMatchRate().compute(
        result("The answer", samples=["answer", "Answer.", "no", "answers"])
    )
    assert isinstance(found, Measurement)
    assert (found.value, found.raw_value) == (0.5, 2.0)
    assert found.flags == ("low_sample",)


@pytest.mark.parametrize("kind", [TaskKind.CODE, TaskKind.MATH])
def test_signs_count_in_code_and_mathematics(kind: TaskKind) -> None:
    """`x - 1` and `x + 1` match as prose, but not as code or mathematics."""
    same = result("x - 1", samples=["x + 1"])
    other = result("x - 1", samples=["x + 1"], kind=kind)
    assert value(ExactMatchRate(), same) == 1.0
    assert value(ExactMatchRate(), other) == 0.0


def test_lexical_similarity_is_the_mean_rouge_l_of_all_pairs() -> None:
    """`a b c`, `a b d`, `e`: 2/3 for the first pair, 0 for two others, 2/9 in the mean."""
    assert value(LexicalSimilarity(), result("x y z", samples=["x y w", "v"])) == pytest.approx(
        2 / 9
    )


def test_lexical_similarity_minds_the_order_of_words() -> None:
    """`x y` and `y x` share a subsequence of one word of two."""
    assert value(LexicalSimilarity(), result("x y", samples=["y x"])) == pytest.approx(0.5)


def test_repeated_responses_weigh_as_often_as_they_occur() -> None:
    """Three alike and one apart: three of six pairs are alike."""
    assert value(LexicalSimilarity(), result("x", samples=["X", "x.", "y"])) == pytest.approx(0.5)


def test_responses_without_words_are_alike_only_if_they_are_the_same() -> None:
    """`?` is like `?` and unlike `!`."""
    assert value(LexicalSimilarity(), result("?", samples=["?"])) == 1.0
    assert value(LexicalSimilarity(), result("?", samples=["!"])) == 0.0


@pytest.mark.parametrize("metric", ALL)
def test_no_alternative_is_insufficient_samples(metric: Metric) -> None:
    """Without an alternative there is nothing to be consistent with."""
    absence = evaluate(metric, result()).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INSUFFICIENT_SAMPLES


@pytest.mark.parametrize("metric", ALL)
def test_few_samples_are_flagged(metric: Metric) -> None:
    """Four alternatives give a number with the flag `low_sample`; five give it without."""
    assert "low_sample" in evaluate(metric, result(samples=["x"] * 4)).flags
    assert "low_sample" not in evaluate(metric, result(samples=["x"] * 5)).flags


@pytest.mark.parametrize("metric", ALL)
def test_alternatives_that_are_elsewhere_are_left_out_and_flagged(metric: Metric) -> None:
    """An alternative whose body lies elsewhere is no disagreement."""
    away = Alternative(Response(content_ref=ContentRef("s3://bucket/x", "0" * 64, 5)))
    here = Alternative(Response("Paris"))
    mixed = LlmResult(result().key, Response("Paris"), alternatives=(away, here))
    score = evaluate(metric, mixed)
    assert score.value == 1.0
    assert "samples_excluded" in score.flags
    nothing = LlmResult(result().key, Response("Paris"), alternatives=(away,))
    assert evaluate(metric, nothing).value is None


@pytest.mark.parametrize("metric", ALL)
def test_an_empty_sample_disagrees(metric: Metric) -> None:
    """A model that answered nothing once did not repeat its answer."""
    assert value(metric, result(samples=["Paris", ""])) < 1.0


def test_too_many_responses_are_too_large() -> None:
    """More different responses than are compared pair by pair end in `input_too_large`."""
    samples = [f"answer {number}" for number in range(MAX_RESPONSES + 1)]
    outcome = LexicalSimilarity().compute(result(samples=samples))
    assert isinstance(outcome, Absence)
    assert outcome.reason is AbsenceReason.INPUT_TOO_LARGE


@pytest.mark.parametrize("metric", ALL)
def test_too_much_text_is_too_large(metric: Metric) -> None:
    """More text than a record may hold is an absence, not a stall."""
    outcome = metric.compute(result("x", samples=["a " * 2_100_000]))
    assert isinstance(outcome, Absence)
    assert outcome.reason is AbsenceReason.INPUT_TOO_LARGE


def test_work_grows_with_what_there_is_to_compare() -> None:
    """Ten times the text is at least ten times the estimated work of a pairwise comparison."""
    small = LexicalSimilarity().work(result("x " * 5_000, samples=["y " * 5_000]))
    large = LexicalSimilarity().work(result("x " * 50_000, samples=["y " * 50_000]))
    assert large >= 10 * small


def test_all_different_is_no_confidence() -> None:
    """N different answers have the entropy log N."""
    found = DiscreteSemanticEntropy().compute(result("one", samples=["two", "three"]))
    assert isinstance(found, Measurement)
    assert found.raw_value == pytest.approx(math.log(3))


def test_an_alternative_that_holds_nothing_is_no_disagreement() -> None:
    """A producer that named its fields otherwise gets an absence, not a rate of 0."""
    alternatives = (Alternative(Response()), Alternative(Response()))
    score = evaluate(ExactMatchRate(), replace(result("Paris"), alternatives=alternatives))
    assert score.absence is not None
    assert score.absence.reason is AbsenceReason.INSUFFICIENT_SAMPLES


def test_a_temperature_of_minus_nothing_is_one_of_nothing() -> None:
    """0 and -0 are one temperature in the provenance, whichever sample comes first."""
    told = set()
    for temperatures in ((0.0, -0.0), (-0.0, 0.0)):
        drawn = tuple(Alternative(Response("a"), temperature=t) for t in temperatures)
        found = ExactMatchRate().compute(replace(result("a"), alternatives=drawn))
        assert isinstance(found, Measurement)
        told.add(dict(found.provenance)["temperature"])
    assert told == {"0"}
