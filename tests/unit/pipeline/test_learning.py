"""What labels teach is published, whatever dies in between, and promises are taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from plimsoll.calibration.learning import fold
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.learned import LearnedScope
from plimsoll.domain.record import OutRecord, Record, TopicPartition
from plimsoll.pipeline import learning
from plimsoll.pipeline.learned_before import LearnedBefore
from plimsoll.pipeline.learning import Learner, LearnerRules
from plimsoll.ports.telemetry import CERTIFICATES, CERTIFICATES_REVOKED, LABELS_READ
from plimsoll.wire.feedback import encode_feedback
from plimsoll.wire.learned import decode_learned, encode_learned
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import FakeClock
from tests.support.fake_log import FakeLog, FakeProducer
from tests.unit.calibration.learning.values import BASIS, label, seen

RULES = LearnerRules("learned", LearningRules((0.2,), 0.1, timedelta(days=30)))
# So many right labels bear a promise of 0.2 out, and so many wrong ones after them do not.
RIGHT = [label(number, True) for number in range(50)]
WRONG = [label(number, False) for number in range(100, 130)]


@dataclass
class World:
    """Two topics, and any number of lives of a learner."""

    clock: FakeClock = field(default_factory=FakeClock)
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        self.log = FakeLog.of(self.clock, labels=2, learned=1)
        self.producer = FakeProducer(self.log)

    def send(self, labels: Sequence[Feedback]) -> None:
        """Each a second after the one before."""
        for one in labels:
            self.clock.seconds += 1
            self.log.append(encode_feedback(one, "labels"))

    def learner(self) -> Learner:
        """A process that knows nothing yet."""
        bounds = {
            TopicPartition("labels", number): (0, len(records))
            for number, records in enumerate(self.log.topics["labels"])
        }
        before = LearnedBefore(self.log.records("learned"), bounds)
        return Learner(RULES, self.producer, self.clock, self.figures, before)

    async def learned(self, learner: Learner | None = None, batch: int = 7) -> Learner:
        """A life, a new one unless given, that has come to the end of both topics."""
        learner = learner or self.learner()
        records = [*self.log.records("labels"), *self.log.records("learned")]
        for start in range(0, len(records), batch):
            await learner.take(records[start : start + batch])
            await learner.publish()
        learner.tell()
        return learner

    @property
    def held(self) -> list[LearnedScope]:
        """What was published, in that order."""
        return [decode_learned(record.value or b"") for record in self.log.records("learned")]

    def counted(self, outcome: str) -> int:
        """Labels of that outcome."""
        return self.figures.totals[LABELS_READ.name, outcome]

    def certificates(self, state: str) -> int:
        """How many are told to stand so."""
        return self.figures.totals[CERTIFICATES.name, state]


@pytest.fixture
def world() -> World:
    """With as many right labels as make a promise."""
    world = World()
    world.send(RIGHT)
    return world


async def test_labels_make_a_promise(world: World) -> None:
    """It is on its topic with the cursor it was made at; labels and certificates are counted."""
    with capture_logs() as logs:
        await world.learned()
    last = world.held[-1]
    [certificate] = last.certificates
    assert (last.labels, certificate.error_rate, certificate.errors) == (50, 0.2, 0)
    ends = {number: len(held) for number, held in enumerate(world.log.topics["labels"])}
    assert last.state.cursor == ends
    assert (world.counted("taught"), world.certificates("standing")) == (50, 1)
    [issued] = [one for one in logs if one["event"] == "observer.certificate.issued"]
    assert issued["certificate"] == certificate.certificate_id


async def test_a_second_life_repeats_nothing(world: World) -> None:
    """It knows what the first one learned: nothing is published, and no label is counted again."""
    world.send([label(1, True, audit=False), *(label(number, True) for number in range(51, 59))])
    await world.learned()
    before = world.held
    await world.learned(batch=50)
    assert world.held == before
    assert (world.counted("taught"), world.counted("doubled")) == (58, 1)
    world.send([label(60, True)])
    await world.learned()
    assert world.held[-1].labels == 59


async def test_labels_that_have_waited_leave_room_for_others(world: World) -> None:
    """However many they are, what else the process does comes in between."""
    await world.learned()
    known = world.log.records("labels")
    world.send([label(number, True) for number in range(1_000, 1_400)])
    last = known[-1]
    new = [one for one in world.log.records("labels") if one not in known]
    waiting = [one for one in new if one.partition != last.partition]
    learner, turns = world.learner(), 0
    for record in (*known[:-1], *waiting):
        await learner.take([record])

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    await learner.take([last])
    turning.cancel()
    assert world.counted("taught") == len(known) + len(waiting)
    assert len(waiting) > 100
    assert turns >= len(waiting) // 50


async def test_a_death_before_the_publication_costs_a_repetition(world: World) -> None:
    """Whoever follows on the dead one publishes what that would have."""
    alive = World()
    alive.send(RIGHT)
    await alive.learned()
    dying = world.learner()
    await dying.take(world.log.records("labels"))
    world.producer.send_errors.append(RetryableError("killed"))
    with pytest.raises(RetryableError):
        await dying.publish()
    assert world.held == []
    await world.learned(batch=1_000)
    assert world.held[-1] == alive.held[-1]


async def test_nobody_waits_for_ever_for_brokers_to_take_what_was_learned(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that is not acknowledged ends the life, which is told; the next one sends it."""
    monkeypatch.setattr(learning, "_ACKNOWLEDGED_S", 0.0)
    learner = world.learner()
    await learner.take(world.log.records("labels"))
    world.producer.hold()
    with pytest.raises(RetryableError, match="not acknowledged"):
        await learner.publish()
    world.producer.release()
    monkeypatch.undo()
    await world.learned()
    assert world.held[-1].labels == 50


