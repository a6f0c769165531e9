"""A score store that keeps every event in a list and works everything out on demand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from plimsoll.adapters.sqlite.rows import microseconds
from plimsoll.domain.errors import FencedError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition
from plimsoll.domain.scopes import Scope, result_digest, tenant_digest
from plimsoll.ports.store import (
    Batch,
    DeadLetterRow,
    ErasedRows,
    ScoreFilter,
    ScoreRow,
    VisibleScore,
)
from plimsoll.wire.page_tokens import PageEnd, decode_page_token, encode_page_token


@dataclass
class Memory:
    """What several stores share, as a file would be."""

    events: list[ScoreRow] = field(default_factory=list)
    letters: list[DeadLetterRow] = field(default_factory=list)
    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    epochs: dict[TopicPartition, int] = field(default_factory=dict)
    tombstones: set[bytes] = field(default_factory=set)
    erasures: dict[str, ErasedRows] = field(default_factory=dict)


def visible_of(events: Sequence[ScoreRow], key: ResultKey) -> VisibleScore | None:
    """The visible rule in its plainest form: one key's events, in any order."""
    own = sorted(
        (row for row in events if row.key == key),
        key=lambda row: (-row.revision, row.position.offset, row.position.partition),
    )
    if not own:
        return None
    inputs = {row.score_id: row.input_digest for row in own if row.revision == 0}
    first = next((row.input_digest for row in own if row.revision == 0), "")
    conflicts = sum(digest != first for digest in inputs.values())
    return VisibleScore(own[0], conflicts, sequence=0)


def matches(row: ScoreRow, where: ScoreFilter) -> bool:
    """Whether a row passes a filter."""
    low, high = where.min_lower_bound, where.max_lower_bound
    return (
        where.tenant in {None, row.key.tenant}
        and where.model in {None, row.model}
        and where.task_kind in {None, row.task_kind}
        and where.verdict in {None, row.verdict}
        and (where.start_time is None or row.event_time >= where.start_time)
        and (where.end_time is None or row.event_time < where.end_time)
        and (low is None or (row.lower is not None and row.lower >= low))
        and (high is None or (row.lower is not None and row.lower <= high))
    )


def page_key(row: ScoreRow) -> tuple[int, str, str]:
    """What a list is ordered by, backwards."""
    return (microseconds(row.event_time), row.key.tenant, row.key.result_id)


