"""The independent checker: invariants I1 to I4 over what a run left on the topics and in the store.

It knows the contract and nothing of the pipeline: what went in, what came out, and what was
committed when, each by topic, partition and offset.

I1 no loss      each input has its outcome: good results are scored and visible, poison is dead.
I2 one effect   one visible row per key, the one the rule names; a score ID has one content.
I3 no phantom   every outcome's source and key were produced, with the dead letter's bytes.
I4 offsets      at no sample did anything below a committed offset lack its outcome; no lag.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    partition: int


class Source(NamedTuple):
    """One result of an input record."""

    topic: str
    partition: int
    offset: int
    result_index: int


@dataclass(frozen=True, slots=True)
class Input:
    """A record as it stands on the results topic; a result is its key, or None if it is poison."""

    partition: Partition
    offset: int
    value: bytes | None
    results: tuple[str | None, ...]

    def sources(self) -> Iterator[tuple[Source, str | None]]:
        """Each result of the record with its place."""
        for index, key in enumerate(self.results):
            yield Source(*self.partition, self.offset, index), key


@dataclass(frozen=True, slots=True)
class Scored:
    """An event of the scores topic; `content` digests it without its observation."""

    partition: Partition
    offset: int
    source: Source
    key: str
    record_key: str
    score_id: str
    revision: int
    content: str


@dataclass(frozen=True, slots=True)
class Dead:
    """A record of the dead-letter topic."""

    partition: Partition
    offset: int
    source: Source
    value: bytes | None
    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Committed offsets of the inputs and, read after them, the ends of the outcome topics."""

    committed: Mapping[Partition, int]
    outcome_ends: Mapping[Partition, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A visible row of the store."""

    key: str
    score_id: str
    revision: int
    content: str


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that a run left behind; rows are None where no store took part."""

    inputs: Sequence[Input]
    scored: Sequence[Scored]
    dead: Sequence[Dead]
    committed: Mapping[Partition, int]
    ends: Mapping[Partition, int]
    samples: Sequence[Sample] = field(default_factory=tuple)
    rows: Sequence[Row] | None = None
    dead_rows: Sequence[Source] | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant and where."""

    invariant: str
    what: str


def violations(run: Run) -> list[Violation]:
    """Every breach; an empty list is a sound run."""
    checks = {"I1": no_loss, "I2": one_effect, "I3": no_phantom, "I4": offsets}
    return [Violation(name, what) for name, check in checks.items() for what in check(run)]


def visible(scored: Iterable[Scored]) -> dict[str, Scored]:
    """The visible event of each key: highest revision, then lowest offset."""
    found: dict[str, Scored] = {}
    for event in scored:
        rival = found.get(event.key)
        if rival is None or (-event.revision, event.offset) < (-rival.revision, rival.offset):
            found[event.key] = event
    return found


def no_loss(run: Run) -> Iterator[str]:
    """I1: inputs = scored + dead, disjoint, by source and by key."""
    scored = {event.source for event in run.scored}
    dead = {letter.source for letter in run.dead}
    for record in run.inputs:
        for source, key in record.sources():
            if source in scored and source in dead:
                yield f"{source} ({key}) is scored and dead"
            elif source not in scored and source not in dead:
                yield f"{source} ({key}) has no outcome"
            elif (source in dead) != (key is None):
                yield f"{source} ({key or 'poison'}) is {'dead' if source in dead else 'scored'}"
    if run.rows is not None:
        wanted = {key for record in run.inputs for key in record.results if key is not None}
        for key in sorted(wanted - {row.key for row in run.rows}):
            yield f"{key} is not visible in the store"
    if run.dead_rows is not None:
        for source in sorted(dead - set(run.dead_rows)):
            yield f"the store does not know that {source} is dead"


def one_effect(run: Run) -> Iterator[str]:
    """I2: one visible row per key, as the rule says; one content per score ID."""
    contents: dict[str, set[str]] = defaultdict(set)
    partitions: dict[str, set[Partition]] = defaultdict(set)
    for event in run.scored:
        contents[event.score_id].add(event.content)
        partitions[event.key].add(event.partition)
    for score_id, found in contents.items():
        if len(found) > 1:
            yield f"score {score_id} has {len(found)} different contents"
    for key, places in partitions.items():
        if len(places) > 1:
            yield f"{key} stands on several partitions: {sorted(places)}"
    yield from _rows_follow_the_rule(run)


def _rows_follow_the_rule(run: Run) -> Iterator[str]:
    if run.rows is None:
        return
    expected = visible(run.scored)
    seen: set[str] = set()
    for row in run.rows:
        if row.key in seen:
            yield f"{row.key} has more than one visible row"
        seen.add(row.key)
        event = expected.get(row.key)
        if event is not None and (row.score_id, row.revision, row.content) != (
            event.score_id,
            event.revision,
            event.content,
        ):
            yield f"{row.key} shows score {row.score_id}, not {event.score_id} of {event.offset}"


def no_phantom(run: Run) -> Iterator[str]:
    """I3: outcomes come from inputs, and carry their keys and bytes."""
    keys = {source: key for record in run.inputs for source, key in record.sources()}
    for event in run.scored:
        if event.source not in keys:
            yield f"score {event.score_id} of {event.key} comes from {event.source}: no such input"
        elif keys[event.source] not in {event.key, None}:
            yield f"{event.source} held {keys[event.source]}, but was scored as {event.key}"
        if event.record_key != event.key:
            yield f"{event.key} was published under the key {event.record_key}"
    yield from _letters_carry_their_source(run)
    produced = set(keys.values())
    for row in run.rows or ():
        if row.key not in produced:
            yield f"the store shows {row.key}, which was never produced"
    for source in sorted(set(run.dead_rows or ()) - {letter.source for letter in run.dead}):
        yield f"the store calls {source} dead, but no dead letter does"


def _letters_carry_their_source(run: Run) -> Iterator[str]:
    values = {(*record.partition, record.offset): record.value for record in run.inputs}
    for letter in run.dead:
        place = letter.source[:3]
        if place not in values:
            yield f"dead letter {letter.offset} comes from {letter.source}: no such input"
        elif values[place] != letter.value:
            yield f"the dead letter of {letter.source} has other bytes than its source"
        if not letter.reason:
            yield f"the dead letter of {letter.source} gives no reason"


def offsets(run: Run) -> Iterator[str]:
    """I4: committed never passed an input without outcome; in the end everything is committed."""
    places = _outcome_places(run)
    # An outcome that was there once stays: each input is held against the first sample past it.
    waiting: dict[Partition, list[Input]] = defaultdict(list)
    for record in sorted(run.inputs, key=lambda record: record.offset, reverse=True):
        waiting[record.partition].append(record)
    for number, sample in enumerate(run.samples):
        for partition, committed in sample.committed.items():
            rest = waiting[partition]
            while rest and rest[-1].offset < committed:
                for source, key in rest.pop().sources():
                    if not _was_there(places.get(source, ()), sample):
                        yield f"sample {number}: {committed} committed, but no {source} ({key})"
    for partition, end in run.ends.items():
        committed = run.committed.get(partition, 0)
        if committed != end:
            yield f"{partition} ends at {end}, but {committed} is committed"


def _outcome_places(run: Run) -> Mapping[Source, Sequence[tuple[Partition, int]]]:
    places: dict[Source, list[tuple[Partition, int]]] = defaultdict(list)
    for event in run.scored:
        places[event.source].append((event.partition, event.offset))
    for letter in run.dead:
        places[letter.source].append((letter.partition, letter.offset))
    return places


def _was_there(places: Iterable[tuple[Partition, int]], sample: Sample) -> bool:
    return any(offset < sample.outcome_ends.get(partition, 0) for partition, offset in places)
