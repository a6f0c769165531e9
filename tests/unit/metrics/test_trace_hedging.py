"""How little the reasoning trace doubts itself."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.trace_hedging import TraceHedging
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import measured_of, refused_of
from tests.unit.metrics.traces import traced

METRIC = TraceHedging()


def test_the_share_of_sentences_without_a_hedge() -> None:
    """One hedging sentence of four, with two hedges in it, gives 3/4."""
    trace = (
        "It is in France. Maybe it is Paris, perhaps Lyon. I know it is not Rome!\nSo it is Paris"
    )
    found = measured_of(METRIC, traced(trace))
    assert (found.value, found.raw_value) == (0.75, 0.25)
    assert [trace[item.start : item.end] for item in found.evidence] == ["Maybe", "perhaps"]
    assert {item.ref for item in found.evidence} == {"response.reasoning"}
    assert found.flags == ("trace_may_be_unfaithful",)


@pytest.mark.parametrize(
    "sentence",
    [
        "Wait, that is wrong.",
        "Hmm, what is this?",
        "I'm not sure about it.",
        "I don\u2019t know if it is so.",
        "I think it is so.",
        "Let me double-check that.",
        "It might be the other.",
        "Alternatively, it is the other.",
        "It seems to be so.",
    ],
)
def test_doubt_in_many_words(sentence: str) -> None:
    """Hedges, interjections and self-corrections all count."""
    assert measured_of(METRIC, traced(sentence)).value == 0.0


@pytest.mark.parametrize(
    "sentence", ["They wait for the bus.", "It is 3.14 and not 3.", "The mighty are not here."]
)
def test_words_that_only_look_like_doubt(sentence: str) -> None:
    """The verb, a decimal point and the inside of a word are no hedges."""
    assert measured_of(METRIC, traced(sentence)).value == 1.0


@pytest.mark.parametrize(
    "trace",
    ["\u7b54\u6848\u662f\u5df4\u9ece\u3002", "Vielleicht Paris.", "x = 4\ny = 5", "\n", "??"],
)
def test_a_trace_that_is_no_english_prose_does_not_apply(trace: str) -> None:
    """Where the list of hedges does not fit, nothing is claimed, whatever the result's language."""
    assert refused_of(METRIC, traced(trace)).reason is AbsenceReason.NOT_APPLICABLE


def test_without_a_trace_it_does_not_apply() -> None:
    """A result without reasoning is `not_applicable`."""
    assert refused_of(METRIC, result()).reason is AbsenceReason.NOT_APPLICABLE


def test_evidence_is_bounded() -> None:
    """A trace with a thousand hedges shows the first eight."""
    assert len(measured_of(METRIC, traced("it is maybe so. " * 1_000)).evidence) == 8
