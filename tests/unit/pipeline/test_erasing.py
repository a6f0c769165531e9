"""Orders to erase are carried out whatever dies in between, and proven once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from plimsoll.domain.erasure import ErasureOrder, ErasureReceipt
from plimsoll.domain.errors import FatalError, PlimsollError, RetryableError
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.domain.scopes import Erased, Erasure, Scope, subject_digest
from plimsoll.domain.sealing import WrappedKey, key_name
from plimsoll.pipeline.erasing import Eraser
from plimsoll.ports.evidence_keys import EvidenceKeyStore
from plimsoll.ports.memo import Asker, JudgeMemo
from plimsoll.wire.erasures import decode_erasure, encode_order, encode_receipt
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.contracts.memory_keys import KeyMemory, MemoryKeyStore
from tests.contracts.memory_store import Memory, MemoryScoreStore
from tests.contracts.rows import P0, batch, key, score
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import START, FakeClock

TOPIC = "erasures"
ANN = "ann@example.org"
ORDER = ErasureOrder("e1", Erasure("default", Erased.SUBJECT, ANN), "desk", "T-1", START)
HERS = key_name(key("a"), ANN)
KEY = WrappedKey("m1", b"wrapped")


class FailingMemo(MemoryJudgeStore):
    """Raises what it was given before it erases."""

    fault: PlimsollError | None = None

    async def erase(self, orders: Collection[Erasure]) -> int:
        """Raises once, or erases."""
        if self.fault is not None:
            raised, self.fault = self.fault, None
            raise raised
        return await super().erase(orders)


class FailingKeys(MemoryKeyStore):
    """Is away once, after so many orders."""

    def __init__(self, memory: KeyMemory, after: int) -> None:
        super().__init__(memory)
        self._left = after

    async def erase(self, erasure_id: str, scope: Scope) -> int:
        """Raises once, or destroys."""
        self._left -= 1
        if self._left == -1:
            raise RetryableError("away")
        return await super().erase(erasure_id, scope)


@dataclass
class Topic:
    """The topic as a producer and a reader see it."""

    records: list[Record] = field(default_factory=list)
    faults: list[PlimsollError] = field(default_factory=list)

    async def start(self) -> None:
        """Nothing to connect."""

    async def send(self, record: OutRecord) -> asyncio.Future[Position]:
        """Appends at once, unless it was told to fail."""
        sent: asyncio.Future[Position] = asyncio.get_running_loop().create_future()
        if self.faults:
            sent.set_exception(self.faults.pop(0))
        else:
            sent.set_result(Position(record.topic, 0, self.append(record)))
        return sent

    def append(self, record: OutRecord) -> int:
        """Where it stands."""
        offset = len(self.records)
        self.records.append(
            Record(record.topic, 0, offset, 0, record.key, record.value, record.headers)
        )
        return offset

    async def flush(self) -> None:
        """Nothing waits."""

    async def stop(self) -> None:
        """Nothing to release."""

    @property
    def receipts(self) -> list[ErasureReceipt]:
        """What proves orders."""
        said = [decode_erasure(record) for record in self.records]
        return [one for one in said if isinstance(one, ErasureReceipt)]


@dataclass
class World:
    """One topic, one store, one memo, and any number of indexers."""

    clock: FakeClock = field(default_factory=FakeClock)
    topic: Topic = field(default_factory=Topic)
    memory: Memory = field(default_factory=Memory)
    figures: Figures = field(default_factory=Figures)
    has_memo: bool = True
    has_keys: bool = True

    def __post_init__(self) -> None:
        self.store = MemoryScoreStore(self.memory)
        self.memo = FailingMemo(JudgeMemory(), self.clock)
        self.keys = MemoryKeyStore(KeyMemory())

    async def fill(self) -> None:
        """Two results, one of them about Ann, and what a judge said of it."""
        await self.store.claim([P0])
        ann = subject_digest("default", ANN)
        await self.store.write(batch(score("a", 0, subject=ann), score("b", 1)))
        await self.memo.note("default", "d", Asker("a", ANN))
        await self.memo.remember("default", "d", b"she said")
        await self.keys.keep(HERS, KEY)
        await self.keys.keep(key_name(key("b"), ""), KEY)
        self.topic.append(encode_order(ORDER, TOPIC))

    def eraser(self, leads: Callable[[], bool] = lambda: True) -> Eraser:
        """A process that knows nothing yet."""

        @asynccontextmanager
        async def open_memo() -> AsyncIterator[JudgeMemo | None]:
            yield self.memo if self.has_memo else None

        @asynccontextmanager
        async def open_keys() -> AsyncIterator[EvidenceKeyStore | None]:
            yield self.keys if self.has_keys else None

        return Eraser(
            store=self.store,
            open_memo=open_memo,
            open_keys=open_keys,
            producer=self.topic,
            clock=self.clock,
            telemetry=self.figures,
            topic=TOPIC,
            left=("results: 7 days",),
            leads=leads,
        )


@pytest.fixture
async def world() -> World:
    """With an order on the topic."""
    world = World()
    await world.fill()
    return world


async def test_an_order_is_carried_out_and_proven(world: World) -> None:
    """Rows and replies go; the receipt counts them and says what is left, without the subject."""
    eraser = world.eraser()
    await eraser.take(world.topic.records)
    await eraser.prove()
    assert set(await world.store.get([key("a"), key("b")])) == {key("b")}
    assert await world.memo.recall("default", "d") is None
    [receipt] = world.topic.receipts
    counts = {"scores": 1, "dead_letters": 0, "evidence_keys": 1, "judges_replies": 1}
    assert receipt.erased == counts
    kept = key_name(key("b"), "")
    assert await world.keys.find([HERS, kept]) == {HERS: None, kept: KEY}
    assert receipt.left == ("results: 7 days",)
    assert (receipt.requested_by, receipt.reason, receipt.order_time) == ("desk", "T-1", START)
    assert ANN.encode() not in (world.topic.records[-1].value or b"")
    assert dict(eraser.waiting) == {}


async def test_who_does_not_lead_buries_and_proves_nothing(world: World) -> None:
    """Rows go wherever an indexer runs; the receipt is another one's to write."""
    eraser = world.eraser(leads=lambda: False)
    await eraser.take(world.topic.records)
    await eraser.prove()
    assert await world.store.get([key("a")]) == {}
    assert (world.topic.receipts, list(eraser.waiting)) == ([], ["e1"])


