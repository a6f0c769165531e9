"""Poison of every kind is named, and what is good beside it goes on."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.record import Headers, Record
from plimsoll.v1 import result_pb2
from plimsoll.wire.records import Decoded, IngestRules, decode

JSON = (("content-type", b"application/json"),)
BATCH = (("ce_type", b"plimsoll.v1.LlmResultBatch"),)


def _record(value: bytes | None, headers: Headers = ()) -> Record:
    return Record("llm.results.v1", 0, 42, 0, None, value, headers)


def _good(**fields: str) -> result_pb2.LlmResult:
    message = result_pb2.LlmResult(result_id="r-1", **fields)  # type: ignore[arg-type] # texts only
    message.response.text = "Paris"
    return message


def _poison(value: bytes | None, headers: Headers = (), rules: IngestRules | None = None) -> str:
    (item,) = decode(_record(value, headers), rules or IngestRules())
    assert isinstance(item, PoisonError)
    return item.reason


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (None, (), "empty"),
        (b"", (), "empty"),
        (b"", (("ce_type", b"plimsoll.v1.LlmResult"),), "missing_field"),
        (b"\xde\xad\xbe\xef", (), "undecodable"),
        (_good().SerializeToString()[:-2], (), "undecodable"),
        (b"x" * 1_048_577, (), "oversized"),
        (b"\x00\x00\x00\x00\x07\x00abc", (), "framing"),
        (_good().SerializeToString(), (("content-type", b"text/csv"),), "content_type"),
        (_good().SerializeToString(), (("ce_type", b"com.example.Order"),), "wrong_type"),
        (_good(tenant="Not A Tenant").SerializeToString(), (), "bad_id"),
        (result_pb2.LlmResult(result_id="a").SerializeToString(), (), "missing_field"),
        (result_pb2.LlmResult(result_id="a b").SerializeToString(), (), "bad_id"),
        (b"{", JSON, "undecodable"),
        (b"[1]", JSON, "wrong_type"),
        (b'{"response": "Paris"}', JSON, "wrong_type"),
        (b'{"response": {"text": 7}}', JSON, "undecodable"),
        (b'{"response":' * 5_000 + b"1" + b"}" * 5_000, JSON, "undecodable"),
        (b'{"response": {"text": "\\ud800"}}', JSON, "undecodable"),
        (b"\x5a\x02\x5a\x00" * 2 + b"\xff", (), "undecodable"),
    ],
)
def test_poison_is_named(value: bytes | None, headers: Headers, reason: str) -> None:
    """Garbage, truncated, empty, oversized, nested and wrong-typed records each have a reason."""
    assert _poison(value, headers) == reason


def test_time_out_of_range_is_poison() -> None:
    """A timestamp beyond the year 9999 is a bad value, not a crash."""
    message = _good()
    message.create_time.seconds = 2**60
    assert _poison(message.SerializeToString()) == "bad_value"


@pytest.mark.parametrize("timestamp_ms", [1_700_000_000_000_000, -(2**63), 253_402_300_800_000])
def test_a_record_time_that_is_no_date_is_poison(timestamp_ms: int) -> None:
    """Microseconds for milliseconds are a bad value that is named, not a defect of the scorer."""
    record = _record(_good().SerializeToString())
    (item,) = decode(record._replace(timestamp_ms=timestamp_ms), IngestRules())
    assert isinstance(item, PoisonError)
    assert item.reason == "bad_value"


def test_a_record_without_a_time_is_poison() -> None:
    """What Kafka writes for no time is not read as the last millisecond of 1969."""
    record = _record(_good().SerializeToString())._replace(timestamp_ms=-1)
    (item,) = decode(record, IngestRules())
    assert isinstance(item, PoisonError)
    assert (item.reason, "no time" in str(item)) == ("bad_value", True)


@pytest.mark.parametrize("timestamp_ms", [-62_135_596_800_000, 253_402_300_799_999])
def test_the_first_and_the_last_date_are_read(timestamp_ms: int) -> None:
    """Years 1 and 9999 are times like any other."""
    record = _record(_good().SerializeToString())._replace(timestamp_ms=timestamp_ms)
    assert isinstance(decode(record, IngestRules())[0], Decoded)
    assert datetime.fromtimestamp(timestamp_ms / 1_000, UTC).year in {1, 9999}


def test_tenant_is_a_claim() -> None:
    """A topic speaks only for the tenants that its setting names."""
    rules = IngestRules(allowed_tenants=frozenset({"acme"}))
    assert _poison(_good(tenant="other").SerializeToString(), (), rules) == "tenant_denied"
    (item,) = decode(_record(_good(tenant="acme").SerializeToString()), rules)
    assert isinstance(item, Decoded)


def test_one_bad_item_leaves_the_others_good() -> None:
    """Of a batch only what is bad is poison, and it names its index."""
    batch = result_pb2.LlmResultBatch(results=[_good(), result_pb2.LlmResult(), _good()])
    first, second, third = decode(_record(batch.SerializeToString(), BATCH), IngestRules())
    assert isinstance(first, Decoded)
    assert isinstance(second, PoisonError)
    assert isinstance(third, Decoded)
    assert (first.index, second.index, third.index) == (0, 1, 2)


def test_only_the_named_index_of_a_redriven_batch_is_decoded() -> None:
    """A dead letter of a batch brings back its own result and no sibling."""
    batch = result_pb2.LlmResultBatch(results=[_good(), _good(language="de")])
    headers = (*BATCH, ("plimsoll-only-index", b"1"))
    (item,) = decode(_record(batch.SerializeToString(), headers), IngestRules())
    assert isinstance(item, Decoded)
    assert item.result.language == "de"


def test_an_empty_batch_gives_no_result() -> None:
    """One record may carry no result at all."""
    assert decode(_record(b"", BATCH), IngestRules()) == ()


def test_registry_framing_is_skipped_where_it_is_expected() -> None:
    """Magic byte, schema ID and message indexes stand before the value."""
    value = _good().SerializeToString()
    rules = IngestRules(framing=True)
    for indexes in (b"\x00", b"\x02\x04", b"\x04\x00\x02"):
        (item,) = decode(_record(b"\x00\x00\x00\x00\x07" + indexes + value), rules)
        assert isinstance(item, Decoded)
    assert _poison(value, (), rules) == "framing"
    assert _poison(b"\x00\x00", (), rules) == "framing"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"messages": {"role": "user", "text": "SECRET"}}, "messages is no list"),
        ({"expectations": {"references": "SECRET"}}, "expectations.references is no list"),
        ({"attributes": "SECRET"}, "attributes is no object"),
        ({"attributes": {"k": ["SECRET"]}}, "attributes is no text"),
        ({"usage": {"outputTokens": "SECRET"}}, "usage.outputTokens is no whole number"),
        (
            {"response": {"tokens": {"logprobs": [-1, "SECRET\x1b[31m at LlmResult.x"]}}},
            "response.tokens.logprobs[1] is no number",
        ),
        ({"createTime": "2026-01-31T09:00:00"}, "createTime is no time with its zone"),
        ({"createTime": "2026-01-31 SECRET Z"}, "createTime is no time with its zone"),
        ({"createTime": 1_790_000_000}, "createTime is no time with its zone"),
        ({"usage": {"outputTokens": True}}, "usage.outputTokens is no whole number"),
    ],
)
def test_json_of_the_wrong_type_is_told_by_its_field_alone(
    fields: dict[str, object], said: str
) -> None:
    """What stands there may be a prompt, and the detail of a dead letter is shown to many."""
    value = orjson.dumps({"resultId": "a", "response": {"text": "x"}} | fields)
    (item,) = decode(_record(value, JSON), IngestRules())
    assert isinstance(item, PoisonError)
    assert item.detail.startswith(f"not LlmResult in JSON: {said}")
    assert "SECRET" not in item.detail
    assert item.detail.isprintable()


def test_unknown_json_fields_are_named_and_accepted() -> None:
    """A newer producer's fields are no poison, and their names come back."""
    value = b'{"resultId":"a","response":{"text":"x","novel":1},"alsoNew":2}'
    (item,) = decode(_record(value, JSON), IngestRules())
    assert isinstance(item, Decoded)
    assert item.unknown_fields == ("response.novel", "alsoNew")


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ('"open_qa"', ("taskKind=open_qa",)),
        ('"my mother\'s name"', ("taskKind",)),
        ('"' + "x" * 41 + '"', ("taskKind",)),
        ('"TASK_KIND_OPEN_QA"', ()),
        ('"1"', ()),
        ("99", ()),
        ("null", ()),
    ],
)
def test_unknown_enumeration_names_in_json_are_named(kind: str, named: tuple[str, ...]) -> None:
    """A value that reads as UNSPECIFIED is told beside unknown fields; free text never is."""
    value = f'{{"resultId":"a","response":{{"text":"x"}},"taskKind":{kind}}}'.encode()
    (item,) = decode(_record(value, JSON), IngestRules())
    assert isinstance(item, Decoded)
    assert item.unknown_fields == named


