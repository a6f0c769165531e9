"""Metrics that ask an entailment or an embedding model, on models of a few lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, Self

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult, Message
from plimsoll.metrics.degree_nli import DegreeNli
from plimsoll.metrics.eccentricity_nli import EccentricityNli
from plimsoll.metrics.eigenvalue_nli import EigenvalueNli
from plimsoll.metrics.embedding_cosine import EmbeddingCosine
from plimsoll.metrics.entailed_meanings import connected_meanings, greedy_meanings
from plimsoll.metrics.entailment import EntailmentMean
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.inference import Inference, infer
from plimsoll.metrics.kernel_language_entropy_nli import KernelLanguageEntropyNli
from plimsoll.metrics.noncontradiction import Noncontradiction
from plimsoll.metrics.semantic_entropy_nli import SemanticEntropyNli
from plimsoll.metrics.semantic_sets_nli import SemanticSetsNli
from plimsoll.ports.metric import Metric
from plimsoll.ports.tools import NO_TOOLS, Entailment, EntailmentModel, Tools
from tests.support.fake_models import LetterEmbedder, TableEntailment, WordEntailment
from tests.unit.metrics.results import result

YES, NO, UNSURE = Entailment(0.9, 0.1, 0.0), Entailment(0.0, 0.2, 0.8), Entailment(0.2, 0.7, 0.1)


class Asks(Metric, Protocol):
    """A metric that is made with an entailment model."""

    def __init__(self, model: EntailmentModel | None = None) -> None:
        """Without a model it answers `not_configured`."""

    @classmethod
    def with_tools(cls, tools: Tools) -> Self:
        """The metric with the model that is configured."""


ALL: list[type[Asks]] = [
    DegreeNli,
    EccentricityNli,
    EigenvalueNli,
    EntailmentMean,
    KernelLanguageEntropyNli,
    Noncontradiction,
    SemanticEntropyNli,
    SemanticSetsNli,
]


def both(one: str, other: str, answer: Entailment) -> dict[tuple[str, str], Entailment]:
    """The same answer in both directions."""
    return {(one, other): answer, (other, one): answer}


def inference(of: LlmResult, model: EntailmentModel) -> Inference:
    """What the model is asked about the result."""
    found = infer(of, model)
    assert isinstance(found, Inference)
    return found


def test_noncontradiction_is_the_mean_of_both_directions() -> None:
    """One alternative contradicts in one direction by .8, the other in none: 1 - (.4 + 0) / 2."""
    model = TableEntailment({("a b", "c d"): NO, **both("a b", "e f", YES)})
    found = Noncontradiction(model).compute(result("a b", samples=["c d", "e f"]))
    assert isinstance(found, Measurement)
    assert found.value == pytest.approx(0.8, abs=1e-12)
    assert ("entailment_model", model.name) in found.provenance


def test_entailment_is_the_mean_of_both_directions_not_the_best_of_them() -> None:
    """Entailed one way by .9 and not the other way: .45."""
    model = TableEntailment({("a b", "c d"): YES})
    found = EntailmentMean(model).compute(result("a b", samples=["c d"]))
    assert isinstance(found, Measurement)
    assert found.value == pytest.approx(0.45, abs=1e-12)


def test_what_contradicts_most_is_evidence() -> None:
    """The alternative that is likelier to contradict than not is shown, and no other."""
    model = TableEntailment({**both("a b", "c d", NO), **both("a b", "e f", YES)})
    found = Noncontradiction(model).compute(result("a b", samples=["e f", "c d"]))
    assert isinstance(found, Measurement)
    assert [(e.kind, e.text) for e in found.evidence] == [("contradiction", "c d")]
    quiet = Noncontradiction(model).compute(result("a b", samples=["e f"]))
    assert isinstance(quiet, Measurement)
    assert quiet.evidence == ()


def test_one_direction_of_entailment_is_not_the_same_meaning() -> None:
    """`Paris` follows from `Paris, France` but not the other way round: two meanings."""
    model = TableEntailment({("in paris france", "in paris"): YES})
    for metric in (SemanticSetsNli(model), SemanticEntropyNli(model)):
        found = metric.compute(result("in paris", samples=["in paris france"]))
        assert isinstance(found, Measurement)
        assert found.value == pytest.approx(0.0)


def test_a_response_joins_one_cluster_only() -> None:
    """What entails the first members of two clusters is counted once: sizes add up to N."""
    model = TableEntailment({**both("x a", "x b", NO), **both("x a", "x c", YES),
                             **both("x b", "x c", YES)})  # fmt: skip
    found = greedy_meanings(inference(result("x a", samples=["x a", "x b", "x b", "x c"]), model))
    assert not isinstance(found, Absence)
    assert found.sizes == (3, 2)
    assert found.rule == "mutual-entailment-greedy"


def test_components_join_what_greedy_clusters_keep_apart() -> None:
    """A - c - b are one component, although a and b contradict each other."""
    model = TableEntailment({**both("x a", "x b", NO), **both("x a", "x c", YES),
                             **both("x b", "x c", YES)})  # fmt: skip
    found = connected_meanings(inference(result("x a", samples=["x b", "x c", "x d"]), model))
    assert not isinstance(found, Absence)
    assert found.sizes == (3, 1)


def test_paraphrases_are_one_meaning() -> None:
    """Where the model says that both entail each other, entropy is 0."""
    model = TableEntailment(both("in paris", "the capital of france", YES))
    found = SemanticEntropyNli(model).compute(
        result("in paris", samples=["the capital of france", "in paris"])
    )
    assert isinstance(found, Measurement)
    assert (found.value, found.raw_value) == (1.0, 0.0)


def test_the_question_stands_before_each_answer_and_pairs_go_as_pairs() -> None:
    """The model sees (question answer, question answer), never one string with a separator."""
    model = WordEntailment("question@1")
    asked = replace(
        result("in paris", samples=["in rome"]),
        messages=(Message("system", "Be short."), Message("user", "Where is it?")),
    )
    found = EntailmentMean(model).compute(asked)
    assert set(model.asked) == {
        ("Where is it? in paris", "Where is it? in rome"),
        ("Where is it? in rome", "Where is it? in paris"),
    }
    assert isinstance(found, Measurement)
    assert ("entailment_texts", "question and answer") in found.provenance


def test_metrics_of_one_result_ask_each_pair_once() -> None:
    """Eight metrics ask about six ordered pairs of three answers six times in all.

    Each is given a copy of its own, with another result in between, as in a compute process.
    """
    model = WordEntailment("once@1")
    of = result("in paris", samples=["in rome", "in oslo", "In Rome!", "in paris"])
    for metric in ALL:
        assert evaluate(metric(model), replace(of)).value is not None
        other = evaluate(metric(WordEntailment()), result("a b", samples=["c d"]))
        assert other.value is not None
    assert len(model.asked) == len(set(model.asked)) == 6


def test_answers_of_one_model_are_not_taken_for_anothers() -> None:
    """Two models asked about one result give two numbers."""
    of = result("a b", samples=["c d"])
    one = EntailmentMean(TableEntailment(both("a b", "c d", YES))).compute(of)
    other = EntailmentMean(WordEntailment()).compute(of)
    assert isinstance(one, Measurement)
    assert isinstance(other, Measurement)
    assert [one.value, other.value] == pytest.approx([0.9, 0.0])


def test_degree_weighs_edges_by_entailment_and_kernels_by_neutrality_too() -> None:
    """With p_e .2 and p_n .7: the degree is (1 + .2) / 2; a kernel's edge weighs .55."""
    model = TableEntailment(both("a b", "c d", UNSURE))
    of = result("a b", samples=["c d"])
    found = DegreeNli(model).compute(of)
    assert isinstance(found, Measurement)
    assert found.value == pytest.approx(0.6)
    assert ("affinity", "entailment") in found.provenance
    kernel = KernelLanguageEntropyNli(model).compute(of)
    assert isinstance(kernel, Measurement)
    assert ("affinity", "graded") in kernel.provenance


