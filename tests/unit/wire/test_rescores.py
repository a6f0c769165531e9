"""Requests to score again keep the original record and its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.domain.rescore import RescoreRequest
from plimsoll.wire.rescores import decode_rescore, encode_rescore

REQUEST = RescoreRequest(
    key=ResultKey("acme", "r-1"),
    original=b"\x00\xff",
    content_type="application/json",
    ce_type="plimsoll.v1.LlmResultBatch",
    source=Position("llm.results.v1", 3, 17, 2),
    why="held back: throttled",
    revision=1_767_323_045_000_000,
    publish_time=datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC),
)


def landed(out: OutRecord) -> Record:
    """The record as a scorer reads it."""
    return Record(out.topic, 0, 5, 0, out.key, out.value, out.headers)


def test_a_request_survives() -> None:
    """Bytes, types, the original place, the index, why and the revision read back."""
    out = encode_rescore(REQUEST, "llm.rescores.v1")
    assert (out.topic, out.key) == ("llm.rescores.v1", b"acme/r-1")
    assert dict(out.headers)["ce_type"] == b"plimsoll.v1.RescoreRequest"
    assert decode_rescore(landed(out)) == REQUEST


def test_the_trace_goes_along_in_headers() -> None:
    """W3C trace context, which the value and with it every digest knows nothing of."""
    traced = replace(REQUEST, traceparent=f"00-{'a' * 32}-{'b' * 16}-01", tracestate="shop=1")
    out = encode_rescore(traced, "t")
    assert decode_rescore(landed(out)) == traced
    assert out.value == encode_rescore(REQUEST, "t").value


def test_requests_of_one_result_are_events_apart() -> None:
    """Two requests for one result differ in their event's ID, one sent twice does not."""
    ids = [
        dict(encode_rescore(request, "t").headers)["ce_id"]
        for request in (REQUEST, REQUEST, replace(REQUEST, revision=7))
    ]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    "record",
    [
        landed(encode_rescore(replace(REQUEST, revision=0), "t")),
        landed(encode_rescore(replace(REQUEST, source=Position("", 0, 0)), "t")),
        landed(encode_rescore(REQUEST, "t"))._replace(key=None),
        landed(encode_rescore(REQUEST, "t"))._replace(key=b"\xff"),
        landed(encode_rescore(REQUEST, "t"))._replace(value=None),
        landed(encode_rescore(REQUEST, "t"))._replace(value=b"\xff\xff"),
    ],
)
def test_what_is_no_request_is_poison(record: Record) -> None:
    """Without a revision, a place or a name nothing can be scored again."""
    with pytest.raises(PoisonError):
        decode_rescore(record)