async def test_a_promise_that_stops_to_hold_is_taken_back(world: World) -> None:
    """The revocation is published with its time, counted for its tenant, and logged."""
    learner = await world.learned()
    world.send(WRONG)
    with capture_logs() as logs:
        await learner.take(world.log.records("labels")[50:])
        await world.learned()
    [certificate, *_] = world.held[-1].certificates
    assert certificate.revoke_time is not None
    assert (world.certificates("standing"), world.certificates("revoked")) == (0, 1)
    assert world.figures.totals[CERTIFICATES_REVOKED.name, "acme"] == 1
    [revoked] = [one for one in logs if one["event"] == "observer.certificate.revoked"]
    assert (revoked["tenant"], revoked["error_rate"]) == ("acme", 0.2)


async def test_a_promise_that_nobody_watches_lapses(world: World) -> None:
    """Its time goes by without a label: it is told as lapsed, with nothing published."""
    learner = await world.learned()
    world.clock.seconds += timedelta(days=31).total_seconds()
    learner.tell()
    assert (world.certificates("standing"), world.certificates("lapsed")) == (0, 1)


async def test_a_clock_that_is_ahead_ends_no_watch(world: World) -> None:
    """A label from a month to come counts as one of now: the promise is watched and taken back."""
    learner = await world.learned()
    month_ms = int(timedelta(days=31).total_seconds() * 1_000)
    world.send([label(60, True)])
    [odd] = [one for one in world.log.records("labels") if one.key == b"acme/r-60"]
    await learner.take([odd._replace(timestamp_ms=odd.timestamp_ms + month_ms)])
    await learner.publish()
    [standing] = world.held[-1].certificates
    assert standing.valid_until <= world.clock.now() + timedelta(days=30)
    world.send(WRONG)
    new = [one for one in world.log.records("labels") if one.timestamp_ms > odd.timestamp_ms]
    await learner.take(new)
    await learner.publish()
    assert world.held[-1].certificates[0].revoke_time is not None


async def test_poison_is_counted_and_passed_over(world: World) -> None:
    """Garbage, a tombstone and an impossible time teach nothing and stop nothing."""
    good = encode_feedback(label(60, True), "labels")
    learner = await world.learned()
    offsets = iter(range(1_000, 1_010))
    garbage = [
        Record("labels", 0, next(offsets), 0, good.key, b"\xff\xff", ()),
        Record("labels", 0, next(offsets), 0, good.key, None, ()),
        Record("labels", 0, next(offsets), 2**62, good.key, good.value, ()),
    ]
    with capture_logs() as logs:
        await learner.take([*garbage, Record("labels", 0, 1_009, 0, good.key, good.value, ())])
    assert (world.counted("unreadable"), world.counted("taught")) == (3, 51)
    told = [one for one in logs if one["event"] == "observer.label.unreadable"]
    assert [one["reason"] for one in told] == ["undecodable", "undecodable", "bad_time"]