@pytest.mark.parametrize("step", ["memo", "receipt"])
async def test_a_death_between_two_steps_costs_a_repetition(world: World, step: str) -> None:
    """Whoever follows on the dead one finishes its order; rows are counted as erased once."""
    death = FatalError("killed")
    if step == "memo":
        world.memo.fault = death
    else:
        world.topic.faults.append(death)
    dying = world.eraser()
    await dying.take(world.topic.records)
    with pytest.raises(FatalError):
        await dying.prove()
    assert world.topic.receipts == []
    following = world.eraser()
    await following.take(world.topic.records)
    await following.prove()
    [receipt] = world.topic.receipts
    assert (receipt.erased["scores"], receipt.erased["evidence_keys"]) == (1, 1)
    assert await world.memo.recall("default", "d") is None


async def test_what_is_away_is_waited_for(world: World) -> None:
    """An order whose store of judges is away stays, and is proven when that is back."""
    world.memo.fault = RetryableError("away")
    eraser = world.eraser()
    await eraser.take(world.topic.records)
    await eraser.prove()
    assert (world.topic.receipts, list(eraser.waiting)) == ([], ["e1"])
    await eraser.prove()
    assert [receipt.erased["judges_replies"] for receipt in world.topic.receipts] == [1]


async def test_a_proven_order_is_not_proven_again(world: World) -> None:
    """Whoever reads the topic anew, order and receipt, writes no second receipt."""
    first = world.eraser()
    await first.take(world.topic.records)
    await first.prove()
    second = world.eraser()
    await second.take(world.topic.records)
    await second.prove()
    await second.take(world.topic.records)
    await second.prove()
    assert len(world.topic.receipts) == 1


