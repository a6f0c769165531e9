"""The funnel from the topics' own records: published = visible + dead + erased + waiting."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import asdict, dataclass

from plimsoll.adapters.kafka.admin import KafkaAdmin, PartitionProgress
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.adapters.rpc.client import open_client
from plimsoll.adapters.rpc.failures import ErasedError
from plimsoll.cli.inputs import ingest_rules
from plimsoll.cli.offsets import progress_of
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.settings.model import Settings
from plimsoll.settings.sdk import SdkSettings
from plimsoll.wire.dead_letters import dead_letter_row
from plimsoll.wire.records import decode

_BATCH = 100
Source = tuple[int, int, int]  # partition, offset, index


@dataclass(frozen=True, slots=True)
class FunnelCount:
    """Results that the results topic holds now, each in one place.

    `waiting` is `not_consumed` (at or after the committed offsets) plus `not_indexed` (scored, and
    not in the store yet) plus `unaccounted`, which must be 0. `read_whole` is False where the topic
    holds more than was read.
    """

    published: int
    visible: int
    dead: int
    erased: int
    not_consumed: int
    not_indexed: int
    unaccounted: int
    lag: int
    read_whole: bool

    @property
    def waiting(self) -> int:
        """Neither visible, dead nor erased."""
        return self.not_consumed + self.not_indexed + self.unaccounted

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return asdict(self) | {"waiting": self.waiting}


@dataclass(frozen=True, slots=True)
class _Input:
    """The newest record of one result; poison has no key."""

    key: ResultKey | None
    sources: tuple[Source, ...]
    done: bool


@dataclass(frozen=True, slots=True)
class _Outcomes:
    dead: set[Source]
    scored: set[ResultKey]
    visible: set[ResultKey]
    erased: set[ResultKey]


async def measure_funnel(settings: Settings, target: str, most_records: int) -> FunnelCount:
    """Reads inputs, dead letters and scores, and asks the query service for every result."""
    topics = settings.topics
    async with KafkaAdmin(settings.kafka) as admin, KafkaReader(settings.kafka) as reader:
        progress = await progress_of(admin, reader, topics.results, settings.scorer.group_id)
        sizes = {facts.name: facts.partitions for facts in await admin.describe()}
        inputs = await _inputs(settings, reader, progress, most_records)
        dead = await _dead_sources(reader, topics.dead_letters, sizes, topics.results)
        keys = [one.key for one in inputs if one.key is not None]
        scored = await _scored_keys(reader, topics.scores, sizes, frozenset(keys))
    visible, erased = await _looked_up(settings.sdk, target, keys)
    return _count(inputs, _Outcomes(dead, scored, visible, erased), progress, most_records)


def print_funnel(funnel: FunnelCount) -> None:
    """One line that adds up, and what waiting is made of."""
    print(
        f"published {funnel.published} = visible {funnel.visible} + dead {funnel.dead} + erased "
        f"{funnel.erased} + waiting {funnel.waiting}"
    )
    print(
        f"waiting: {funnel.not_consumed} not done by the scorers (lag {funnel.lag} records), "
        f"{funnel.not_indexed} scored and not in the store yet, {funnel.unaccounted} unaccounted "
        "for"
    )
    if not funnel.read_whole:
        print("of the newest records only: --most-records reads further back")
    if funnel.unaccounted:
        print(
            "unaccounted for: committed, and neither scored nor dead; `plimsoll why ID` says more"
        )


def _count(
    inputs: Iterable[_Input],
    outcomes: _Outcomes,
    progress: Iterable[PartitionProgress],
    most_records: int,
) -> FunnelCount:
    places: dict[str, int] = defaultdict(int)
    for one in inputs:
        places["published"] += 1
        if one.key in outcomes.visible:
            places["visible"] += 1
        elif one.key in outcomes.erased:
            places["erased"] += 1
        elif outcomes.dead.intersection(one.sources):
            places["dead"] += 1
        elif one.key in outcomes.scored:
            places["not_indexed"] += 1
        else:
            places["unaccounted" if one.done else "not_consumed"] += 1
    return FunnelCount(
        published=places["published"],
        visible=places["visible"],
        dead=places["dead"],
        erased=places["erased"],
        not_consumed=places["not_consumed"],
        not_indexed=places["not_indexed"],
        unaccounted=places["unaccounted"],
        lag=sum(one.lag for one in progress),
        read_whole=all(one.end - one.begin <= most_records for one in progress),
    )


async def _inputs(
    settings: Settings,
    reader: KafkaReader,
    progress: Iterable[PartitionProgress],
    most_records: int,
) -> list[_Input]:
    rules = ingest_rules(settings)
    committed = {one.partition.partition: one.committed or 0 for one in progress}
    sources: dict[ResultKey, list[Source]] = defaultdict(list)
    poison: list[Source] = []
    stretch = {one.partition: (one.begin, one.end) for one in progress}
    async for record in _records(reader, stretch, most_records):
        for item in decode(record, rules):
            # A record that is poison as a whole stands in the dead letters under index 0.
            source = (record.partition, record.offset, item.index or 0)
            if isinstance(item, PoisonError):
                poison.append(source)
            else:
                sources[item.result.key].append(source)

    def done(found: Iterable[Source]) -> bool:
        return all(at < committed[partition] for partition, at, _ in found)

    keyed = [_Input(key, tuple(found), done(found)) for key, found in sources.items()]
    return keyed + [_Input(None, (source,), done((source,))) for source in poison]


async def _dead_sources(
    reader: KafkaReader, topic: str, sizes: Mapping[str, int], results: str
) -> set[Source]:
    found: set[Source] = set()
    async for record in _every(reader, topic, sizes):
        try:
            source = dead_letter_row(record).source
        except PoisonError:
            continue
        if source.topic == results:
            found.add((source.partition, source.offset, source.index))
    return found


async def _scored_keys(
    reader: KafkaReader, topic: str, sizes: Mapping[str, int], wanted: frozenset[ResultKey]
) -> set[ResultKey]:
    found = set()
    async for record in _every(reader, topic, sizes):
        tenant, _, result_id = (record.key or b"").decode("utf-8", "replace").partition("/")
        if (key := ResultKey(tenant, result_id)) in wanted:
            found.add(key)
    return found


async def _every(
    reader: KafkaReader, topic: str, sizes: Mapping[str, int]
) -> AsyncIterator[Record]:
    """Each record of a topic, none of them kept: there may be more than fit into memory."""
    partitions = [TopicPartition(topic, n) for n in range(sizes.get(topic, 0))]
    async for record in _records(reader, await reader.bounds(partitions), sys.maxsize):
        yield record


async def _records(
    reader: KafkaReader, stretch: Mapping[TopicPartition, tuple[int, int]], most: int
) -> AsyncIterator[Record]:
    starts = {tp: max(begin, end - most) for tp, (begin, end) in stretch.items()}
    ends = {tp: end for tp, (_, end) in stretch.items()}
    async for batch in reader.stretch(starts, ends):
        for record in batch:
            yield record


async def _looked_up(
    sdk: SdkSettings, target: str, keys: Iterable[ResultKey]
) -> tuple[set[ResultKey], set[ResultKey]]:
    """Those with a score, and those that were erased."""
    by_tenant: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_tenant[key.tenant].append(key.result_id)
    visible: set[ResultKey] = set()
    erased: set[ResultKey] = set()
    async with open_client(sdk, target) as client:
        for tenant, result_ids in by_tenant.items():
            for start in range(0, len(result_ids), _BATCH):
                chunk = result_ids[start : start + _BATCH]
                answers = await client.batch_get(tenant, chunk, view=View.SUMMARY)
                visible |= {a.scored.key for a in answers if isinstance(a, ConfidenceRecord)}
                erased |= {
                    ResultKey(tenant, result_id)
                    for result_id, answer in zip(chunk, answers, strict=True)
                    if isinstance(answer, ErasedError)
                }
    return visible, erased