async def test_what_does_not_teach_is_counted_by_reason() -> None:
    """Labels that nobody drew, that say nothing of what was seen, and that come twice."""
    world = World()
    world.send(
        [
            label(1, True),
            label(1, True),
            label(2, True, audit=False),
            replace(label(3, True), seen=None),
        ]
    )
    await world.learned()
    found = {what: world.counted(what) for what in ("taught", "doubled", "not_audit", "not_seen")}
    assert found == {"taught": 1, "doubled": 1, "not_audit": 1, "not_seen": 1}


async def test_scopes_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit labels of new scopes teach nothing; that is counted, and said once."""
    monkeypatch.setattr(fold, "MOST_SCOPES", 1)
    world = World()
    other = seen(0.9, BASIS[::-1])
    world.send([label(1, True), *(replace(label(n, True), seen=other) for n in (2, 3))])
    with capture_logs() as logs:
        await world.learned()
    assert (world.counted("taught"), world.counted("too_many")) == (1, 2)
    assert [one["event"] for one in logs].count("observer.learner.full") == 1


def older(world: World) -> OutRecord:
    """What an observer would publish that stood still for a while."""
    first = world.held[0]
    return encode_learned(first, "learned")


async def test_one_who_knew_less_is_written_over(world: World) -> None:
    """The last record of the topic is that of who has learned of more."""
    learner = await world.learned()
    newest = world.held[-1]
    world.log.append(older(world))
    assert world.held[-1] != newest
    await world.learned(learner)
    assert world.held[-1] == newest


@pytest.mark.parametrize("value", ["newer", "unreadable"])
async def test_who_is_overtaken_begins_anew(world: World, value: str) -> None:
    """A record of somebody else that is no older ends the life; the next one begins with it."""
    learner = await world.learned()
    last = world.held[-1]
    ahead = replace(last.state, cursor={**last.state.cursor, 0: last.state.cursor[0] + 1})
    theirs = encode_learned(replace(last, state=ahead), "learned")
    world.log.append(theirs if value == "newer" else theirs._replace(value=b"\xff"))
    with pytest.raises(RetryableError, match="another observer"):
        await learner.take(world.log.records("learned"))


async def test_what_cannot_be_read_hides_nothing_before_it(world: World) -> None:
    """A life begins with the last record of a scope that it can read."""
    await world.learned()
    held = world.log.records("learned")
    world.log.append(OutRecord("learned", held[-1].key, b"\xff"))
    bounds = {TopicPartition("labels", number): (0, 50) for number in range(2)}
    before = LearnedBefore(world.log.records("learned"), bounds)
    assert before.scopes == (decode_learned(held[-1].value or b""),)


async def test_a_scope_that_is_taken_away_is_learned_anew(world: World) -> None:
    """A tombstone forgets state and cursor: every label teaches again."""
    await world.learned()
    world.log.append(OutRecord("learned", world.log.records("learned")[-1].key, None))
    before = len(world.log.records("learned"))
    await world.learned()
    assert len(world.log.records("learned")) > before
    assert world.counted("taught") == 100


async def test_labels_that_were_made_anew_are_refused(world: World) -> None:
    """With fewer labels than were learned of, no certificate would be watched; it ends one day."""
    await world.learned()
    for partition in world.log.topics["labels"]:
        partition.clear()
    with pytest.raises(RetryableError, match=r"made anew.*topics\.calibrations") as refused:
        world.learner()
    assert refused.value.most_in_a_row == 5


async def test_labels_past_their_retention_are_not_waited_for(world: World) -> None:
    """Where the first labels are gone from the topic, what comes after them teaches."""
    await world.learned()
    world.send([label(60, True)])
    ends = [len(held) for held in world.log.topics["labels"]]
    bounds = {TopicPartition("labels", number): (end, end) for number, end in enumerate(ends)}
    before = LearnedBefore(world.log.records("learned"), bounds)
    assert before.to_recall == {}
