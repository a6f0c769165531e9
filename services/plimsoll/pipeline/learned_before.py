"""What was learned before this life of a learner began: its topic, read whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from plimsoll.domain.errors import PoisonError, RetryableError
from plimsoll.domain.learned import LearnedScope
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.wire.learned import decode_learned

# A broker that has just come back, and one in memory, may tell too little at first.
_MOST_LOOKS = 5

_log = structlog.get_logger(__name__)


class LearnedBefore:
    """The last record of each scope that can be read; one that is taken away is learned anew.

    `scopes` are in the order of their keys. `to_recall` holds, by partition of labels, the next
    offset after all that was learned of, where any of it is still there.
    """

    def __init__(
        self, records: Sequence[Record], bounds: Mapping[TopicPartition, tuple[int, int]]
    ) -> None:
        """`records` are all that the topic holds, each partition in the order of its offsets.

        `bounds` are the first and the next offset of each partition of labels. RetryableError
        where more was learned of than there are labels.
        """
        self._last = {record.partition: record.offset for record in records}
        found = _last_of_each(records)
        self.scopes = tuple(found[key] for key in sorted(found))
        self.to_recall = _to_recall(self.scopes, {tp.partition: at for tp, at in bounds.items()})

    def holds(self, record: Record) -> bool:
        """Whether that record was there when the topic was read."""
        return record.offset <= self._last.get(record.partition, -1)


def _last_of_each(records: Sequence[Record]) -> Mapping[bytes, LearnedScope]:
    found: dict[bytes, LearnedScope] = {}
    for record in records:
        key = record.key or b""
        if record.value is None:
            found.pop(key, None)
            continue
        try:
            scope = decode_learned(record.value)
        except PoisonError as error:
            where = {"partition": record.partition, "offset": record.offset}
            _log.warning("observer.learned.unreadable", reason=error.reason, **where)
            continue
        found[scope.key.encode()] = scope
    return found


def _to_recall(
    scopes: Sequence[LearnedScope], bounds: Mapping[int, tuple[int, int]]
) -> Mapping[int, int]:
    reached: dict[int, int] = {}
    for scope in scopes:
        for partition, offset in scope.state.cursor.items():
            reached[partition] = max(offset, reached.get(partition, 0))
    for partition, offset in reached.items():
        _, end = bounds.get(partition, (0, 0))
        if offset > end:
            raise RetryableError(
                f"partition {partition} of the labels ends at {end}, but what was learned reaches"
                f" to {offset}: the topic was made anew; make that of what is learned"
                " (topics.calibrations) anew, too",
                most_in_a_row=_MOST_LOOKS,
            )
    return {part: offset for part, offset in reached.items() if offset > bounds[part][0]}
