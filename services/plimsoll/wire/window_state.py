"""What the observer remembers, as rows of its changelog: segments and progress, in JSON.

JSON because Python's shortest representation brings every sum back to the last bit, and because a
person can read the topic. Tallies are arrays: [tenant, model, task kind, metric, count, sum, sum
of squares, absences, histogram].
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable
from typing import Any

import orjson

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.quality import Progress, Segment, SegmentKey, Series, Tally
from plimsoll.domain.result import TaskKind

VERSION = 1
_PROGRESS = "progress"
# A tally's numbers, its brackets and the first entry of its histogram.
_TALLY_BYTES = 80


def segment_row(segment: Segment) -> tuple[bytes, bytes]:
    """Key and value of a segment."""
    value = {
        "v": VERSION,
        "last_offset": segment.last_offset,
        "ids": base64.b64encode(struct.pack(f">{len(segment.ids)}Q", *segment.ids)).decode(),
        "tallies": [_from_tally(series, tally) for series, tally in segment.tallies],
    }
    return segment_key(segment.key), orjson.dumps(value)


def tally_bytes(series: Series) -> int:
    """About what a series takes in a segment's row, before its histogram has grown."""
    return _TALLY_BYTES + len(orjson.dumps(list(series)))


def segment_key(key: SegmentKey) -> bytes:
    """Key of a segment's row."""
    return f"{key.partition}/{key.start_ms}/{key.number}".encode()


def progress_row(progress: Progress) -> tuple[bytes, bytes]:
    """Key and value of a partition's progress."""
    value = {
        "v": VERSION,
        "next_offset": progress.next_offset,
        "newest_start_ms": progress.newest_start_ms,
        "closed_start_ms": progress.closed_start_ms,
    }
    return f"{progress.partition}/{_PROGRESS}".encode(), orjson.dumps(value)


def decode_rows(
    rows: Iterable[tuple[bytes, bytes]],
) -> tuple[tuple[Segment, ...], Progress | None]:
    """The state that these rows of one source partition hold.

    PoisonError where a row is of another version or cannot be read.
    """
    segments: list[Segment] = []
    progress: Progress | None = None
    for key, value in rows:
        try:
            name = key.decode().split("/")
            fields = orjson.loads(value)
            if fields["v"] != VERSION:
                raise PoisonError("state_version", f"row {key!r} has version {fields['v']!r}")
            if name[1] == _PROGRESS:
                names = ("next_offset", "newest_start_ms", "closed_start_ms")
                progress = Progress(int(name[0]), *(int(fields[field]) for field in names))
            else:
                segments.append(_to_segment(SegmentKey(*map(int, name)), fields))
        except (ValueError, KeyError, IndexError, TypeError, struct.error) as error:
            raise PoisonError("state_unreadable", f"row {key!r}: {error}") from error
    return tuple(segments), progress


def newer_value(held: bytes, later: bytes) -> bytes:
    """Which of two values of one key counts: the one that reaches further.

    A process that was stopped and goes on after its partitions have moved may write an older value
    after a newer one.
    """
    try:
        before, after = orjson.loads(held), orjson.loads(later)
        return held if _reach(before) > _reach(after) else later
    except (ValueError, KeyError, TypeError):
        return later


def _reach(fields: dict[str, Any]) -> tuple[int, int]:
    if "next_offset" in fields:
        return int(fields["next_offset"]), 0
    return int(fields["last_offset"]), len(fields["ids"])


def _from_tally(series: Series, tally: Tally) -> list[Any]:
    return [
        series.tenant,
        series.model,
        series.task_kind.value,
        series.metric,
        tally.count,
        tally.sum,
        tally.sum_of_squares,
        [[reason.value, count] for reason, count in tally.absences],
        tally.histogram,
    ]


def _to_segment(key: SegmentKey, fields: dict[str, Any]) -> Segment:
    packed = base64.b64decode(fields["ids"], validate=True)
    return Segment(
        key,
        int(fields["last_offset"]),
        struct.unpack(f">{len(packed) // 8}Q", packed),
        tuple(_to_tally(row) for row in fields["tallies"]),
    )


def _to_tally(row: list[Any]) -> tuple[Series, Tally]:
    tenant, model, task_kind, metric, count, total, squares, absences, histogram = row
    return Series(tenant, model, TaskKind(task_kind), metric), Tally(
        int(count),
        tuple((AbsenceReason(reason), int(times)) for reason, times in absences),
        float(total),
        float(squares),
        tuple((int(index), int(times)) for index, times in histogram),
    )
