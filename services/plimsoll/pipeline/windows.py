"""Windows of one source partition: a pure function of the records in their order.

Whatever is decided of a record (counted, duplicate, late) depends on the records before it and on
nothing else, so a process that starts from saved state decides again as the one before it did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.absence import Absence
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.quality import CONFIDENCE, Progress, QualityWindow, Segment, SegmentKey
from plimsoll.domain.result import TaskKind
from plimsoll.domain.scored import ScoredResult
from plimsoll.pipeline.window import Group, Outcome, Window

# Where a window has too many models, further ones are counted under this name, and further tenants
# under it where it has too many of them. No tenant has such a name.
OTHERS = "(other)"
# A name stands in the keys of every metric: longer ones are cut, and told apart by a digest.
_MODEL_CHARACTERS = 256
_NOTHING_YET = -(1 << 62)


class Arrival(StrEnum):
    """What became of a record."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    LATE = "late"
    RESCORED = "rescored"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class WindowRules:
    """Length and grace in milliseconds; bounds of a segment and of a window."""

    length_ms: int
    grace_ms: int
    max_segment_ids: int = 256
    max_groups: int = 1_000


@dataclass(frozen=True, slots=True)
class Saved:
    """What a partition's state was made of when it was last written."""

    progress: Progress
    segments: tuple[Segment, ...] = ()


def id_hash(key: ResultKey) -> int:
    """64 bits of a result's name; among a million IDs two agree once in 37 million windows."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest())


def fresh(partition: int, first_offset: int) -> Saved:
    """The state of a partition nothing of which has been counted."""
    return Saved(Progress(partition, first_offset, _NOTHING_YET, _NOTHING_YET))


class PartitionWindows:
    """The windows of one partition of the scores topic."""

    def __init__(self, rules: WindowRules, saved: Saved) -> None:
        self._rules = rules
        self.partition = saved.progress.partition
        self.next_offset = saved.progress.next_offset
        self._newest_ms = saved.progress.newest_start_ms
        self._closed_ms = saved.progress.closed_start_ms
        self._progressed = False
        self._live: dict[int, Window] = {}
        self._expired: list[Window] = []
        # Segments that a deletion cut short has left behind.
        self._leftover: list[SegmentKey] = []
        for segment in sorted(saved.segments, key=lambda segment: segment.key):
            if segment.key.start_ms <= self._closed_ms:
                self._leftover.append(segment.key)
            else:
                self._window(segment.key.start_ms).restore(segment)
        # What was saved beyond the progress is missing some results until those records have come
        # again; nothing is published before that.
        self._replay_until = max((s.last_offset for s in saved.segments), default=-1)
        self._expire()

    def observe(self, offset: int, timestamp_ms: int, scored: ScoredResult) -> Arrival:
        """Counts a scored result that stands at this offset with this record timestamp."""
        if offset < self.next_offset:
            return Arrival.REPLAYED
        self.pass_over(offset)
        if scored.revision > 0:
            return Arrival.RESCORED
        start_ms = self._start_ms(scored, timestamp_ms)
        if start_ms > self._newest_ms:
            self._newest_ms = start_ms
            self._expire()
        if self._is_over(start_ms):
            return Arrival.LATE
        digest = id_hash(scored.key)
        if any(digest in window.seen for window in self._live.values()):
            return Arrival.DUPLICATE
        self._count(start_ms, digest, offset, scored)
        return Arrival.COUNTED

    def pass_over(self, offset: int) -> None:
        """Goes past a record that holds nothing to count."""
        self.next_offset = max(self.next_offset, offset + 1)
        self._progressed = True

    def take_unsaved(self) -> tuple[Sequence[Segment], Progress | None]:
        """What has changed since the last call: segments by window, then how far they reach.

        A window's segments may be written only once those of earlier ones are durable, the
        progress only once all are.
        """
        segments = [segment for window in self._all() for segment in window.take_unsaved()]
        segments.sort(key=lambda segment: segment.key)
        if not self._progressed:
            return segments, None
        self._progressed = False
        return segments, self._progress()

    def take_changed(self) -> Sequence[QualityWindow]:
        """Windows whose tallies have changed since the last call; all of them after a restart."""
        if self.next_offset <= self._replay_until:
            return []
        return [changed for window in self._all() for changed in window.take_changed()]

    def take_expired(self) -> tuple[Progress, Sequence[SegmentKey]]:
        """The progress that closes windows which are over, and their segments, to be deleted.

        To be called when everything is saved and published; the progress is to be written first,
        or a deletion that is cut short would bring back a part of a window.
        """
        keys = self._leftover
        if self.next_offset > self._replay_until:
            keys.extend(key for window in self._expired for key in window.segment_keys())
            if self._expired:
                self._closed_ms = self._newest_ms - self._rules.length_ms - self._rules.grace_ms
            self._expired.clear()
        self._leftover = []
        return self._progress(), keys

    def _progress(self) -> Progress:
        return Progress(self.partition, self.next_offset, self._newest_ms, self._closed_ms)

    def _all(self) -> Iterator[Window]:
        yield from self._expired
        yield from self._live.values()

    def _window(self, start_ms: int) -> Window:
        window = self._live.get(start_ms)
        if window is None:
            rules = self._rules
            window = Window(self.partition, start_ms, rules.length_ms, rules.max_segment_ids)
            self._live[start_ms] = window
        return window

    def _start_ms(self, scored: ScoredResult, timestamp_ms: int) -> int:
        length_ms = self._rules.length_ms
        if scored.observation is None:
            return timestamp_ms // length_ms * length_ms
        published_ms = scored.observation.publish_time.timestamp() * 1_000
        # Nothing is published after it was scored: a producer's clock that says so by more than
        # the grace would push every honest window out.
        if published_ms > timestamp_ms + self._rules.grace_ms:
            published_ms = timestamp_ms
        return int(published_ms // length_ms) * length_ms

    def _is_over(self, start_ms: int) -> bool:
        return start_ms + self._rules.length_ms + self._rules.grace_ms <= self._newest_ms

    def _expire(self) -> None:
        for start_ms in [start_ms for start_ms in self._live if self._is_over(start_ms)]:
            self._expired.append(self._live.pop(start_ms))

    def _count(self, start_ms: int, digest: int, offset: int, scored: ScoredResult) -> None:
        window = self._window(start_ms)
        model = _shortened(scored.gen_ai.request_model or scored.gen_ai.response_model)
        group = Group(scored.key.tenant, model, scored.task_kind)
        window.add(digest, offset, self._bounded(window.groups, group), _outcomes(scored))

    def _bounded(self, groups: Set[Group], group: Group) -> Group:
        """The group itself, or what it is counted under where a window has as many as it may."""
        most = self._rules.max_groups
        if group in groups or len(groups) < most:
            return group
        of_tenant = group._replace(model=OTHERS)
        if of_tenant in groups or len(groups) < 2 * most:
            return of_tenant
        return Group(OTHERS, OTHERS, TaskKind.UNSPECIFIED)


def _shortened(name: str) -> str:
    if len(name) <= _MODEL_CHARACTERS:
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
    return f"{name[: _MODEL_CHARACTERS - len(digest) - 1]}~{digest}"


def _outcomes(scored: ScoredResult) -> Iterator[Outcome]:
    for score in scored.scores:
        yield score.metric, score.outcome
    outcome = scored.confidence.outcome
    yield CONFIDENCE, outcome if isinstance(outcome, Absence) else outcome.point
