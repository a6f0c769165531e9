"""Share of the response's numbers that come from the trace, the request or the context."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.trace_number_provenance import MAX_EVIDENCE, TraceNumberProvenance
from plimsoll.pipeline.scoring import INLINE_STEPS
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import measured_of, refused_of
from tests.unit.metrics.traces import traced

METRIC = TraceNumberProvenance()


def test_each_number_is_traced_to_where_it_came_up() -> None:
    """Of four numbers one was asked, one thought, one follows from two, and one is from nowhere."""
    given = traced(
        "There are 1247 seats. I multiply.",
        "With 36 rows and 1247 seats, 44892 in all; 731 are taken.",
        asked="How many seats have 36 rows?",
    )
    found = measured_of(METRIC, given)
    assert (found.value, found.raw_value) == (0.75, 1.0)
    assert dict(found.provenance) == {
        "numbers_derived": "1",
        "numbers_given": "1",
        "numbers_trace": "1",
        "numbers_unsupported": "1",
    }
    assert [(item.kind, item.text) for item in found.evidence] == [
        ("number_unsupported", "731"),
        ("number_derived", "44892"),
        ("number_trace", "1247"),
    ]
    assert found.flags == ("trace_may_be_unfaithful",)


@pytest.mark.parametrize(
    ("trace", "context"), [("it is 8,848.86 m", ()), ("it is in the text", ("8848.86 metres",))]
)
def test_trace_and_context_account_alike(trace: str, context: tuple[str, ...]) -> None:
    """A number of the trace and one of a context document count in full, rounded or not."""
    given = traced(trace, "Everest is 8,849 m high.", context=context)
    assert measured_of(METRIC, given).value == 1.0


def test_a_response_without_a_number_does_not_apply() -> None:
    """No number, or only those of list marks, is nothing to account for."""
    for text in ("Paris", "1. Paris\n2. Lyon"):
        assert refused_of(METRIC, traced("5 + 7", text)).reason is AbsenceReason.NOT_APPLICABLE


def test_without_a_trace_it_does_not_apply() -> None:
    """A result without reasoning is `not_applicable`."""
    assert refused_of(METRIC, result("12")).reason is AbsenceReason.NOT_APPLICABLE


def test_evidence_is_bounded() -> None:
    """A response with a hundred numbers from nowhere shows the first sixteen."""
    text = " ".join(f"{n}.37" for n in range(1_000, 1_100))
    found = measured_of(METRIC, traced("none", text))
    assert (found.value, len(found.evidence)) == (0.0, MAX_EVIDENCE)


def test_too_much_to_read_is_an_absence() -> None:
    """Trace, response and inputs together are held to one limit."""
    given = traced("a" * 2_000_000, "12", context=("a" * 2_000_001,))
    assert refused_of(METRIC, given).reason is AbsenceReason.INPUT_TOO_LARGE


def test_a_trace_of_many_numbers_is_not_read_on_the_event_loop() -> None:
    """Reading a number takes dozens of times as long as reading a letter."""
    assert METRIC.work(traced("7 + 8 = 15; " * 1_000, "15")) > INLINE_STEPS
    assert METRIC.work(traced("so it is, " * 1_000, "15")) < INLINE_STEPS
