"""Sealed evidence over a socket: every call that shows it opens it, and no other view has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import grpc
import pytest

from plimsoll.adapters.evidence.ring import FileKeyRing
from plimsoll.adapters.rpc.opening import Opener
from plimsoll.adapters.sqlite.key_store import SqliteKeyStore
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.domain.sealing import KeyName, WrappedKey, key_name
from plimsoll.settings.evidence import EvidenceSettings
from plimsoll.v1 import score_pb2, service_pb2
from plimsoll.wire.sealing import seal_evidence
from tests.contracts.rows import batch, key, score
from tests.integration.rpc.conftest import Served, Service, message, query_settings
from tests.support.counting_telemetry import Figures
from tests.support.sealed import keys_file

FULL, SCORES, SUMMARY = service_pb2.VIEW_FULL, service_pb2.VIEW_SCORES, service_pb2.VIEW_SUMMARY


class Keys(SqliteKeyStore):
    """A store of keys that may be away."""

    away = False

    async def find(self, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
        """As long as it is there."""
        if self.away:
            raise RetryableError("the store of keys is away")
        return await super().find(names)


@pytest.fixture
async def keys(tmp_path: Path) -> AsyncIterator[Keys]:
    """A store of keys."""
    store = Keys(EvidenceSettings(path=tmp_path / "keys.db"))
    await store.start()
    yield store
    await store.close()


@pytest.fixture
async def service(serve_with: Served, keys: Keys, tmp_path: Path) -> Service:
    """A service over one sealed row."""
    ring = FileKeyRing(keys_file(tmp_path / "masters", "m1"))
    served = await serve_with(query_settings(), evidence=Opener(keys, ring, Figures()))
    event, name = message("a"), key_name(key("a"), "")
    wrapped = await keys.keep(name, ring.fresh(name))
    data_key = None if wrapped is None else ring.unwrap(name, wrapped)
    assert data_key is not None
    seal_evidence(event, data_key.seal)
    await served.store.write(batch(score("a", 0, payload=event.SerializeToString())))
    return served


async def shown(service: Service, view: service_pb2.View.ValueType) -> list[score_pb2.ScoredResult]:
    """The row as each of the four calls shows it."""
    stub = service.stub
    one = await stub.GetConfidence(service_pb2.GetConfidenceRequest(result_id="a", view=view))
    many = await stub.BatchGetConfidence(
        service_pb2.BatchGetConfidenceRequest(result_ids=["a"], view=view)
    )
    page = await stub.ListConfidences(service_pb2.ListConfidencesRequest(view=view))
    watch = stub.WatchConfidences(
        service_pb2.WatchConfidencesRequest(from_start=True, view=view), timeout=60
    )
    async for reply in watch:
        if reply.HasField("record"):
            watch.cancel()
            break
    records = [one.record, many.items[0].record, page.records[0], reply.record]
    return [record.result for record in records]


async def test_each_call_opens_and_erases_alike(service: Service, keys: Keys) -> None:
    """In full all four show the text until its key is destroyed, and then say so, with OK."""
    for result in await shown(service, FULL):
        assert result.scores[0].evidence[0].text == "because"
        assert result.evidence_state == score_pb2.EVIDENCE_STATE_OPENED
    await keys.erase("e1", Erasure("default", Erased.RESULT, "a").scope)
    for result in await shown(service, FULL):
        assert not result.scores[0].evidence
        assert result.evidence_state == score_pb2.EVIDENCE_STATE_ERASED


async def test_other_views_have_neither_text_nor_ciphertext(service: Service, keys: Keys) -> None:
    """They need no keys: they answer while the store of keys is away, and full does not."""
    keys.away = True
    for view in (SUMMARY, SCORES):
        for result in await shown(service, view):
            assert not result.sealed_evidence
            assert not any(score.evidence for score in result.scores)
            assert result.evidence_state == score_pb2.EVIDENCE_STATE_SEALED
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await shown(service, FULL)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