def test_unknown_protobuf_fields_change_no_digest() -> None:
    """A newer producer's field, which is not decoded, is not part of the input's digest."""
    value = _good().SerializeToString()
    (old,) = decode(_record(value), IngestRules())
    (new,) = decode(_record(value + b"\xf8\x7f\x01"), IngestRules())
    assert isinstance(old, Decoded)
    assert isinstance(new, Decoded)
    assert old.input_digest == new.input_digest


def test_unknown_enumeration_reads_as_unspecified() -> None:
    """A task kind of a newer contract is no reason to refuse a result."""
    message = _good()
    value = message.SerializeToString() + b"\x38\xe7\x07"
    (item,) = decode(_record(value), IngestRules())
    assert isinstance(item, Decoded)
    assert item.result.task_kind.value == "unspecified"


@pytest.mark.parametrize("index", [b"3", b"-1", b"x", b"", b"9" * 5_000])
def test_an_index_that_names_nothing_is_poison(index: bytes) -> None:
    """A redriven record whose named result is not there is no silence: nothing would be scored."""
    batch = result_pb2.LlmResultBatch(results=[_good(), _good(), _good()])
    headers = (*BATCH, ("plimsoll-only-index", index))
    assert _poison(batch.SerializeToString(), headers) == "bad_value"


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_a_parameter_has_to_be_finite(number: float) -> None:
    """Temperatures and their like are numbers; infinite ones are poison."""
    for name in ("request_temperature", "request_top_p", "request_top_k"):
        message = _good()
        setattr(message.gen_ai, name, number)
        assert _poison(message.SerializeToString()) == "bad_value"
    message = _good()
    message.alternatives.add(temperature=number)
    assert _poison(message.SerializeToString()) == "bad_value"
    message = _good()
    message.parents.add(result_id="p", confidence=number)
    assert _poison(message.SerializeToString()) == "bad_value"


