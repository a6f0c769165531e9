"""Labels as records of their topic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.feedback import Feedback, FeedbackSource, Seen
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import TaskKind
from plimsoll.v1 import feedback_pb2
from plimsoll.wire.feedback import decode_feedback, encode_feedback

LABEL = Feedback("f-1", ResultKey("acme", "r-1"), True, FeedbackSource.HUMAN)


@pytest.mark.parametrize("label", [True, False, 0.0, 1.0, 0.25])
def test_right_wrong_and_grades_are_told_apart(label: bool | float) -> None:
    """A grade of 0 is no "wrong", and "wrong" is no missing label."""
    read = decode_feedback(encode_feedback(replace(LABEL, label=label), "t").value or b"").label
    assert (read, type(read)) == (label, type(label))


def test_an_audit_keeps_what_was_seen() -> None:
    """What look-ups showed comes back, to the last bit; a label without it has none."""
    seen = Seen("s-1", 3, TaskKind.SUMMARIZATION, "b" * 16, 0.1 + 0.2, 0.7, "c-1", ("p-1", "p-2"))
    drawn = replace(LABEL, audit=True, seen=seen)
    assert decode_feedback(encode_feedback(drawn, "t").value or b"") == drawn
    assert decode_feedback(encode_feedback(LABEL, "t").value or b"") == LABEL


def test_a_label_is_keyed_as_its_result() -> None:
    """Labels of one result share its partition."""
    out = encode_feedback(LABEL, "llm.feedback.v1")
    assert (out.topic, out.key) == ("llm.feedback.v1", b"acme/r-1")
    assert dict(out.headers)["ce_id"] == b"f-1"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (feedback_pb2.Feedback(result_id="r"), "label is required"),
        (feedback_pb2.Feedback(result_id="r", grade=1.5), r"grade in \[0, 1\]"),
        (feedback_pb2.Feedback(result_id="r", grade=float("nan")), r"grade in \[0, 1\]"),
        (feedback_pb2.Feedback(correct=True), "result_id"),
        (feedback_pb2.Feedback(tenant="A", result_id="r", correct=True), "tenant"),
        (
            feedback_pb2.Feedback(
                result_id="r", correct=True, seen=feedback_pb2.Seen(point=float("nan"))
            ),
            r"seen.point",
        ),
    ],
)
def test_what_is_no_label_is_poison(message: feedback_pb2.Feedback, said: str) -> None:
    """A label has a result and says right, wrong or a grade; anything else is told."""
    with pytest.raises(PoisonError, match=said):
        decode_feedback(message.SerializeToString())


def test_bytes_that_are_no_label_are_poison() -> None:
    """Garbage ends as poison."""
    with pytest.raises(PoisonError, match="undecodable"):
        decode_feedback(b"\xff\xff")
