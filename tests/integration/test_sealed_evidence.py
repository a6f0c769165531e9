"""Sealed evidence on a real Kafka and both stores: unreadable on the topic, opened, destroyed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from plimsoll.adapters.evidence.ring import FileKeyRing
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.adapters.rpc.answers import View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.adapters.rpc.failures import LookUpError
from plimsoll.adapters.rpc.opening import Opener
from plimsoll.adapters.stores import key_store
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Record
from plimsoll.domain.result import Document, LlmResult, Message, Response
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.domain.scored import ScoredResult
from plimsoll.domain.sealing import EvidenceState
from plimsoll.indexer.app import rebuild_store, run_indexer
from plimsoll.ports.store import VisibleScore
from plimsoll.query.app import run_query
from plimsoll.scorer.app import run_scorer
from plimsoll.settings.evidence import EvidenceSettings, KeyStoreSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import StoreKind
from plimsoll.v1 import service_pb2
from plimsoll.wire.publish import encode_result
from plimsoll.wire.rows import score_row
from plimsoll.wire.scored import decode_scored
from tests.contracts.postgres import migrated_keys, migrated_scores
from tests.integration.test_erasures import order, proven, publish, visible
from tests.integration.test_indexer import cancelled, started
from tests.support.asking import patient_client
from tests.support.counting_telemetry import Figures
from tests.support.sealed import keys_file

pytestmark = pytest.mark.kafka

ANN = "ann@example.org"
SECRET = "7319462"
WAIT = timedelta(seconds=300)


@pytest.fixture(params=["sqlite", "postgres"])
async def settings(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Settings:
    """A deployment that seals, with scores and keys on either kind of store."""
    evidence = EvidenceSettings(
        keys_file=keys_file(tmp_path / "masters", "m1"),
        path=tmp_path / "keys.db",
        busy_timeout_ms=120_000,
    )
    judges = settings.judges.model_copy(update={"path": tmp_path / "judges.db"})
    settings = settings.model_copy(update={"judges": judges})
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        keys = KeyStoreSettings(kind=StoreKind.POSTGRES, postgres=await migrated_keys(server))
        evidence = evidence.model_copy(update={"store": keys})
        scores = {"kind": StoreKind.POSTGRES, "postgres": await migrated_scores(server)}
        settings = settings.model_copy(update={"store": settings.store.model_copy(update=scores)})
    return settings.model_copy(update={"evidence": evidence})


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[ConfidenceClient]:
    """Of the query service, with scorer and indexer behind it."""
    running = [await started(run, settings) for run in (run_scorer, run_indexer, run_query)]
    async with patient_client(settings.query.listen) as client:
        yield client
    await cancelled(*running)


def result(result_id: str, subject: str = "") -> LlmResult:
    """A result whose number no document has, which evidence quotes."""
    return LlmResult(
        ResultKey("default", result_id),
        Response(f"The balance is {SECRET} francs."),
        subject_id=subject,
        messages=(Message("user", "What is the balance?"),),
        context=(Document("The balance was 12 francs in May.", "doc-1"),),
    )


async def ask(settings: Settings, *results: LlmResult) -> None:
    """Publishes them for scoring."""
    await publish(settings, *(encode_result(one, settings.topics.results) for one in results))


async def looked_up(client: ConfidenceClient, result_id: str) -> ScoredResult:
    """With its evidence."""
    found = await client.get(ResultKey("default", result_id), view=View.FULL, wait=WAIT)
    return found.scored


async def on_the_topic(settings: Settings) -> Sequence[Record]:
    """Every scored event."""
    async with KafkaReader(settings.kafka, "test") as reader:
        return await reader.whole(await reader.partitions(settings.topics.scores))


async def opened(settings: Settings, record: Record) -> ScoredResult:
    """What whoever has kept an event, the keys and the master keys can still read of it."""
    assert settings.evidence.keys_file is not None
    store = key_store(settings.evidence)
    await store.start()
    try:
        opener = Opener(store, FileKeyRing(settings.evidence.keys_file), Figures())
        row = VisibleScore(score_row(record), 0, 0)
        (shown,) = await opener.ready((row,), service_pb2.VIEW_FULL)
    finally:
        await store.close()
    return decode_scored(shown.row.payload)


def quotes(scored: ScoredResult) -> bool:
    """Whether its evidence has the secret."""
    return any(SECRET in one.text for score in scored.scores for one in score.evidence)


async def test_sealed_evidence_is_read_by_look_ups_until_its_key_is_destroyed(
    settings: Settings, client: ConfidenceClient
) -> None:
    """No byte of it is on the topic; after the erasure nobody who has all copies can read it."""
    await ask(settings, result("a1", ANN), result("b1"))
    hers, his = await looked_up(client, "a1"), await looked_up(client, "b1")
    assert quotes(hers)
    assert quotes(his)
    assert {hers.evidence_state, his.evidence_state} == {EvidenceState.OPENED}
    events = await on_the_topic(settings)
    assert not any(SECRET.encode() in (one.value or b"") for one in events)
    kept = {decode_scored(one.value or b"").key.result_id: one for one in events}
    assert quotes(await opened(settings, kept["a1"]))

    receipt = await proven(settings, order("e1", Erasure("default", Erased.SUBJECT, ANN)))
    assert (receipt.erased["scores"], receipt.erased["evidence_keys"]) == (1, 1)
    left = await opened(settings, kept["a1"])
    assert left.evidence_state is EvidenceState.ERASED
    assert not any(score.evidence for score in left.scores)
    assert quotes(await opened(settings, kept["b1"]))


async def test_neither_a_rebuild_nor_a_redelivery_brings_erased_evidence_back(
    settings: Settings, client: ConfidenceClient
) -> None:
    """The same result again is published without evidence, and a rebuild shows nothing of it."""
    await ask(settings, result("a1", ANN))
    await looked_up(client, "a1")
    await proven(settings, order("e1", Erasure("default", Erased.RESULT, "a1")))
    await ask(settings, result("a1", ANN), result("b1"))
    assert quotes(await looked_up(client, "b1"))
    await rebuild_store(settings)
    assert await visible(settings, bool) == {"b1"}
    with pytest.raises(LookUpError):
        await client.get(ResultKey("default", "a1"), view=View.FULL)
    events = await on_the_topic(settings)
    assert not any(SECRET.encode() in (one.value or b"") for one in events)
    async with asyncio.timeout(WAIT.total_seconds()):
        while len(again := [one for one in events if one.key == b"default/a1"]) < 2:
            await asyncio.sleep(0.05)
            events = await on_the_topic(settings)
    assert decode_scored(again[1].value or b"").evidence_state is EvidenceState.ERASED
    assert (await opened(settings, again[0])).evidence_state is EvidenceState.ERASED
