"""Windows of quality on their topic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.quality import QualityWindow, Series, Tally
from plimsoll.domain.result import TaskKind
from plimsoll.wire.quality import decode_quality, encode_quality
from tests.support.scored_events import at_ms

WINDOW = QualityWindow(
    Series("acme", "org/m-1", TaskKind.CODE, "confidence"),
    at_ms(60_000),
    at_ms(120_000),
    source_partition=3,
    last_offset=41,
    tally=Tally(3, ((AbsenceReason.THROTTLED, 1),), 0.75, 0.3125, ((25, 1), (50, 1))),
)


def value_of(window: QualityWindow) -> bytes:
    """The bytes of its record."""
    return encode_quality(window, "quality").value or b""


def test_a_window_comes_back_as_it_was() -> None:
    """Decoding undoes encoding."""
    assert decode_quality(value_of(WINDOW)) == WINDOW


def test_versions_of_a_window_share_a_key() -> None:
    """So they share a partition, and keep their order."""
    later = replace(WINDOW, last_offset=50, tally=Tally(9))
    assert encode_quality(WINDOW, "q").key == encode_quality(later, "q").key


@pytest.mark.parametrize(
    "other",
    [
        replace(WINDOW, source_partition=4),
        replace(WINDOW, start_time=at_ms(0)),
        replace(WINDOW, series=WINDOW.series._replace(metric="a")),
        replace(WINDOW, series=WINDOW.series._replace(model="m-1")),
        replace(WINDOW, series=WINDOW.series._replace(task_kind=TaskKind.CHAT)),
    ],
)
def test_different_windows_have_different_keys(other: QualityWindow) -> None:
    """Compaction never drops one for another."""
    assert encode_quality(WINDOW, "q").key != encode_quality(other, "q").key


@pytest.mark.parametrize("value", [b"", b"\xff", b"\x0a\x01a"])
def test_what_is_no_window_is_poison(value: bytes) -> None:
    """Garbage, and a window without the fields that it is nothing without."""
    with pytest.raises(PoisonError):
        decode_quality(value)


@pytest.mark.parametrize("reason", list(AbsenceReason))
def test_every_reason_has_its_number(reason: AbsenceReason) -> None:
    """The closed list is the same here and on the wire."""
    window = replace(WINDOW, tally=Tally(1, ((reason, 1),)))
    assert decode_quality(value_of(window)).tally.absences == ((reason, 1),)


def test_a_newer_writer_s_names_read_as_unspecified() -> None:
    """An unknown reason or task kind does not stop a reader."""
    unknown = b"\xe7\x07"  # 999
    task_kind, absence = b"\x18" + unknown, b"\x08" + unknown + b"\x10\x02"
    raw = value_of(replace(WINDOW, tally=Tally(2))) + task_kind
    raw += b"\x52" + bytes([len(absence)]) + absence
    found = decode_quality(raw)
    assert found.series.task_kind is TaskKind.UNSPECIFIED
    assert found.tally.absences == ((AbsenceReason.UNSPECIFIED, 2),)