class MemoryScoreStore:
    """See ports.store; holds no more than tests put in."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.epochs: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Nothing to open."""

    async def claim(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Raises the shared epochs and remembers them."""
        for tp in partitions:
            self.memory.epochs[tp] = self.epochs[tp] = self.memory.epochs.get(tp, 0) + 1
            self.memory.offsets.setdefault(tp, 0)
        return {tp: self.memory.offsets[tp] for tp in partitions}

    async def write(self, batch: Batch) -> int:
        """Appends what stands at or above the stored offsets, each position once."""
        for tp in batch.next_offsets:
            if self.epochs.get(tp, 0) != self.memory.epochs.get(tp):
                raise FencedError(f"{tp} was claimed by another")
        before = dict(self.memory.offsets)
        rows: list[ScoreRow | DeadLetterRow] = [*batch.scores, *batch.dead_letters]
        new = {row.position: row for row in rows}
        for position in list(new):
            tp = TopicPartition(position.topic, position.partition)
            if position.offset >= batch.next_offsets.get(tp, 0):
                raise ValueError(f"{position} is not below its next offset")
            if position.offset < before[tp]:
                del new[position]
        rows = [new[position] for position in sorted(new, key=lambda at: (at.partition, at.offset))]
        rows = [row for row in rows if not self._is_buried(row)]
        self.memory.events += [row for row in rows if isinstance(row, ScoreRow)]
        self.memory.letters += [row for row in rows if isinstance(row, DeadLetterRow)]
        for tp, offset in batch.next_offsets.items():
            self.memory.offsets[tp] = max(before[tp], offset)
        return len(rows)

    def _is_buried(self, row: ScoreRow | DeadLetterRow) -> bool:
        digests = set()
        if row.key is not None:
            digests = {result_digest(row.key), tenant_digest(row.key.tenant)}
        if isinstance(row, ScoreRow) and row.subject in self.memory.tombstones:
            self.memory.tombstones.add(result_digest(row.key))
        return bool(digests & self.memory.tombstones)

    async def erase(self, erasure_id: str, scope: Scope) -> ErasedRows:
        """Buries, then keeps only what is not buried."""
        memory = self.memory
        if erasure_id not in memory.erasures:
            memory.tombstones.add(scope.digest)
            gone_keys = {row.key for row in memory.events if self._is_buried(row)}
            letters = [row for row in memory.letters if self._is_buried(row)]
            memory.events = [row for row in memory.events if row.key not in gone_keys]
            memory.letters = [row for row in memory.letters if row not in letters]
            memory.erasures[erasure_id] = ErasedRows(
                len(gone_keys), len({row.source for row in letters})
            )
        return memory.erasures[erasure_id]

    async def erased(self, keys: Collection[ResultKey]) -> frozenset[ResultKey]:
        """By result or tenant."""
        buried = self.memory.tombstones
        return frozenset(
            key
            for key in keys
            if result_digest(key) in buried or tenant_digest(key.tenant) in buried
        )

    def _visible(self) -> list[VisibleScore]:
        keys = {row.key for row in self.memory.events}
        return [found for key in keys if (found := visible_of(self.memory.events, key))]

    async def get(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, VisibleScore]:
        """By the rule."""
        return {key: found for key in keys if (found := visible_of(self.memory.events, key))}

    def _dead(self) -> list[DeadLetterRow]:
        first = {row.source: row for row in reversed(self.memory.letters)}
        return sorted(first.values(), key=lambda row: (row.event_time, row.position.offset))

    async def dead_letters(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, DeadLetterRow]:
        """The newest of each key."""
        return {row.key: row for row in self._dead() if row.key is not None and row.key in keys}

    async def list(
        self, where: ScoreFilter, page_size: int, after: str
    ) -> tuple[Sequence[VisibleScore], str]:
        """Sorts everything."""
        found = [score for score in self._visible() if matches(score.row, where)]
        found.sort(key=lambda score: page_key(score.row), reverse=True)
        if after:
            end = decode_page_token(after, where)
            ended = (end.event_time_us, end.tenant, end.result_id)
            found = [score for score in found if page_key(score.row) < ended]
        page = found[:page_size]
        more = len(found) > page_size
        return page, encode_page_token(PageEnd(*page_key(page[-1].row)), where) if more else ""

    async def since(
        self, offsets: Mapping[TopicPartition, int], where: ScoreFilter, limit: int
    ) -> Sequence[VisibleScore]:
        """In partition order."""
        found = []
        for score in self._visible():
            at = score.row.position
            if at.offset >= offsets.get(TopicPartition(at.topic, at.partition), 0):
                found.append(score)
        found.sort(key=lambda score: (score.row.position.partition, score.row.position.offset))
        return [score for score in found if matches(score.row, where)][:limit]

    async def next_offsets(self) -> Mapping[TopicPartition, int]:
        """As written."""
        return dict(self.memory.offsets)

    async def counts(self) -> Mapping[str, int]:
        """Counted anew."""
        events = self.memory.events
        return {
            "visible": len({row.key for row in events}),
            "dead": len({row.source for row in self.memory.letters}),
            "events": len(events),
            "duplicates": len(events) - len({(row.key, row.score_id) for row in events}),
            "conflicts": sum(score.input_conflicts for score in self._visible()),
        }

    async def tend(self) -> None:
        """Nothing grows old here."""

    async def check(self) -> None:
        """Always well."""

    async def close(self) -> None:
        """Nothing to release."""
