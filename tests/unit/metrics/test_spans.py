"""Tokens of a trace and tokens of an answer are told apart, by every metric that reads tokens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Alternative, LlmResult, Response, Tokens
from plimsoll.metrics.field_probability import FieldProbability
from plimsoll.metrics.joint_sequence_probability import JointSequenceProbability
from plimsoll.metrics.max_token_entropy import MaxTokenEntropy
from plimsoll.metrics.mean_token_entropy import MeanTokenEntropy
from plimsoll.metrics.min_token_probability import MinTokenProbability
from plimsoll.metrics.monte_carlo_probability import MonteCarloProbability
from plimsoll.metrics.perplexity import Perplexity
from plimsoll.metrics.probability_margin import ProbabilityMargin
from plimsoll.metrics.self_certainty import SelfCertainty
from plimsoll.metrics.sequence_probability import SequenceProbability
from plimsoll.metrics.spans import Spans, spans
from plimsoll.metrics.token_sar import TokenSar
from plimsoll.ports.metric import Metric
from tests.support.fake_models import LetterEmbedder
from tests.unit.metrics.tokens import measured_of, refused_of
from tests.unit.metrics.traces import traced

TRACE = "It is the capital"
TEXTS = ("<think>", "It is the", " capital", "</think>\n", "Par", "is")
ROWS = ((-0.9, -1.0), (-0.8, -1.1), (-0.7, -1.2), (-2.0, -2.1), (-0.1, -4.0), (-0.3, -2.0))
ALL = Tokens(
    tuple(row[0] for row in ROWS),
    texts=TEXTS,
    top_k=2,
    top_logprobs=tuple(value for row in ROWS for value in row),
)
ANSWER = Tokens(ALL.logprobs[4:], texts=TEXTS[4:], top_k=2, top_logprobs=ALL.top_logprobs[8:])
EVERY = pytest.mark.parametrize(
    "metric",
    [
        SequenceProbability(),
        JointSequenceProbability(),
        Perplexity(),
        MinTokenProbability(),
        MeanTokenEntropy(),
        MaxTokenEntropy(),
        ProbabilityMargin(),
        SelfCertainty(),
        TokenSar(LetterEmbedder()),
    ],
    ids=lambda metric: metric.spec.name,
)


def places(text: str, trace: str, *texts: str) -> Spans | None:
    """Where these texts of tokens hold this trace and this answer."""
    tokens = Tokens((-0.1,) * len(texts), texts=texts)
    return spans(Response(text=text, reasoning=trace), tokens)


def test_trace_and_answer_are_found_by_their_texts() -> None:
    """The trace is tokens 1 and 2 of six, and the answer begins at the fifth."""
    assert places("Paris", TRACE, *TEXTS) == Spans((1, 3), 4)


def test_an_answer_that_stands_nowhere_begins_behind_the_trace() -> None:
    """Where the answer was cut into bytes that do not read as its text, the rest is the answer."""
    assert places("Z\u00fcrich", "a city", "a", " city", "Z", "\ufffd", "rich") == Spans((0, 2), 2)


def test_a_draft_in_the_trace_is_not_the_answer() -> None:
    """The answer's text within the trace is the trace's; the one behind it is the answer."""
    assert places("Paris", "Paris?", "Par", "is", "?", "Paris") == Spans((0, 3), 3)


@pytest.mark.parametrize(
    ("text", "trace", "texts"),
    [
        ("Paris", TRACE, ("Par", "is")),
        ("Paris", "", ("Par", "is")),
        ("Paris", " \n", ("Par", "is")),
        ("so Paris", "so", ("so", " Paris")),
        ("Paris", TRACE, ()),
    ],
)
def test_tokens_of_the_answer_alone_hold_no_trace(
    text: str, trace: str, texts: tuple[str, ...]
) -> None:
    """No texts, no trace, or a trace that stands nowhere but in the answer: nothing is split."""
    assert places(text, trace, *texts) is None


@EVERY
def test_the_trace_does_not_count_towards_the_answer(metric: Metric) -> None:
    """With the trace's tokens in front, each metric gives what it gives for the answer's alone."""
    both = measured_of(metric, traced(TRACE, "Paris", tokens=ALL))
    alone = measured_of(metric, traced(TRACE, "Paris", tokens=ANSWER))
    assert both.value == pytest.approx(alone.value, abs=1e-12)
    assert both.raw_value == pytest.approx(alone.raw_value, abs=1e-12)
    assert dict(both.provenance)["tokens"] == "answer"
    assert "tokens" not in dict(alone.provenance)


@pytest.mark.parametrize("metric", [MinTokenProbability(), MaxTokenEntropy()])
def test_evidence_keeps_its_place_among_all_tokens(metric: Metric) -> None:
    """The token that decides is named by its place in the response's tokens, trace included."""
    (item,) = measured_of(metric, traced(TRACE, "Paris", tokens=ALL)).evidence
    assert (item.ref, item.text) == ("response.tokens/5", "is")


@EVERY
def test_tokens_of_the_trace_alone_say_nothing_of_the_answer(metric: Metric) -> None:
    """Where the answer has no token, there is no number rather than that of the trace."""
    trace = Tokens(ALL.logprobs[:3], TEXTS[:3], top_k=2, top_logprobs=ALL.top_logprobs[:6])
    absence = refused_of(metric, traced(TRACE, "Paris", tokens=trace))
    assert absence.reason is AbsenceReason.INPUT_MISSING
    assert absence.detail == "the tokens are those of the reasoning trace only"


def test_the_traces_length_does_not_hide_that_the_answer_is_cut() -> None:
    """Tokens that cover less than half of the answer are `truncated`, however long the trace."""
    given = traced(TRACE, "Paris is the capital of France.", tokens=ALL)
    assert refused_of(SequenceProbability(), given).reason is AbsenceReason.TRUNCATED


def test_alternatives_with_traces_are_read_alike() -> None:
    """A sample's trace counts no more than the response's does."""

    def sampled(tokens: Tokens) -> LlmResult:
        response = Response(text="Paris", reasoning=TRACE, tokens=tokens)
        return replace(
            traced(TRACE, "Paris", tokens=tokens), alternatives=(Alternative(response),) * 2
        )

    metric = MonteCarloProbability()
    both, alone = measured_of(metric, sampled(ALL)), measured_of(metric, sampled(ANSWER))
    assert both.value == pytest.approx(alone.value, abs=1e-12)


def test_a_draft_of_a_document_is_not_the_document() -> None:
    """Fields are read in the answer's tokens, not in the same document within the trace."""
    document = '{"a":1}'
    tokens = Tokens((-3.0, -0.5, -0.1), texts=(document, "\n</think>", document))
    found = measured_of(FieldProbability(), traced(document, document, tokens=tokens))
    assert found.raw_value == pytest.approx(-0.1)
