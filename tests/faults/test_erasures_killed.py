"""Indexers die at each step of an erasure: whoever follows on them finishes and proves it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.stores import judge_store, key_store
from plimsoll.cli.erasing import Standing, read_standings
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import OutRecord
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.domain.sealing import KeyName, WrappedKey, key_name
from plimsoll.indexer.app import run_indexer
from plimsoll.ports.memo import Asker
from plimsoll.settings.evidence import EvidenceSettings
from plimsoll.settings.model import Settings
from plimsoll.wire.erasures import encode_order
from plimsoll.wire.scored import encode_scored
from tests.integration.test_erasures import ANN, erased, order, publish, visible
from tests.integration.test_indexer import cancelled, started
from tests.support.mortal_indexer import Step
from tests.support.reader import ends_of
from tests.support.scored_events import MAX_BYTES
from tests.support.sealed import quoting
from tests.support.services import Fleet, Service, fleet
from tests.support.store_reader import wait_until_projected

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

DEADLINE_S = 300.0
QUOTED = 20
# Which files hold text about whom: it is gone from its file, or it is there.
HERS = {"store.db": b"her secret", "keys.db": b"her wrapped key", "judges.db": b"her reply"}
OTHERS = {"store.db": b"his secret", "keys.db": b"his wrapped key", "judges.db": b"his reply"}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A deployment with every store in a file, keys of evidence among them."""
    judges = {"path": tmp_path / "judges.db", "busy_timeout_ms": 120_000}
    evidence = EvidenceSettings(path=tmp_path / "keys.db", busy_timeout_ms=120_000)
    return settings.model_copy(
        update={"judges": settings.judges.model_copy(update=judges), "evidence": evidence}
    )


def name_of(result_id: str, subject: str = "") -> KeyName:
    """Of the key that seals a result's evidence."""
    return key_name(ResultKey("default", result_id), subject)


def event(settings: Settings, result_id: str, subject: str = "") -> OutRecord:
    """A scored event that quotes so often that no end of a page can hide it."""
    text = (HERS if subject else OTHERS)["store.db"].decode() * QUOTED
    return encode_scored(quoting(result_id, subject, text), settings.topics.scores, MAX_BYTES)


async def filled(settings: Settings) -> None:
    """Scores, keys and replies, about Ann and about somebody else, in their stores."""
    await publish(settings, event(settings, "a1", ANN), event(settings, "b1"))
    indexer = await started(run_indexer, settings)
    await visible(settings, lambda found: found == {"a1", "b1"})
    await cancelled(indexer)
    keys = key_store(settings.evidence)
    await keys.start()
    await keys.keep(name_of("a1", ANN), WrappedKey("m1", HERS["keys.db"]))
    await keys.keep(name_of("b1"), WrappedKey("m1", OTHERS["keys.db"]))
    await keys.close()
    memo = judge_store(settings.judges, SystemClock())
    await memo.start()
    for digest, subject, reply in (
        ("asked-1", ANN, HERS["judges.db"]),
        ("asked-2", "", OTHERS["judges.db"]),
    ):
        await memo.note("default", digest, Asker(digest, subject))
        await memo.remember("default", digest, reply)
    await memo.close()


def in_files(folder: Path, texts: Mapping[str, bytes]) -> list[str]:
    """Those files that have their text in them, or in their write-ahead log."""
    return [
        name
        for name, text in texts.items()
        if any(text in file.read_bytes() for file in folder.glob(f"{name}*"))
    ]


async def dies(ships: Fleet, settings: Settings, file: Path, step: Step) -> None:
    """An indexer that carries orders out until it is killed at that step."""
    step.order(file)
    indexer = ships.start("tests.support.mortal_indexer", in_a_new_group(settings), str(file))
    assert await indexer.ended(DEADLINE_S) == -9, indexer.log_tail()


def in_a_new_group(settings: Settings) -> Settings:
    """Brokers keep the partitions of a dead member for its session: nobody here waits for that."""
    group = settings.indexer.model_copy(update={"group_id": f"indexer-{uuid4().hex[:10]}"})
    return settings.model_copy(update={"indexer": group})


async def serves(indexer: Service) -> None:
    """Returns once it has joined its group: every order on the topic is applied by then."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            assert indexer.alive, indexer.log_tail()
            if indexer.ready:
                return
            await asyncio.sleep(0.05)


async def test_sigkill_at_each_step_of_an_erasure(settings: Settings, tmp_path: Path) -> None:
    """Eight deaths of one order at eight steps: all that it covers is gone, and it is proven.

    No byte of it is left in the files of scores, keys and replies, what is not hers is, and what is
    delivered again stays away.
    """
    await filled(settings)
    assert in_files(tmp_path, HERS) == in_files(tmp_path, OTHERS) == list(HERS)
    given = order("e1", Erasure("default", Erased.SUBJECT, ANN))
    await publish(settings, encode_order(given, settings.topics.erasures))
    with fleet(tmp_path / "fleet") as ships:
        for step in Step:
            await dies(ships, settings, tmp_path / "death", step)
        await serves(ships.indexer(in_a_new_group(settings)))
        (standing,) = await read_standings(settings)
        assert_proven(standing)
        await publish(settings, *(event(settings, one, ANN) for one in ("a1", "a2")))
        await publish(settings, event(settings, "b2"))
        ends = await ends_of(settings.kafka.bootstrap_servers, settings.topics.scores)
        await wait_until_projected(settings.store.path, ends)
    assert in_files(tmp_path, HERS) == []
    assert in_files(tmp_path, OTHERS) == list(OTHERS)
    assert await visible(settings, bool) == {"b1", "b2"}
    assert await erased(settings, "a1", "b1") == {ResultKey("default", "a1")}
    await assert_no_key_and_no_reply(settings)


def assert_proven(standing: Standing) -> None:
    """The receipt counts rows and keys once, whoever has erased them."""
    assert standing.receipt is not None
    counts = standing.receipt.erased
    assert (counts["scores"], counts["evidence_keys"]) == (1, 1)


async def assert_no_key_and_no_reply(settings: Settings) -> None:
    """None is there, and no key is made for her any more; others keep theirs."""
    keys = key_store(settings.evidence)
    await keys.start()
    fresh, his = WrappedKey("m1", b"another"), WrappedKey("m1", OTHERS["keys.db"])
    assert await keys.keep(name_of("a1", ANN), fresh) is None
    assert await keys.keep(name_of("b1"), fresh) == his
    await keys.close()
    memo = judge_store(settings.judges, SystemClock())
    await memo.start()
    assert await memo.recall("default", "asked-1") is None
    assert await memo.recall("default", "asked-2") == OTHERS["judges.db"]
    await memo.close()
