"""What a batch of events does to the results it names: the visible rule, over values alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.adapters.postgres.rows import scoring, storable
from plimsoll.domain.identity import ResultKey
from plimsoll.ports.store import ScoreRow

# Which scoring of which result: tenant, result ID, and the score ID in 16 bytes.
Scoring = tuple[str, str, bytes]


@dataclass(slots=True)
class Standing:
    """What is remembered of one result; `visible` is the row to write, None where it stays.

    Visible is the highest revision, within one the lowest offset. Offsets are compared before
    partitions only where a key stands in several, which a topic that keeps its number of
    partitions never has.
    """

    key: ResultKey
    event_time: datetime
    rank: tuple[int, int, int]
    seen: bytes
    seen_revision: int
    seen_digest: str
    first_digest: str | None
    first_place: tuple[int, int] | None
    input_conflicts: int
    is_new: bool = False
    was_at: datetime | None = None
    visible: ScoreRow | None = None
    conflicts_before: int = 0
    changed: bool = False
    # The first input of revision 0 is another than the one that conflicts were counted against.
    recount: bool = False


@dataclass(slots=True)
class Folded:
    """The outcome: results as they stand now, and how the tallies of each partition move."""

    standings: dict[ResultKey, Standing]
    duplicates: dict[tuple[str, int], int] = field(default_factory=dict)

    def changed(self) -> list[Standing]:
        """Results that have to be written."""
        return [one for one in self.standings.values() if one.changed]


def candidates(
    rows: Iterable[ScoreRow], known: Mapping[ResultKey, Standing]
) -> dict[Scoring, ScoreRow]:
    """Scorings that may be further ones of their results: the first of each in the batch."""
    seen = {key: one.seen for key, one in known.items()}
    found: dict[Scoring, ScoreRow] = {}
    for row in rows:
        mine = scoring(row.score_id)
        if seen.setdefault(row.key, mine) != mine:
            found.setdefault((row.key.tenant, row.key.result_id, mine), row)
    return found


def fold(
    rows: Iterable[ScoreRow],
    known: Mapping[ResultKey, Standing],
    further: Collection[Scoring],
) -> Folded:
    """Applies events in order of their positions; `further` are the scorings that were new."""
    folded = Folded(dict(known))
    left = set(further)
    for row in rows:
        standing = folded.standings.get(row.key)
        if standing is None:
            folded.standings[row.key] = _first(row)
            continue
        mine = (row.key.tenant, row.key.result_id, scoring(row.score_id))
        added = mine in left
        left.discard(mine)
        if not added:
            at = (row.position.topic, row.position.partition)
            folded.duplicates[at] = folded.duplicates.get(at, 0) + 1
        _again(standing, row, added=added)
    return folded


def rank(row: ScoreRow) -> tuple[int, int, int]:
    """The least one of a result is visible."""
    return (-row.revision, row.position.offset, row.position.partition)


def _first(row: ScoreRow) -> Standing:
    scored_first = row.revision == 0
    return Standing(
        key=row.key,
        event_time=row.event_time,
        rank=rank(row),
        seen=scoring(row.score_id),
        seen_revision=row.revision,
        seen_digest=storable(row.input_digest),
        first_digest=storable(row.input_digest) if scored_first else None,
        first_place=(row.position.offset, row.position.partition) if scored_first else None,
        input_conflicts=0,
        is_new=True,
        visible=row,
        changed=True,
    )


def _again(standing: Standing, row: ScoreRow, *, added: bool) -> None:
    if rank(row) < standing.rank:
        if standing.was_at is None and not standing.is_new:
            standing.was_at = standing.event_time
        standing.rank, standing.event_time, standing.visible = rank(row), row.event_time, row
        standing.changed = True
    if row.revision != 0:
        return
    place = (row.position.offset, row.position.partition)
    if standing.first_place is None or place < standing.first_place:
        standing.recount = standing.recount or standing.first_place is not None
        standing.first_digest, standing.first_place = storable(row.input_digest), place
        standing.changed = True
    elif added and storable(row.input_digest) != standing.first_digest:
        standing.input_conflicts += 1
        standing.changed = True
