"""Erasures on a real Kafka and both stores: ordered, proven, and nothing comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.stores import judge_store, key_store, store_to_read
from plimsoll.cli.erasing import order_and_wait, read_standings
from plimsoll.domain.erasure import ErasureOrder, ErasureReceipt
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import OutRecord
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.domain.score import Evidence
from plimsoll.domain.sealing import WrappedKey, key_name
from plimsoll.indexer.app import rebuild_store, run_indexer
from plimsoll.ports.memo import Asker
from plimsoll.ports.store import ScoreFilter
from plimsoll.settings.evidence import EvidenceSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import StoreKind
from plimsoll.wire.scored import encode_scored
from tests.contracts.postgres import migrated_scores
from tests.integration.test_indexer import cancelled, started
from tests.support.fake_clock import START
from tests.support.scored_events import MAX_BYTES, scored_event

pytestmark = pytest.mark.kafka

ANN = "ann@example.org"
WAIT_S = 300.0


@pytest.fixture(params=["sqlite", "postgres"])
async def settings(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Settings:
    """A deployment on either store, with a store of judges in a file."""
    judges = settings.judges.model_copy(update={"path": tmp_path / "judges.db"})
    settings = settings.model_copy(update={"judges": judges})
    if request.param == "sqlite":
        return settings
    server = await migrated_scores(request.getfixturevalue("postgres"))
    store = settings.store.model_copy(update={"kind": StoreKind.POSTGRES, "postgres": server})
    return settings.model_copy(update={"store": store})


def event(settings: Settings, result_id: str, subject: str = "", revision: int = 0) -> OutRecord:
    """A scored event whose evidence quotes what nobody may read any more."""
    made = scored_event(result_id, 0, revision=revision)
    evidence = (Evidence("quote", "response.text", text=f"the secret of {result_id}"),)
    scores = tuple(replace(score, evidence=evidence) for score in made.scores)
    made = replace(made, subject_id=subject, scores=scores)
    return encode_scored(made, settings.topics.scores, MAX_BYTES)


async def publish(settings: Settings, *records: OutRecord) -> None:
    """Sends, and waits for each acknowledgement."""
    producer = KafkaLogProducer(settings.kafka)
    await producer.start()
    try:
        for sent in [await producer.send(record) for record in records]:
            await sent
    finally:
        await producer.stop()


async def visible(settings: Settings, until: Callable[[set[str]], bool]) -> set[str]:
    """IDs in the store, once they are as awaited."""
    store = store_to_read(settings.store, SystemClock())
    await store.start()
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                rows, _ = await store.list(ScoreFilter(), 1_000, "")
                found = {row.row.key.result_id for row in rows}
                if until(found):
                    return found
                await asyncio.sleep(0.05)
    finally:
        await store.close()


async def erased(settings: Settings, *result_ids: str) -> frozenset[ResultKey]:
    """Those of the IDs that look-ups are told were erased."""
    store = store_to_read(settings.store, SystemClock())
    await store.start()
    try:
        return await store.erased([ResultKey("default", one) for one in result_ids])
    finally:
        await store.close()


async def remembered(settings: Settings) -> bytes | None:
    """What a judge said about the subject, as long as the memo has it."""
    store = judge_store(settings.judges, SystemClock())
    await store.start()
    try:
        return await store.recall("default", "asked")
    finally:
        await store.close()


def order(name: str, erasure: Erasure) -> ErasureOrder:
    """An order by that ID."""
    return ErasureOrder(name, erasure, "privacy desk", "T-1", START)


async def proven(settings: Settings, given: ErasureOrder) -> ErasureReceipt:
    """Its receipt."""
    receipt = await order_and_wait(settings, given, WAIT_S)
    assert receipt is not None
    return receipt


async def noted(settings: Settings) -> None:
    """A judge has said something about the subject."""
    store = judge_store(settings.judges, SystemClock())
    await store.start()
    try:
        await store.note("default", "asked", Asker("a1", ANN))
        await store.remember("default", "asked", b"she said")
    finally:
        await store.close()


Service = Callable[..., Awaitable[None]]


async def test_a_subject_goes_from_every_store_and_stays_away(settings: Settings) -> None:
    """Rows and replies go, a receipt counts them; late events and a rebuild bring none back."""
    await noted(settings)
    kept, hers = {"b1"}, {"a1", "a2"}
    await publish(settings, *(event(settings, one, ANN) for one in sorted(hers)))
    await publish(settings, event(settings, "b1"))
    running = await started(run_indexer, settings)
    try:
        await visible(settings, lambda found: found == kept | hers)
        receipt = await proven(settings, order("e1", Erasure("default", Erased.SUBJECT, ANN)))
        assert receipt.erased == {"scores": 2, "dead_letters": 0, "judges_replies": 1}
        assert await visible(settings, lambda found: found == kept) == kept
        assert await remembered(settings) is None
        assert {key.result_id for key in await erased(settings, "a1", "a2", "b1")} == hers
        late = event(settings, "a1", ANN, revision=7), event(settings, "a3", ANN)
        await publish(settings, *late, event(settings, "b2"))
        await visible(settings, lambda found: found == kept | {"b2"})
        await rebuild_store(settings)
        again = {"b1", "b2", "b3"}
        await publish(settings, event(settings, "b3"))
        assert await visible(settings, lambda found: again <= found) == again
    finally:
        await cancelled(running)


async def test_orders_hold_before_a_lost_store_is_rebuilt(settings: Settings) -> None:
    """A store that was lost with its tombstones learns of them before it projects anything."""
    await publish(settings, event(settings, "a1", ANN), event(settings, "b1"))
    running = await started(run_indexer, settings)
    await visible(settings, lambda found: found == {"a1", "b1"})
    await proven(settings, order("e1", Erasure("default", Erased.RESULT, "a1")))
    await cancelled(running)
    if settings.store.kind is StoreKind.SQLITE:
        for file in settings.store.path.parent.glob("store.db*"):
            file.unlink()
    else:
        store = store_to_read(settings.store, SystemClock())
        await store.start()
        await store.reset()
        await store.close()
    running = await started(run_indexer, settings)
    try:
        assert await visible(settings, bool) == {"b1"}
        assert await erased(settings, "a1", "b1") == {ResultKey("default", "a1")}
    finally:
        await cancelled(running)


async def test_an_order_holds_for_a_store_of_keys_that_comes_later(
    settings: Settings, tmp_path: Path
) -> None:
    """Who begins to seal need not restart the indexer: a key for what was erased is destroyed."""
    evidence = EvidenceSettings(path=tmp_path / "keys.db", busy_timeout_ms=120_000)
    settings = settings.model_copy(update={"evidence": evidence})
    running = await started(run_indexer, settings)
    try:
        receipt = await proven(settings, order("e1", Erasure("default", Erased.SUBJECT, ANN)))
        assert "evidence_keys" not in receipt.erased
        hers = key_name(ResultKey("default", "a1"), ANN)
        keys = key_store(evidence)
        await keys.start()
        await keys.keep(hers, WrappedKey("m1", b"wrapped"))
        async with asyncio.timeout(WAIT_S):
            while True:
                if await keys.find([hers]) == {hers: None}:
                    break
                await asyncio.sleep(0.05)
        await keys.close()
    finally:
        await cancelled(running)


async def test_an_order_waits_for_an_indexer_and_counts_once(settings: Settings) -> None:
    """Without an indexer no proof comes; the order stands, and the same again gives one receipt."""
    given = order("e1", Erasure("default", Erased.TENANT))
    await publish(settings, event(settings, "a1"))
    assert await order_and_wait(settings, given, 0.5) is None
    assert [one.receipt for one in await read_standings(settings)] == [None]
    running = await started(run_indexer, settings)
    try:
        first, second = await proven(settings, given), await proven(settings, given)
        assert first == second
        [standing] = await read_standings(settings)
        assert standing.receipt == first
        assert await erased(settings, "a1", "never") == {
            ResultKey("default", "a1"),
            ResultKey("default", "never"),
        }
    finally:
        await cancelled(running)
