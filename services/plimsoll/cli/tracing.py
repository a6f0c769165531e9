"""Follows one result through topics and store until it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from plimsoll.adapters.kafka.admin import KafkaAdmin, PartitionProgress
from plimsoll.adapters.kafka.partitioning import partition_of
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.cli.inputs import ingest_rules, keys_of
from plimsoll.cli.offsets import patiently, progress_of
from plimsoll.cli.whereabouts import Place, Whereabouts
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.pipeline.crash_note import parse_note
from plimsoll.settings.model import Settings
from plimsoll.wire.dead_letters import dead_letter_row
from plimsoll.wire.rows import score_row

Looked = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Search:
    """How far back topics are read: at most so many records a partition."""

    most_records: int
    looked: Looked


class Tracer:
    """Looks for one key on the topics; every answer names partition, offset and lag."""

    def __init__(
        self, settings: Settings, admin: KafkaAdmin, reader: KafkaReader, search: Search
    ) -> None:
        self._settings = settings
        self._admin = admin
        self._reader = reader
        self._search = search

    async def trace(self, key: ResultKey) -> Whereabouts:
        """The first place that holds it: outcomes first, then inputs, newest offsets on."""
        topics = self._settings.topics
        group_id = self._settings.scorer.group_id
        progress = await progress_of(self._admin, self._reader, topics.results, group_id)
        scored = await self._newest(topics.scores, key, _is_score_of)
        if scored is not None:
            return _not_indexed(key, scored)
        dead = await self._newest(topics.dead_letters, key, _is_letter_of)
        if dead is not None:
            return dead_whereabouts(key, dead)
        source = await self._input(key, progress)
        if source is None:
            return _not_seen(key, progress)
        at = progress[source.partition]
        if source.offset < (at.committed or 0):
            return _unaccounted(key, source, at)
        members = await patiently(lambda: self._admin.members(group_id))
        return _waiting(key, source, at, members)

    async def _input(self, key: ResultKey, progress: Sequence[PartitionProgress]) -> Record | None:
        """Its record: first where its key belongs, unfinished offsets first, then everywhere.

        Records without a key, or with somebody else's, may be in any partition.
        """
        topic = self._settings.topics.results
        own = progress[partition_of(key.encode(), len(progress))]
        rules = ingest_rules(self._settings)

        def holds(record: Record, wanted: ResultKey) -> bool:
            return wanted in keys_of(record, rules)

        stretches: list[dict[TopicPartition, tuple[int, int]]] = [
            {own.partition: (max(own.begin, own.committed or 0), own.end)},
            {
                p.partition: (max(p.begin, p.committed or 0), p.end)
                for p in progress
                if p is not own
            },
            {p.partition: (p.begin, min(p.end, p.committed or 0)) for p in progress},
        ]
        for stretch in stretches:
            found = await self._scan(topic, stretch, key, holds)
            if found is not None:
                return found
        return None

    async def _newest(
        self, topic: str, key: ResultKey, is_of: Callable[[Record, ResultKey], bool]
    ) -> Record | None:
        """The last record of a key on a topic keyed as ours are, or None."""
        facts = {f.name: f for f in await self._admin.describe()}.get(topic)
        if facts is None:
            return None
        everywhere = [TopicPartition(topic, n) for n in range(facts.partitions)]
        bounds = await self._reader.bounds(everywhere)
        own = partition_of(key.encode(), facts.partitions)
        # Outcomes are keyed; a dead letter keeps its producer's key, whatever that was.
        keyed = topic == self._settings.topics.scores
        wanted = {tp: at for tp, at in bounds.items() if not keyed or tp.partition == own}
        return await self._scan(topic, wanted, key, is_of)

    async def _scan(
        self,
        topic: str,
        stretch: Mapping[TopicPartition, tuple[int, int]],
        key: ResultKey,
        is_of: Callable[[Record, ResultKey], bool],
    ) -> Record | None:
        most = self._search.most_records
        starts = {tp: max(begin, end - most) for tp, (begin, end) in stretch.items()}
        ends = {tp: end for tp, (_, end) in stretch.items()}
        read, found = 0, None
        async for batch in self._reader.stretch(starts, ends):
            read += len(batch)
            self._search.looked(topic, read)
            for record in batch:
                if is_of(record, key):
                    found = record
        return found


def _is_score_of(record: Record, key: ResultKey) -> bool:
    if record.key != key.encode():
        return False
    try:
        return score_row(record).key == key
    except PoisonError:
        return False


def _is_letter_of(record: Record, key: ResultKey) -> bool:
    try:
        return dead_letter_row(record).key == key
    except PoisonError:
        return False


def _not_indexed(key: ResultKey, record: Record) -> Whereabouts:
    row = score_row(record)
    place = f"{record.topic}-{record.partition}@{record.offset}"
    return Whereabouts(
        key,
        Place.NOT_INDEXED,
        f"scored as revision {row.revision} at {place}, and not in the store that was asked",
        {"revision": row.revision, "score_id": row.score_id, **_at(record)},
        "the indexer is behind or not running, or the query service reads another store: see "
        "`plimsoll doctor`",
    )


def dead_whereabouts(key: ResultKey, record: Record) -> Whereabouts:
    """A dead letter with its reason, and how to bring it back."""
    row = dead_letter_row(record)
    source = f"{row.source.topic}-{row.source.partition}@{row.source.offset}#{row.source.index}"
    return Whereabouts(
        key,
        Place.DEAD_LETTER,
        f"in the dead letters: {row.reason}: {row.detail}",
        {
            "reason": row.reason,
            "detail": row.detail,
            "source": source,
            "attempts": row.attempts,
            **_at(record),
        },
        f"see `plimsoll dlq show {record.partition}:{record.offset}`; once it is mended, "
        f"`plimsoll dlq redrive {record.partition}:{record.offset} --value FILE`",
    )


def _waiting(key: ResultKey, record: Record, at: PartitionProgress, members: int) -> Whereabouts:
    first = max(at.begin, at.committed or 0)
    before = record.offset - first
    facts = _at(record) | {"committed": at.committed, "lag": at.lag, "scorers": members}
    where = f"{record.topic}-{record.partition}@{record.offset}"
    reasons = list(_held_by(at, members, before))
    place = Place.IN_WORK if members and before == 0 else Place.NOT_CONSUMED
    ahead = f"{before} records before it" if before else "the first unfinished record"
    return Whereabouts(
        key,
        place,
        f"published at {where}, not done yet: {ahead}, lag {at.lag}",
        facts | {"held_back_by": reasons},
        "; ".join(reasons) or "wait: a scorer has its partition",
    )


def _held_by(at: PartitionProgress, members: int, before: int) -> Iterator[str]:
    if not members:
        yield "no scorer is running: start one (`plimsoll scorer`)"
    note = parse_note(at.metadata)
    if note.starts:
        yield (
            f"workers have died here {note.starts} times: records below offset {note.until} are "
            "taken one at a time"
        )
    if members and before:
        yield "the scorers are behind, or hold back the record at the committed offset"


def _unaccounted(key: ResultKey, record: Record, at: PartitionProgress) -> Whereabouts:
    where = f"{record.topic}-{record.partition}@{record.offset}"
    return Whereabouts(
        key,
        Place.UNACCOUNTED,
        f"published at {where}, before the committed offset {at.committed}, and neither a score "
        "nor a dead letter was found",
        _at(record) | {"committed": at.committed},
        "if `llm.scores` keeps less than its inputs, raise its retention; search further back with "
        "--most-records; otherwise report it",
    )


def _not_seen(key: ResultKey, progress: Sequence[PartitionProgress]) -> Whereabouts:
    own = progress[partition_of(key.encode(), len(progress))]
    lag = sum(one.lag for one in progress)
    where = f"{own.partition.topic}-{own.partition.partition}"
    return Whereabouts(
        key,
        Place.NOT_SEEN,
        f"not seen: no record of it on {own.partition.topic} (its key belongs to {where}, offsets "
        f"{own.begin} to {own.end})",
        {"partition": own.partition.partition, "begin": own.begin, "end": own.end, "lag": lag},
        "check ID and tenant, the producer's topic and cluster, and how long the topic keeps "
        "records",
    )


def _at(record: Record) -> dict[str, object]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