@pytest.mark.parametrize("number", [float("-inf"), float("nan"), 0.5])
def test_a_wrong_logprob_is_no_poison(number: float) -> None:
    """A log-probability that is none takes away the metrics that need it, not the result."""
    message = _good()
    message.response.tokens.logprobs.append(number)
    (item,) = decode(_record(message.SerializeToString()), IngestRules())
    assert isinstance(item, Decoded)


def test_a_flood_of_results_is_one_dead_letter() -> None:
    """A record of very many results is refused whole, not once for each of them."""
    value = b"\x0a\x00" * 1_001
    assert _poison(value, BATCH) == "oversized"
    assert len(decode(_record(value[:-2], BATCH), IngestRules())) == 1_000


def test_poison_names_its_result_where_it_could_be_read() -> None:
    """What lacks a field or has a bad value still says whose it is."""
    value = result_pb2.LlmResult(result_id="r-9", tenant="acme").SerializeToString()
    (item,) = decode(_record(value), IngestRules())
    assert isinstance(item, PoisonError)
    assert str(item.key) == "acme/r-9"


def test_a_key_cannot_make_another_tenants_result_dead() -> None:
    """Garbage under the key of a tenant that the topic may not speak for is denied by name."""
    rules = IngestRules(allowed_tenants=frozenset({"acme"}))
    garbage = _record(b"\xff\xff")
    for key, reason in ((b"other/r-1", "tenant_denied"), (b"acme/r-1", "undecodable")):
        (item,) = decode(garbage._replace(key=key), rules)
        assert isinstance(item, PoisonError)
        assert item.reason == reason


def test_json_may_be_framed_too() -> None:
    """JSON stands behind the zero byte and the schema's ID, without message indexes."""
    value = b'{"resultId": "r-1", "response": {"text": "Paris"}}'
    rules = IngestRules(framing=True)
    (item,) = decode(_record(b"\x00\x00\x00\x00\x07" + value, JSON), rules)
    assert isinstance(item, Decoded)
    assert _poison(b"\x00\x00\x00\x00\x07" + value, JSON) == "framing"
    assert _poison(value, JSON, rules) == "framing"
    assert _poison(b"\x00\x00", JSON, rules) == "framing"
