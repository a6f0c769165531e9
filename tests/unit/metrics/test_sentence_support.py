"""Support sentence by sentence: by words, by meaning, by entailment."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.sentence_coverage import SentenceCoverage
from plimsoll.metrics.sentence_entailment import SentenceEntailment
from plimsoll.metrics.sentence_similarity import MAX_PASSAGES, SentenceSimilarity
from plimsoll.metrics.support import MAX_MEETINGS, Claims, claims_of
from plimsoll.ports.tools import Tools
from tests.unit.metrics.grounded import (
    AGAINST,
    SURE,
    UNSURE,
    Embedder,
    Judge,
    cut_out,
    grounded,
    of,
    reason,
)

CONTEXT = "The tower stands in Paris. It was opened in 1889."


def test_the_best_passage_counts_for_each_sentence() -> None:
    """The first sentence is covered, of the second one word of two: 0.75, and 0.5 the lowest."""
    text = "The tower stands in Paris. It was demolished in 1889."
    score = of(SentenceCoverage(), text, CONTEXT, "Nothing here.")
    assert score.value == pytest.approx(0.75)
    assert score.raw_value == 0.5
    assert cut_out(score, "weak_sentence", text) == ["It was demolished in 1889."]
    assert cut_out(score, "passage", CONTEXT) == [CONTEXT]


def test_words_that_stand_far_apart_do_not_add_up() -> None:
    """Two documents with half of the words each bear half of the sentence."""
    assert of(SentenceCoverage(), "red tower", "a red car", "a tall tower").value == 0.5


def test_a_sentence_from_nowhere_has_no_passage() -> None:
    """Its share is 0, and no passage is named for it."""
    score = of(SentenceCoverage(), "Bananas ripen quickly.", CONTEXT)
    assert score.value == 0.0
    assert [item.kind for item in score.evidence] == ["weak_sentence"]


@pytest.mark.parametrize("text", ["Is it in Paris?", "It is.", "?", "\u2026"])
def test_what_claims_nothing_is_not_applicable(text: str) -> None:
    """Questions and sentences of function words claim nothing."""
    assert reason(of(SentenceCoverage(), text, CONTEXT)) is AbsenceReason.NOT_APPLICABLE


def test_a_blank_context_is_missing() -> None:
    """Documents of blanks bear nothing and refute nothing."""
    assert reason(of(SentenceCoverage(), "It is in Paris.", " \n")) is AbsenceReason.INPUT_MISSING


def test_too_many_meetings_are_too_large() -> None:
    """A text whose every sentence meets every passage is refused, not compared."""
    common = " ".join(f"w{n}" for n in range(70))
    text = ". ".join([common.capitalize()] * 400)
    found = claims_of(grounded(text, text))
    assert not isinstance(found, Claims)
    assert found.reason is AbsenceReason.INPUT_TOO_LARGE
    assert MAX_MEETINGS < 400 * 400 * 70


def test_similarity_is_the_cosine_to_the_nearest_passage() -> None:
    """The same letters are the same meaning to this embedder, other letters are none."""
    metric = SentenceSimilarity.with_tools(Tools(embedder=Embedder()))
    score = of(metric, "abc cab.", "zzz.", "bca abc.")
    assert score.value == pytest.approx(1.0)
    assert dict(score.provenance)["embedder"] == "letters@1"
    assert of(metric, "abc.", "xyz.").value == pytest.approx(0.0, abs=1e-6)


def test_of_a_long_context_the_likeliest_passages_are_read() -> None:
    """A model reads so many passages at the most: those that share words with the response."""
    embedder = Embedder()
    metric = SentenceSimilarity.with_tools(Tools(embedder=embedder))
    documents = [f"filler{n} text." for n in range(MAX_PASSAGES + 50)] + ["The needle is here."]
    score = of(metric, "A needle.", *documents)
    assert len(embedder.seen) == MAX_PASSAGES + 1
    assert "The needle is here." in embedder.seen
    assert dict(score.provenance)["passages_read"] == f"{MAX_PASSAGES} of {MAX_PASSAGES + 51}"


def test_entailment_is_the_highest_over_passages() -> None:
    """One passage that entails a sentence is enough; the mean over sentences is the value."""
    judge = Judge(lambda premise, _: SURE if "Paris" in premise else AGAINST)
    metric = SentenceEntailment.with_tools(Tools(entailment=judge))
    score = of(metric, "The tower stands in Paris.", "The tower is old.", "It is in Paris.")
    assert score.value == pytest.approx(0.9)
    assert score.raw_value == pytest.approx(0.9)
    unsure = SentenceEntailment.with_tools(Tools(entailment=Judge(lambda *_: UNSURE)))
    assert of(unsure, "The tower stands in Rome.", CONTEXT).value == pytest.approx(0.2)


def test_a_fragment_is_read_behind_its_question() -> None:
    """`Paris` alone states nothing; with the question it does. A sentence stands for itself."""
    judge = Judge(lambda *_: SURE)
    metric = SentenceEntailment.with_tools(Tools(entailment=judge))
    of(metric, "Paris", CONTEXT, question="Where is the tower?")
    of(metric, "The tower is in Paris.", CONTEXT, question="Where is the tower?")
    assert [hypothesis for _, hypothesis in judge.seen] == [
        "Where is the tower? Paris",
        "The tower is in Paris.",
    ]


@pytest.mark.parametrize("metric", [SentenceSimilarity(), SentenceEntailment()])
def test_without_its_model_there_is_no_number(
    metric: SentenceSimilarity | SentenceEntailment,
) -> None:
    """It is not configured, and costs nothing."""
    answer = grounded("Paris is big.", CONTEXT)
    assert reason(evaluate(metric, answer)) is AbsenceReason.NOT_CONFIGURED
    assert metric.work(answer) == 1


def test_what_a_model_would_take_too_long_for_is_too_large() -> None:
    """More than the stated number of sentences is an absence."""
    answer = grounded("Paris is big.\n" * 201, CONTEXT)
    tools = Tools(embedder=Embedder(), entailment=Judge(lambda *_: SURE))
    for metric in (SentenceSimilarity.with_tools(tools), SentenceEntailment.with_tools(tools)):
        assert reason(evaluate(metric, answer)) is AbsenceReason.INPUT_TOO_LARGE
        assert metric.work(answer) > 5_000_000
