"""Headers of records, read and written."""

from __future__ import annotations

import pytest

from plimsoll.domain.record import Headers, Record
from plimsoll.wire.headers import event_headers, text_header, traceparent_of

TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def record(*headers: tuple[str, bytes]) -> Record:
    """A record with these headers."""
    return Record("t", 0, 0, 0, None, b"", headers)


def test_a_trace_is_passed_through() -> None:
    """A valid W3C traceparent is carried over as it came."""
    assert traceparent_of(record(("x", b"y"), ("traceparent", TRACE))) == TRACE.decode()


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\xfe",
        TRACE.upper(),
        TRACE + b"\n",
        TRACE + b"-00",
        TRACE[:-1],
        b"ff" + TRACE[2:],
        b"00-" + b"0" * 32 + TRACE[35:],
        TRACE[:36] + b"0" * 16 + TRACE[52:],
    ],
)
def test_an_invalid_trace_is_none(value: bytes) -> None:
    """What W3C Trace Context calls invalid is not carried over."""
    assert traceparent_of(record(("traceparent", value))) == ""


def test_records_without_headers_have_no_trace() -> None:
    """Most records have none."""
    assert traceparent_of(record()) == ""


def test_the_first_header_of_a_name_counts() -> None:
    """Kafka allows a name twice; bytes that are no UTF-8 do not stop a reader."""
    assert text_header(record(("a", b"1"), ("a", b"2")), "a") == "1"
    assert text_header(record(("a", b"\xff")), "a") == "\N{REPLACEMENT CHARACTER}"
    assert text_header(record(), "a") == ""


def test_events_have_what_cloudevents_requires() -> None:
    """ID, source, type and specversion stand on every event; the trace only where there is one."""
    required: Headers = (
        ("content-type", b"application/protobuf"),
        ("ce_specversion", b"1.0"),
        ("ce_type", b"T"),
        ("ce_id", b"1"),
        ("ce_source", b"s"),
    )
    assert event_headers("T", "1", "s") == required
    assert event_headers("T", "1", "s", TRACE.decode()) == (*required, ("traceparent", TRACE))