async def test_a_receipt_alone_buries(world: World) -> None:
    """When compaction has taken the order, its receipt keeps a new store from its rows."""
    receipt = ErasureReceipt("e0", ORDER.erasure.scope, "desk", "T-1", START, START)
    await world.eraser().take([Record(TOPIC, 0, 0, 0, *_bytes(encode_receipt(receipt, TOPIC)))])
    assert set(await world.store.get([key("a"), key("b")])) == {key("b")}


async def test_what_is_no_order_is_passed_over_and_counted(world: World) -> None:
    """Garbage, an order that names nothing, and a tombstone neither erase nor stop anything."""
    whole = encode_order(ORDER, TOPIC)
    garbage = [
        Record(TOPIC, 0, 0, 0, b"k", b"\xff\xff", whole.headers),
        Record(TOPIC, 0, 1, 0, b"k", b"", whole.headers),
        Record(TOPIC, 0, 2, 0, b"k", whole.value, ()),
        Record(TOPIC, 0, 3, 0, b"k", None, whole.headers),
    ]
    eraser = world.eraser()
    await eraser.take(garbage)
    await eraser.prove()
    assert set(await world.store.get([key("a"), key("b")])) == {key("a"), key("b")}
    assert dict(eraser.waiting) == {}


async def test_the_receipt_says_that_no_judges_were_reached(world: World) -> None:
    """Without a store of judges the proof claims nothing of it."""
    world.has_memo = False
    eraser = world.eraser()
    await eraser.take(world.topic.records)
    await eraser.prove()
    [receipt] = world.topic.receipts
    assert "judges_replies" not in receipt.erased
    assert any("judges" in line for line in receipt.left)


async def test_orders_hold_for_keys_that_are_made_later(world: World) -> None:
    """A store of keys that comes after an order learns of it without a word on the topic.

    What was made for an erased result by then is destroyed, and none is made after that.
    """
    world.has_keys = False
    eraser = world.eraser()
    await eraser.take(world.topic.records)
    await eraser.prove()
    await eraser.take(())
    assert await world.keys.find([HERS]) == {HERS: KEY}
    world.has_keys = True
    await eraser.take(())
    assert await world.keys.find([HERS]) == {HERS: None}
    assert await world.keys.keep(HERS, KEY) is None
    assert await world.keys.keep(key_name(key("b"), ""), KEY) == KEY
    assert len(world.topic.receipts) == 1


async def test_a_store_of_keys_that_fails_learns_of_the_rest_later(world: World) -> None:
    """What it has not learnt when it goes away is told to it when it is back."""
    world.has_keys = False
    other = replace(ORDER, erasure_id="e2", erasure=Erasure("default", Erased.RESULT, "b"))
    world.topic.append(encode_order(other, TOPIC))
    eraser = world.eraser()
    await eraser.take(world.topic.records)
    world.has_keys, world.keys = True, FailingKeys(KeyMemory({HERS: KEY}), after=1)
    with pytest.raises(RetryableError):
        await eraser.take(())
    await eraser.take(())
    his = key_name(key("b"), "")
    assert await world.keys.find([HERS, his]) == {HERS: None, his: None}


async def test_keys_that_a_backup_brought_back_are_destroyed_again(world: World) -> None:
    """Whoever reads the topic anew destroys them, and counts them; without keys nothing is said."""
    first = world.eraser()
    await first.take(world.topic.records)
    await first.prove()
    world.keys = MemoryKeyStore(KeyMemory({HERS: KEY}))
    await world.eraser().take(world.topic.records)
    assert await world.keys.find([HERS]) == {HERS: None}
    world.has_keys = False
    world.topic.append(encode_order(replace(ORDER, erasure_id="e2"), TOPIC))
    last = world.eraser()
    await last.take(world.topic.records)
    await last.prove()
    assert "evidence_keys" not in world.topic.receipts[-1].erased


def _bytes(record: OutRecord) -> tuple[bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]:
    return record.key, record.value, record.headers
