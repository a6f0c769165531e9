"""Results as upstream services send them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Record
from plimsoll.domain.result import LlmResult, Response
from plimsoll.wire.publish import encode_result
from plimsoll.wire.records import Decoded, IngestRules, decode

RESULT = LlmResult(key=ResultKey("acme", "r-1"), response=Response("Paris"), turn=0)


@pytest.mark.parametrize("content_type", ["application/protobuf", "application/json"])
def test_a_result_is_keyed_and_named(content_type: str) -> None:
    """Key and headers say whose it is, what it is and how it is written."""
    out = encode_result(RESULT, "llm.results.v1", content_type, source="shop", traceparent="tp")
    assert (out.topic, out.key) == ("llm.results.v1", b"acme/r-1")
    assert dict(out.headers) == {
        "content-type": content_type.encode(),
        "ce_specversion": b"1.0",
        "ce_type": b"plimsoll.v1.LlmResult",
        "ce_id": b"acme/r-1",
        "ce_source": b"shop",
        "traceparent": b"tp",
    }
    read = Record(out.topic, 0, 0, 0, out.key, out.value, out.headers)
    (item,) = decode(read, IngestRules())
    assert isinstance(item, Decoded)
    assert item.result == RESULT


def test_the_value_names_the_result_before_the_key_does() -> None:
    """A record key that says otherwise only chose the partition."""
    out = encode_result(RESULT, "t")
    (item,) = decode(
        Record(out.topic, 0, 0, 0, b"other/r-2", out.value, out.headers), IngestRules()
    )
    assert isinstance(item, Decoded)
    assert item.result.key == RESULT.key


@pytest.mark.parametrize("key", [ResultKey("Acme", "r"), ResultKey("acme", "a/b")])
def test_a_wrong_id_is_refused_before_it_is_sent(key: ResultKey) -> None:
    """IDs that a scorer could only park do not leave the producer."""
    with pytest.raises(PoisonError, match="bad_id"):
        encode_result(replace(RESULT, key=key), "t")


@pytest.mark.parametrize(
    "result",
    [
        replace(RESULT, response=Response("\ud800")),
        replace(RESULT, turn=-1),
    ],
)
def test_what_no_record_can_carry_is_a_value_error(result: LlmResult) -> None:
    """Half a character, or a turn before the first, is told where it is written."""
    with pytest.raises(ValueError, match=r"surrogates|range"):
        encode_result(result, "t")


def test_other_content_types_are_refused() -> None:
    """Only protobuf and its JSON mapping are written."""
    with pytest.raises(ValueError, match="text/csv"):
        encode_result(RESULT, "t", "text/csv")
