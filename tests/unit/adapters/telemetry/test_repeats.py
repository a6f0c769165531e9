"""What a library says again and again."""

from __future__ import annotations

import logging

import pytest

from plimsoll.adapters.telemetry.repeats import Repeats


def line(text: str, at_s: float, logger: str = "aiokafka.cluster") -> logging.LogRecord:
    """An error that was logged at that time."""
    record = logging.LogRecord(logger, logging.ERROR, __file__, 1, "%s", (text,), None)
    record.created = at_s
    return record


def said(repeats: Repeats, *records: logging.LogRecord) -> list[str]:
    """The texts of those that are let through."""
    return [record.getMessage() for record in records if repeats.filter(record)]


def test_a_line_that_repeats_is_written_once_a_minute() -> None:
    """The next one says how many there were; another line is not held back."""
    away = [line("no broker", 1_000.0 + second / 10) for second in range(601)]
    found = said(Repeats(("aiokafka",)), *away[:300], line("no topic", 1_030.0), *away[300:])
    assert found == ["no broker", "no topic", "no broker (599 more of these)"]


def test_our_own_events_are_all_written() -> None:
    """Their names are constant, and each has its own facts."""
    ours = [line("loop.waits", 1_000.0, "plimsoll.pipeline.loop") for _ in range(3)]
    assert said(Repeats(("aiokafka",)), *ours) == ["loop.waits"] * 3


def test_a_clock_that_is_set_back_silences_nothing() -> None:
    """A line of an hour ago is another minute's."""
    repeats = Repeats(("aiokafka",))
    assert said(repeats, line("no broker", 5_000.0), line("no broker", 1_400.0)) == [
        "no broker",
        "no broker",
    ]


@pytest.mark.parametrize("lines", [255, 10_000])
def test_memory_is_bounded(lines: int) -> None:
    """Lines that all differ are all written, and the last ones are remembered."""
    repeats = Repeats(("aiokafka",))
    different = [f"offset {number}" for number in range(lines)]
    assert said(repeats, *(line(text, 1_000.0) for text in different)) == different
    assert said(repeats, line(different[-1], 1_001.0), line(different[-200], 1_001.0)) == []
    assert len(repeats._said) <= 256


def test_a_line_that_cannot_be_put_together_ends_nobody() -> None:
    """It is for the handler to say so; the client that logged it goes on."""
    record = line("no broker", 1_000.0)
    record.args = ("no broker", "of two")
    assert Repeats(("aiokafka",)).filter(record)
