"""Replies made of bytes are what the normal encoding makes of the same messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.adapters.rpc import replies
from plimsoll.adapters.rpc.answers import read_record
from plimsoll.adapters.rpc.framing import varint
from plimsoll.domain.learned import CertificateState
from plimsoll.ports.store import VisibleScore
from plimsoll.v1 import common_pb2, score_pb2, service_pb2
from tests.contracts.rows import score

VIEWS = (service_pb2.VIEW_SUMMARY, service_pb2.VIEW_SCORES, service_pb2.VIEW_FULL)


def message(size: int) -> score_pb2.ScoredResult:
    """A scored event of about this many bytes."""
    return score_pb2.ScoredResult(
        result_id="a",
        tenant="default",
        scores=[
            score_pb2.Score(metric="m", value=0.0, evidence=[score_pb2.Evidence(text="x" * size)])
        ],
        observation=score_pb2.Observation(attempts=3),
    )


def found(size: int, offset: int, conflicts: int) -> VisibleScore:
    """A visible score whose payload is `message(size)`."""
    row = score("a", offset, partition=3, payload=message(size).SerializeToString())
    return VisibleScore(row, conflicts, 0)


def record(one: VisibleScore, view: int) -> service_pb2.ConfidenceRecord:
    """The same record, made the normal way."""
    result = score_pb2.ScoredResult.FromString(one.row.payload)
    if view != service_pb2.VIEW_FULL:
        result.ClearField("observation")
    if view == service_pb2.VIEW_SUMMARY:
        result.ClearField("scores")
    elif view == service_pb2.VIEW_SCORES:
        for each in result.scores:
            each.ClearField("evidence")
    at = one.row.position
    return service_pb2.ConfidenceRecord(
        result=result,
        position=common_pb2.Position(topic=at.topic, partition=at.partition, offset=at.offset),
        input_conflicts=one.input_conflicts,
    )


@pytest.mark.parametrize("view", VIEWS)
@given(
    size=st.sampled_from([0, 1, 100, 127, 128, 300, 20_000]),
    offset=st.integers(0, 2**62),
    conflicts=st.integers(0, 2**31),
)
def test_a_record_is_encoded_as_protobuf_would(
    view: int, size: int, offset: int, conflicts: int
) -> None:
    """Byte for byte, whatever lengths and numbers."""
    one = found(size, offset, conflicts)
    expected = record(one, view)
    encoded = replies.encode_record(one, view)
    assert encoded == expected.SerializeToString()
    reply = service_pb2.GetConfidenceResponse(record=expected)
    assert replies.encode_get_reply(encoded) == reply.SerializeToString()


def test_pages_batches_and_streams_are_encoded_as_protobuf_would() -> None:
    """Repeated, empty and optional parts included."""
    ones = [found(10, 1, 0), found(200, 2, 5)]
    view = service_pb2.VIEW_FULL
    encoded = [replies.encode_record(one, view) for one in ones]
    records = [record(one, view) for one in ones]
    for token in ("", "next"):
        page = service_pb2.ListConfidencesResponse(records=records, next_page_token=token)
        assert replies.encode_list_reply(encoded, token) == page.SerializeToString()
        event = service_pb2.WatchConfidencesResponse(record=records[0], resume_token=token)
        assert replies.encode_watch_reply(encoded[0], token) == event.SerializeToString()
    life = service_pb2.WatchConfidencesResponse(resume_token="t")
    assert replies.encode_watch_reply(b"", "t") == life.SerializeToString()
    error = service_pb2.ItemError(code=5, message="no", reason="NOT_SEEN")
    items = [
        service_pb2.BatchItem(result_id="a", record=records[0]),
        service_pb2.BatchItem(result_id="", error=error),
    ]
    made = [
        replies.encode_found_item("a", encoded[0]),
        replies.encode_failed_item("", error),
    ]
    batch = service_pb2.BatchGetConfidenceResponse(items=items)
    assert replies.encode_batch_reply(made) == batch.SerializeToString()


def promised(*certificates: str, decided: str = "", text: str = "") -> VisibleScore:
    """A visible score with these promises, a policy's certificate, and a text in its evidence."""
    scored = message(0)
    scored.scores[0].evidence[0].text = text
    for number, certificate in enumerate(certificates, start=1):
        scored.confidence.promises.add(error_rate=number / 100, certificate=certificate)
    scored.decision.certificate = decided
    return VisibleScore(score("a", 0, partition=3, payload=scored.SerializeToString()), 0, 0)


STATES = {
    "certificate-a": CertificateState.STANDING,
    "certificate-b": CertificateState.REVOKED,
    "certificate-c": CertificateState.LAPSED,
}


class Table:
    """What is known of certificates: those above."""

    none = False

    def state(self, certificate_id: str) -> CertificateState:
        """How each stands."""
        return STATES.get(certificate_id, CertificateState.UNKNOWN)


class Untold:
    """A table that nobody may ask."""

    def __init__(self, *, none: bool) -> None:
        self.none = none

    def state(self, certificate_id: str) -> CertificateState:
        """Nobody does."""
        raise AssertionError(certificate_id)


@pytest.mark.parametrize("view", VIEWS)
def test_certificates_that_are_named_stand_beside_the_record(view: int) -> None:
    """Each once, with how it stands now, as protobuf would have encoded it; under every view."""
    names = ("certificate-b", "certificate-a", "certificate-z")
    one = promised(*names, decided="certificate-c")
    read = service_pb2.ConfidenceRecord.FromString(replies.encode_record(one, view, Table()))
    assert dict(read.certificates) == {
        "certificate-a": service_pb2.CERTIFICATE_STATE_STANDING,
        "certificate-b": service_pb2.CERTIFICATE_STATE_REVOKED,
        "certificate-c": service_pb2.CERTIFICATE_STATE_LAPSED,
        "certificate-z": service_pb2.CERTIFICATE_STATE_UNKNOWN,
    }
    read.ClearField("certificates")
    assert read == record(one, view)


def test_where_none_is_named_nobody_is_asked() -> None:
    """A text that only looks like a certificate names none; without one nothing is even read."""
    view, table = service_pb2.VIEW_FULL, Untold(none=False)
    for one in (promised(), promised(text="this certificate-x is a text of evidence")):
        assert replies.encode_record(one, view, table) == record(one, view).SerializeToString()
    garbage = VisibleScore(score("a", 0, payload=b"\xff\xff"), 0, 0)
    assert replies.encode_record(garbage, view, table)


def test_where_there_is_no_certificate_nobody_looks() -> None:
    """A name from another time has no state then, which readers take for unknown."""
    one, view = promised("certificate-a"), service_pb2.VIEW_FULL
    encoded = replies.encode_record(one, view, Untold(none=True))
    assert encoded == record(one, view).SerializeToString()
    read = read_record(service_pb2.ConfidenceRecord.FromString(encoded))
    assert read.certificates == {"certificate-a": CertificateState.UNKNOWN}
    assert read.standing == ()


def test_what_a_newer_scorer_wrote_passes_through() -> None:
    """A field that this program does not know is in the answer, under every view."""
    unknown = b"\xf2\x07\x03new"  # field 126
    row = score("a", 0, payload=message(1).SerializeToString() + unknown)
    for view in VIEWS:
        assert unknown in replies.encode_record(VisibleScore(row, 0, 0), view)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, b"\x00"), (127, b"\x7f"), (128, b"\x80\x01"), (300, b"\xac\x02")],
)
def test_varints(number: int, expected: bytes) -> None:
    """Seven bits a byte, lowest first, as protobuf's page on encoding says."""
    assert varint(number) == expected
