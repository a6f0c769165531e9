"""Dead letters hold the bytes, the reason and the place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import Position, Record
from plimsoll.wire.dead_letters import dead_letter_row, encode_dead_letter, facts_of, redriven

NOW = datetime(2026, 1, 2, tzinfo=UTC)
RECORD = Record("llm.results.v1", 2, 77, 1_000, b"acme/r-1", b"\x00junk", (("a", b"b"),))


def _landed(record: Record, park: Park, key: ResultKey | None = None) -> Record:
    out = encode_dead_letter(record, park, "dlq", 1, NOW, NOW, key)
    return Record("dlq", 0, 5, 2_000, out.key, out.value, out.headers)


def test_row_of_a_dead_letter() -> None:
    """Source, reason, detail and the result's name can be read back."""
    row = dead_letter_row(_landed(RECORD, Park("framing", "saw a zero byte", 3)))
    assert row.source == Position("llm.results.v1", 2, 77, 3)
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
