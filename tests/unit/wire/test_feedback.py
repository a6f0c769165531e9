"""Labels as records of their topic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.feedback import (
    ClaimLabel,
    Feedback,
    FeedbackSource,
    Seen,
    SeenClaim,
    SeenClaims,
)
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import TaskKind
from plimsoll.v1 import feedback_pb2
from plimsoll.wire.claim_labels import MOST_CLAIMS
from plimsoll.wire.feedback import decode_feedback, encode_feedback

LABEL = Feedback("f-1", ResultKey("acme", "r-1"), True, FeedbackSource.HUMAN)

CLAIMS = (ClaimLabel(0, 21, True), ClaimLabel(22, 50, False))
SEEN_CLAIMS = SeenClaims(
    "s-1",
    3,
    "claims-0",
    ClaimGroup(TaskKind.GROUNDED_QA, "en"),
    ClaimPromise(ClaimGuarantee.FALSE_SHARE, 0.1, 50, None, "certificate-claims-0"),
    (SeenClaim(0, 21, True), SeenClaim(22, 50, True), SeenClaim(51, 60, False)),
)
# As a label was written before there were any of claims.
OLD = (
    "0a03662d31120461636d651a03722d31200130013a016142060880f2d6ca0660016a410a01731801221030313233"
    "34353637383961626364656629cdccccccccccec3f31000000000000ec3f3a077072696f722d31420d6365727469"
    "6669636174652d61"
)


def test_labels_of_older_releases_are_read_and_written_as_before() -> None:
    """What says nothing of claims has the bytes that it always had."""
    seen = Seen(
        "s", 0, TaskKind.OPEN_QA, "0123456789abcdef", 0.9, 0.875, "prior-1", ("certificate-a",)
    )
    of_old = replace(
        LABEL, rater="a", create_time=datetime(2026, 1, 1, tzinfo=UTC), audit=True, seen=seen
    )
    assert decode_feedback(bytes.fromhex(OLD)) == of_old
    assert (encode_feedback(of_old, "t").value or b"").hex() == OLD


@pytest.mark.parametrize("claims", [CLAIMS, ()])
@pytest.mark.parametrize("label", [True, 0.25, None])
def test_labels_of_claims_come_back(
    label: bool | float | None, claims: tuple[ClaimLabel, ...]
) -> None:
    """Beside a label and without one; none to label is no missing labels."""
    given = replace(LABEL, label=label, claims=claims, seen_claims=SEEN_CLAIMS)
    assert decode_feedback(encode_feedback(given, "t").value or b"") == given
    without = replace(given, seen_claims=None)
    assert decode_feedback(encode_feedback(without, "t").value or b"") == without


def test_a_promise_that_this_reader_does_not_know_was_not_seen() -> None:
    """Of a newer release: its label stays, and teaches nothing of it."""
    given = replace(LABEL, claims=CLAIMS, seen_claims=SEEN_CLAIMS)
    message = feedback_pb2.Feedback.FromString(encode_feedback(given, "t").value or b"")
    message.seen_claims.promise.guarantee = 99  # type: ignore[assignment] # a newer number
    read = decode_feedback(message.SerializeToString())
    assert (read.claims, read.seen_claims) == (CLAIMS, None)


def test_so_many_claims_are_read_at_most() -> None:
    """One label more is poison, however small it is."""
    message = feedback_pb2.Feedback(result_id="r")
    for place in range(MOST_CLAIMS):
        message.claims.labels.add(start=place, end=place + 1, correct=True)
    assert len(decode_feedback(message.SerializeToString()).claims or ()) == MOST_CLAIMS
    message.claims.labels.add(start=MOST_CLAIMS, end=MOST_CLAIMS + 1, correct=True)
    with pytest.raises(PoisonError, match="more than 2000"):
        decode_feedback(message.SerializeToString())


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


def test_a_label_carries_the_trace_that_it_came_in() -> None:
    """As a header, and none where there was none."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert dict(encode_feedback(LABEL, "t", trace).headers)["traceparent"] == trace.encode()
    assert "traceparent" not in dict(encode_feedback(LABEL, "t").headers)


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