@pytest.mark.parametrize("metric", ALL)
def test_without_a_model_the_answer_is_not_configured(metric: type[Asks]) -> None:
    """No model, no number."""
    bare = metric.with_tools(NO_TOOLS)
    absence = evaluate(bare, result(samples=["x"])).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_CONFIGURED


@pytest.mark.parametrize("metric", ALL)
def test_too_many_pairs_and_too_long_texts_are_too_large(metric: type[Asks]) -> None:
    """What a model cannot read or would take minutes for is an absence."""
    with_model = metric.with_tools(Tools(entailment=WordEntailment()))
    many = result(samples=[f"answer {number}" for number in range(600)])
    for of in (many, result("x " * 5_000, samples=["y"])):
        absence = evaluate(with_model, of).absence
        assert absence is not None
        assert absence.reason is AbsenceReason.INPUT_TOO_LARGE


def test_cosines_are_taken_to_the_unit_interval() -> None:
    """The mean of (cos + 1) / 2 over alternatives; the same text is nearest."""
    same = EmbeddingCosine(LetterEmbedder()).compute(result("a b", samples=["a b"]))
    other = EmbeddingCosine(LetterEmbedder()).compute(result("aaaa", samples=["bbbb"]))
    assert isinstance(same, Measurement)
    assert isinstance(other, Measurement)
    assert (same.value, same.raw_value) == (1.0, 1.0)
    vectors = LetterEmbedder().embed(["aaaa", "bbbb"])
    assert other.value == pytest.approx((1 + float(vectors[0] @ vectors[1])) / 2)
    assert ("embedding_model", "letters@1") in other.provenance


def test_no_embedding_model_is_not_configured() -> None:
    """No model, no number."""
    absence = evaluate(EmbeddingCosine.with_tools(NO_TOOLS), result(samples=["x"])).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_CONFIGURED
