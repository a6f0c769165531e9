"""Laws of the translation between bytes and values."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import Record
from plimsoll.domain.result import LlmResult
from plimsoll.domain.scored import ScoredResult
from plimsoll.wire.dead_letters import encode_dead_letter, redriven
from plimsoll.wire.feedback import decode_feedback, encode_feedback
from plimsoll.wire.json_results import result_from_json, result_to_json
from plimsoll.wire.publish import encode_result
from plimsoll.wire.records import Decoded, IngestRules, decode
from plimsoll.wire.rows import score_row
from plimsoll.wire.scored import decode_scored, encode_scored
from tests.properties.values import FEEDBACK, RESULT, SCORED, TIME

RULES = IngestRules()
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["content-type", "ce_type", "plimsoll-only-index", "traceparent"]),
        st.sampled_from(
            [
                b"application/json",
                b"application/protobuf",
                b"plimsoll.v1.LlmResult",
                b"plimsoll.v1.LlmResultBatch",
                b"7",
                b"\xff",
            ]
        )
        | st.binary(max_size=8),
    ),
    max_size=4,
).map(tuple)


def _record(value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()) -> Record:
    return Record("llm.results.v1", 3, 17, 1_700_000_000_000, None, value, headers)


@given(RESULT)
def test_result_survives_protobuf(result: LlmResult) -> None:
    """What is published as protobuf decodes to the same value."""
    out = encode_result(result, "t")
    (item,) = decode(_record(out.value, out.headers), RULES)
    assert isinstance(item, Decoded)
    assert item.result == result


@given(RESULT)
def test_json_and_protobuf_are_one_input(result: LlmResult) -> None:
    """The JSON mapping decodes to the same value under the same digest."""
    by_proto = encode_result(result, "t")
    by_json = encode_result(result, "t", "application/json")
    (one,) = decode(_record(by_proto.value, by_proto.headers), RULES)
    (other,) = decode(_record(by_json.value, by_json.headers), RULES)
    assert isinstance(one, Decoded)
    assert isinstance(other, Decoded)
    assert one == other


@given(RESULT)
def test_result_survives_a_line_of_json(result: LlmResult) -> None:
    """A line of a file reads back as the same value."""
    assert result_from_json(result_to_json(result)) == result


@given(RESULT, RESULT)
def test_digest_tells_inputs_apart(one: LlmResult, other: LlmResult) -> None:
    """Two results have the same digest exactly when they are equal."""
    first, second = encode_result(one, "t"), encode_result(other, "t")
    (a,) = decode(_record(first.value), RULES)
    (b,) = decode(_record(second.value), RULES)
    assert isinstance(a, Decoded)
    assert isinstance(b, Decoded)
    assert (a.input_digest == b.input_digest) == (one == other)


@given(st.binary(max_size=300) | st.none(), HEADERS, st.booleans())
def test_any_bytes_are_results_or_poison(
    value: bytes | None, headers: tuple[tuple[str, bytes], ...], framing: bool
) -> None:
    """Whatever arrives is decoded or named as poison; nothing is raised."""
    for item in decode(_record(value, headers), IngestRules(framing=framing)):
        assert isinstance(item, Decoded | PoisonError)


@given(RESULT, st.integers(0, 400), st.integers(0, 255))
def test_damaged_results_are_results_or_poison(result: LlmResult, at: int, byte: int) -> None:
    """A published value with one byte changed or its end cut off raises nothing either."""
    value = bytearray(encode_result(result, "t").value or b"")
    value[at % len(value)] = byte
    for damaged in (bytes(value), bytes(value[: at % len(value)])):
        for item in decode(_record(damaged), RULES):
            assert isinstance(item, Decoded | PoisonError)


@given(SCORED)
def test_scored_event_survives(scored: ScoredResult) -> None:
    """A scored event reads back as the same value, with its digest filled in."""
    read = decode_scored(encode_scored(scored, "t", 262_144).value or b"")
    assert replace(read, content_digest="") == scored
    assert len(read.content_digest) == 64


@given(SCORED, SCORED)
def test_content_digest_leaves_the_observation_out(one: ScoredResult, other: ScoredResult) -> None:
    """The same content has the same digest whatever was observed on the way."""
    seen_otherwise = replace(one, observation=other.observation)
    digests = [
        decode_scored(encode_scored(s, "t", 262_144).value or b"").content_digest
        for s in (one, seen_otherwise)
    ]
    assert digests[0] == digests[1]


@given(SCORED, st.integers(12_000, 60_000))
def test_scored_event_keeps_its_limit(scored: ScoredResult, limit: int) -> None:
    """However much evidence there is, the event keeps its limit and says that it was cut."""
    stuffed = tuple(
        replace(s, evidence=tuple(replace(e, text="x" * 40_000) for e in s.evidence))
        for s in scored.scores
    )
    out = encode_scored(replace(scored, scores=stuffed), "t", limit)
    assert len(out.value or b"") <= limit
    cut = any(s.evidence for s in stuffed)
    assert decode_scored(out.value or b"").evidence_trimmed == cut or limit > 40_000


@given(SCORED)
def test_row_agrees_with_the_event(scored: ScoredResult) -> None:
    """A row's columns are the event's own values."""
    out = encode_scored(scored, "t", 262_144)
    row = score_row(Record("t", 1, 9, 1_700_000_000_000, out.key, out.value, out.headers))
    estimate = scored.confidence.estimate
    assert (row.key, row.score_id, row.revision) == (scored.key, scored.score_id, scored.revision)
    assert row.point == (None if estimate is None else estimate.point)
    assert row.lower == (None if estimate is None else estimate.interval.lower)


@given(FEEDBACK)
def test_feedback_survives(feedback: Feedback) -> None:
    """A label reads back as the same value."""
    assert decode_feedback(encode_feedback(feedback, "t").value or b"") == feedback


@given(st.binary(max_size=50) | st.none(), st.binary(max_size=9) | st.none(), TIME)
def test_dead_letter_gives_the_record_back(
    value: bytes | None, key: bytes | None, now: object
) -> None:
    """What a dead letter is redriven as has the bytes, the key and the headers that came in."""
    headers = (("content-type", b"application/json"), ("x", b"\x00\xff"))
    record = Record("llm.results.v1", 1, 2, 3, key, value, headers)
    letter = encode_dead_letter(record, Park("garbage", "why", 4), "dlq", 1, now, now)  # type: ignore[arg-type] # a time
    back = redriven(Record("dlq", 0, 5, 3, letter.key, letter.value, letter.headers))
    assert (back.topic, back.key, back.value) == ("llm.results.v1", key, value)
    assert back.headers[:2] == headers
    assert ("plimsoll-only-index", b"4") in back.headers


@given(RESULT)
def test_a_record_without_id_is_named_by_its_place(result: LlmResult) -> None:
    """The same record at the same place gets the same ID, another place gives another."""
    anonymous = replace(result, key=ResultKey(result.key.tenant, "x"))
    value = result_to_json(anonymous).replace('"resultId": "x"', '"resultId": ""').encode()
    json = (("content-type", b"application/json"),)
    (here,) = decode(_record(value, json), RULES)
    (again,) = decode(_record(value, json), RULES)
    (there,) = decode(_record(value, json)._replace(offset=18), RULES)
    assert isinstance(here, Decoded)
    assert isinstance(there, Decoded)
    assert here == again
    assert here.result.key != there.result.key
