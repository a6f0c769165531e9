"""Dead letters hold the bytes, the reason and the place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import Position, Record
from plimsoll.v1 import result_pb2
from plimsoll.wire.dead_letters import (
    by_reference,
    dead_letter_row,
    encode_dead_letter,
    facts_of,
    redriven,
)
from plimsoll.wire.records import Decoded, IngestRules, decode

NOW = datetime(2026, 1, 2, tzinfo=UTC)
RECORD = Record("llm.results.v1", 2, 77, 1_000, b"acme/r-1", b"\x00junk", (("a", b"b"),))


def _landed(record: Record, park: Park, key: ResultKey | None = None) -> Record:
    out = encode_dead_letter(record, park, "dlq", 1, NOW, NOW, key)
    return Record("dlq", 0, 5, 2_000, out.key, out.value, out.headers)


def test_row_of_a_dead_letter() -> None:
    """Source, reason, detail and the result's name can be read back."""
    row = dead_letter_row(_landed(RECORD, Park("framing", "saw a zero byte")))
    assert row.source == Position("llm.results.v1", 2, 77, 0)
    assert row.position == Position("dlq", 0, 5)
    assert (row.reason, row.detail, row.attempts) == ("framing", "saw a zero byte", 1)
    assert row.key == ResultKey("acme", "r-1")


def test_the_value_names_the_result_before_the_key_does() -> None:
    """Where the result's own ID was readable it wins over the record's key."""
    row = dead_letter_row(_landed(RECORD, Park("x", "y"), ResultKey("acme", "r-2")))
    assert row.key == ResultKey("acme", "r-2")


def test_a_key_that_names_nothing_is_none() -> None:
    """A key in another form is kept as bytes and names no result."""
    row = dead_letter_row(_landed(RECORD._replace(key=b"\xff/\xff"), Park("x", "y")))
    assert row.key is None


def test_a_second_death_keeps_one_set_of_facts() -> None:
    """A record that was redriven and died again tells of its last death only."""
    out = redriven(_landed(RECORD, Park("first", "a")))
    again = Record(out.topic, 0, 99, 3_000, out.key, out.value, out.headers)
    letter = _landed(again, Park("second", "b"))
    assert facts_of(letter)["reason"] == "second"
    assert [n for n, _ in letter.headers].count("plimsoll-dlq-reason") == 1


def test_mended_bytes_take_the_place_of_the_old() -> None:
    """A redrive with a mended value sends that value under the old key."""
    out = redriven(_landed(RECORD, Park("x", "y")), b"mended")
    assert (out.topic, out.key, out.value) == ("llm.results.v1", b"acme/r-1", b"mended")
    assert ("plimsoll-redriven-from", b"dlq/0/5") in out.headers


def test_other_records_are_no_dead_letters() -> None:
    """A record without our facts is refused with a reason."""
    with pytest.raises(PoisonError, match="not a dead letter"):
        dead_letter_row(RECORD)
    with pytest.raises(PoisonError, match="not a dead letter"):
        redriven(RECORD)


@pytest.mark.parametrize(
    ("record", "park"),
    [
        (RECORD, Park("bad_id", "x", 3)),
        (RECORD._replace(headers=(("ce_type", b"plimsoll.v1.LlmResultBatch"),)), Park("x", "y")),
        (RECORD, Park("tenant_denied", "x")),
    ],
)
def test_a_key_of_others_names_no_dead_result(record: Record, park: Park) -> None:
    """A batch's key, and one of a tenant that was denied, make no other result look dead."""
    assert dead_letter_row(_landed(record, park)).key is None
    named = ResultKey("acme", "r-3")
    assert dead_letter_row(_landed(record, park, named)).key == named


def test_no_bytes_and_empty_bytes_are_told_apart() -> None:
    """A tombstone comes back as one, and an empty value as an empty value."""
    for value in (None, b""):
        assert redriven(_landed(RECORD._replace(value=value), Park("empty", "x"))).value == value


def test_a_dead_letter_without_its_bytes_is_not_redriven_empty() -> None:
    """Where the bytes stayed at their source, a redrive says where, or takes mended ones."""
    headers = (("content-type", b"application/json"), ("x-long", b"y" * 5_000))
    bare, named = by_reference(RECORD._replace(headers=headers))
    assert "5 bytes, sha256 " in named
    letter = _landed(bare, Park("oversized", named))
    with pytest.raises(PoisonError, match=r"llm\.results\.v1-2@77"):
        redriven(letter)
    out = redriven(letter, b"{}")
    names = [name for name, _ in out.headers]
    assert (out.value, names) == (
        b"{}",
        ["content-type", "plimsoll-redriven-from", "plimsoll-first-at"],
    )


def test_details_are_cut_and_kept_as_text() -> None:
    """A detail is bounded, and text that UTF-8 cannot hold does not stop a dead letter."""
    detail = facts_of(_landed(RECORD, Park("x", "\ud800" + "y" * 5_000)))["detail"]
    assert detail.startswith("?y")
    assert len(detail) == 1_000


@pytest.mark.parametrize(("index", "again"), [(None, ["r-0", "r-1", "r-2"]), (0, ["r-0"])])
def test_a_batch_that_died_as_a_whole_comes_back_as_a_whole(
    index: int | None, again: list[str]
) -> None:
    """Where no result was begun all are scored again; where one died, that one and no sibling."""
    batch = result_pb2.LlmResultBatch()
    for number in range(3):
        batch.results.add(result_id=f"r-{number}").response.text = "Paris"
    headers = (("ce_type", b"plimsoll.v1.LlmResultBatch"),)
    record = RECORD._replace(value=batch.SerializeToString(), headers=headers)
    out = redriven(_landed(record, Park("crashed", "x", index)))
    back = Record(out.topic, 2, 99, 3_000, out.key, out.value, out.headers)
    items = decode(back, IngestRules())
    assert [i.result.key.result_id for i in items if isinstance(i, Decoded)] == again


def test_a_result_without_an_id_keeps_the_one_it_was_given() -> None:
    """However often it is put back, a result is found under the name of its first place."""
    message = result_pb2.LlmResult()
    message.response.text = "Paris"
    record = RECORD._replace(value=message.SerializeToString(), headers=())
    names = set()
    for offset in (77, 99, 120):
        record = record._replace(offset=offset)
        (item,) = decode(record, IngestRules())
        assert isinstance(item, Decoded)
        names.add(item.result.key)
        out = redriven(_landed(record, Park("crashed", "x"), item.result.key))
        record = record._replace(headers=out.headers)
    assert len(names) == 1


@pytest.mark.parametrize(
    "first_at", [b"", b"results/1", b"re sults/1/2", b"\xff/1/2", b"a/b/c/1/2"]
)
def test_a_first_place_that_is_none_is_passed_over(first_at: bytes) -> None:
    """A header that is not ours names nothing: the record's own place does."""
    message = result_pb2.LlmResult()
    message.response.text = "Paris"
    plain = RECORD._replace(value=message.SerializeToString(), headers=())
    odd = plain._replace(headers=(("plimsoll-first-at", first_at),))
    assert decode(odd, IngestRules()) == decode(plain, IngestRules())
