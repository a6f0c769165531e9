"""The order in which what was read becomes durable, visible and done."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.domain.errors import FatalError
from plimsoll.domain.record import Record
from plimsoll.pipeline.observing import Observing, ObservingRules
from plimsoll.pipeline.windows import WindowRules
from plimsoll.ports.changelog import PartitionStart
from plimsoll.ports.telemetry import RESULTS_OBSERVED, SEND_RETRIES
from plimsoll.wire.window_state import decode_rows
from tests.support.fake_clock import FakeClock
from tests.support.memory_changelog import MemoryChangelog
from tests.support.scored_events import event_value, scored_event

RULES = ObservingRules(
    "quality", WindowRules(60_000, 120_000), "observers", "scores", max_gathered=3
)


@dataclass
class Stage:
    """An observer with everything around it in memory; `done` holds offsets let go."""

    changelog: MemoryChangelog = field(default_factory=lambda: MemoryChangelog(random.Random(1)))
    telemetry: PrometheusTelemetry = field(default_factory=PrometheusTelemetry)
    clock: FakeClock = field(default_factory=FakeClock)
    done: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.observing = Observing(RULES, self.changelog, self.clock, self.telemetry)

    async def take(self, offset: int, value: bytes | None = None) -> int | None:
        """One record of partition 0."""
        held = event_value(scored_event(f"r-{offset}", 0)) if value is None else value
        record = Record("scores", 0, offset, 0, None, held, ())
        return await self.observing.take(record, lambda: self.done.append(offset))

    def observed(self, arrival: str) -> float:
        """How many records became that."""
        return self.telemetry.value(RESULTS_OBSERVED, (arrival,))


@pytest.fixture
async def stage() -> Stage:
    """Partition 0 of a topic that holds offsets 5 to 99."""
    made = Stage()
    await made.observing.recovered({0: PartitionStart((), 5, 100)})
    return made


async def test_an_offset_is_let_go_only_when_its_result_is_durable(stage: Stage) -> None:
    """Segments first, then the progress, then the offset."""
    await stage.take(5)
    assert (stage.done, stage.changelog.writes) == ([], [])
    await stage.observing.save()
    assert [key for _, key, _ in stage.changelog.writes] == [b"0/0/0", b"0/progress"]
    assert stage.done == [5]


async def test_too_many_gathered_records_are_saved_at_once(stage: Stage) -> None:
    """What a kill may make the next process read again is bounded."""
    for offset in (5, 6, 7):
        await stage.take(offset)
    assert stage.done == [5, 6, 7]


async def test_a_broker_that_is_away_is_waited_for(stage: Stage) -> None:
    """No offset goes before the write has been answered, however often it must be tried."""
    await stage.take(5)
    stage.changelog.refusals = 3
    await stage.observing.save()
    assert stage.telemetry.value(SEND_RETRIES) == 3
    segments, progress = decode_rows(stage.changelog.rows[0].items())
    assert (len(segments), progress.next_offset if progress else None) == (1, 6)
    assert stage.done == [5]


async def test_what_is_published_is_saved_before(stage: Stage) -> None:
    """A window on its topic is never ahead of what a restart would know."""
    await stage.take(5)
    await stage.observing.publish()
    assert [window.tally.count for window in stage.changelog.published] == [1]
    assert b"0/progress" in stage.changelog.rows[0]


async def test_unchanged_windows_are_not_published_again(stage: Stage) -> None:
    """A quiet minute costs nothing."""
    await stage.take(5)
    await stage.observing.publish()
    await stage.observing.publish()
    assert len(stage.changelog.published) == 1


@pytest.mark.parametrize("value", [b"", b"\xff\xff", b"\x00\x00\x00\x00\x01abc"])
async def test_poison_is_counted_and_passed_over(stage: Stage, value: bytes) -> None:
    """It has nothing to count, and the results behind it do not wait for it."""
    await stage.take(5, value)
    await stage.take(6)
    await stage.observing.save()
    assert (stage.observed("poison"), stage.observed("counted"), stage.done) == (1, 1, [5, 6])


async def test_a_record_that_comes_too_early_is_read_again(stage: Stage) -> None:
    """A record left over from before a rebalance does not make those before it be skipped."""
    assert await stage.take(8) == 5
    assert [await stage.take(offset) for offset in (5, 6, 7, 8)] == [None] * 4
    assert stage.observed("counted") == 4


async def test_offsets_that_are_gone_are_passed_over(stage: Stage) -> None:
    """Where the same record comes first time after time, there is nothing before it any more."""
    answers = []
    for _ in range(6):
        answers.append(await stage.take(8))
        await stage.clock.sleep(1)
    assert answers == [5, 5, 5, 5, 5, None]
    assert stage.observed("counted") == 1


async def test_a_partition_that_is_not_ours_is_left_alone(stage: Stage) -> None:
    """Its records are neither counted nor let go; what was not saved is forgotten."""
    await stage.take(5)
    await stage.observing.revoked()
    await stage.take(6)
    await stage.observing.publish()
    assert (stage.done, stage.changelog.published, stage.observing.positions()) == ([], [], {})


async def test_a_partition_starts_where_its_state_ends(stage: Stage) -> None:
    """Without state at its first record, and never at a committed offset."""
    assert stage.observing.positions() == {0: 5}
    await stage.take(5)
    await stage.observing.save()
    await stage.observing.recovered({0: stage.changelog.start(0, 0, 100)})
    assert stage.observing.positions() == {0: 6}


async def test_state_that_reaches_past_the_topic_is_fatal(stage: Stage) -> None:
    """The topic was made anew: its results would be taken for ones already counted."""
    await stage.take(5)
    await stage.observing.save()
    with pytest.raises(FatalError, match=r"ends at 3, .* counted up to 6"):
        await stage.observing.recovered({0: stage.changelog.start(0, 0, 3)})


async def test_state_that_cannot_be_read_is_fatal(stage: Stage) -> None:
    """Counting on from nothing would publish windows that go back."""
    with pytest.raises(FatalError, match=r"cannot be read .* set another observer\.app_id"):
        await stage.observing.recovered({0: PartitionStart(((b"0/0/0", b"{"),), 0, 1)})
