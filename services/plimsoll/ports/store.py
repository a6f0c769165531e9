"""The store of visible scores: a projection of the scores topic that can be rebuilt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plimsoll.domain.confidence import Verdict
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position, TopicPartition
from plimsoll.domain.result import TaskKind
from plimsoll.domain.scopes import Scope


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One scored event as the indexer read it; `payload` is the event's protobuf value.

    `subject` is the digest of whom it is about (see `domain.erasure`), empty where nobody is named
    and in rows that a store gives.
    """

    key: ResultKey
    score_id: str
    revision: int
    input_digest: str
    content_digest: str
    position: Position
    payload: bytes
    event_time: datetime
    model: str
    task_kind: TaskKind
    verdict: Verdict
    point: float | None
    lower: float | None
    subject: bytes = b""


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """One dead letter; `key` is None where its bytes named none that could be read."""

    position: Position
    source: Position
    reason: str
    detail: str
    attempts: int
    event_time: datetime
    key: ResultKey | None = None


@dataclass(frozen=True, slots=True)
class VisibleScore:
    """The visible score of a key: highest revision, then lowest offset on the scores topic.

    `input_conflicts` counts events of revision 0 whose input digest differed from the first's.
    `sequence` orders rows as they became visible; it never leaves this store.
    """

    row: ScoreRow
    input_conflicts: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Which visible scores; None does not filter. Times are half-open."""

    tenant: str | None = None
    model: str | None = None
    task_kind: TaskKind | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    verdict: Verdict | None = None
    min_lower_bound: float | None = None
    max_lower_bound: float | None = None


@dataclass(frozen=True, slots=True)
class ErasedRows:
    """What one order has taken away: results with their scores, and dead letters."""

    scores: int
    dead_letters: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction of the indexer writes: rows and the next offsets they lead to."""

    scores: tuple[ScoreRow, ...]
    dead_letters: tuple[DeadLetterRow, ...]
    next_offsets: Mapping[TopicPartition, int]


class ScoreStore(Protocol):
    """Rows and consumed offsets are written in one fenced transaction."""

    async def start(self) -> None:
        """Opens the store and creates what is missing."""

    async def claim(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Fences earlier writers of these partitions; gives their next offsets (0 at first)."""

    async def write(self, batch: Batch) -> int:
        """Writes all or nothing; events below a partition's stored offset are no-ops.

        Gives how many events were new. Raises FencedError where another writer has claimed one.
        What has been erased is passed over, whatever revision comes.
        """

    async def erase(self, erasure_id: str, scope: Scope) -> ErasedRows:
        """Deletes every row in that scope, and keeps its digest, so that none comes back.

        A second time under the same ID changes nothing and gives the same counts. When this
        returns no file of the store holds the rows' bytes; backups are not its business.
        RetryableError where they may still be there: order it again. A reset undoes no erasure.
        """

    async def erased(self, keys: Collection[ResultKey]) -> frozenset[ResultKey]:
        """Those of the keys that were erased: by result, with their tenant, or with a subject."""

    async def get(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, VisibleScore]:
        """Visible scores of those keys that have one."""

    async def dead_letters(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, DeadLetterRow]:
        """The newest dead letter of each key that has one."""

    async def list(
        self, where: ScoreFilter, page_size: int, after: str
    ) -> tuple[Sequence[VisibleScore], str]:
        """A page, newest event first, and the token of the next ('' at the end).

        ValueError where the token is not one of this store's.
        """

    async def since(
        self, offsets: Mapping[TopicPartition, int], where: ScoreFilter, limit: int
    ) -> Sequence[VisibleScore]:
        """Visible scores at or after those positions of the scores topic, in partition order.

        A partition that is not named starts at 0.
        """

    async def next_offsets(self) -> Mapping[TopicPartition, int]:
        """How far each partition has been projected."""

    async def counts(self) -> Mapping[str, int]:
        """`visible`, `dead` (unique source positions), `events`, `duplicates`, `conflicts`."""

    async def tend(self) -> None:
        """What a store that is written to needs from time to time; called often, seldom works."""

    async def check(self) -> None:
        """Raises RetryableError or FatalError where the store cannot serve."""

    async def close(self) -> None:
        """Releases everything; never raises."""
