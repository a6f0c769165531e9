"""Sealing before publishing: one key a result, waited for, and never clear text in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from plimsoll.adapters.evidence.ring import FileKeyRing, new_line
from plimsoll.domain.errors import FatalError, PlimsollError, PoisonError, RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.domain.sealing import EvidenceState, KeyName, WrappedKey, key_name
from plimsoll.pipeline.rewrapping import Rewrapped, rewrap_all
from plimsoll.pipeline.sealing import EvidenceSeals, has_evidence
from plimsoll.wire.scored import decode_scored
from tests.contracts.memory_keys import KeyMemory, MemoryKeyStore
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import FakeClock
from tests.support.scored_events import MAX_BYTES, scored_event
from tests.support.sealed import keys_file, quoting

SECRET = "the secret of Ann"
SCORED = quoting("r1", "ann", SECRET)


class AwayStore(MemoryKeyStore):
    """Raises what it was given before it keeps anything."""

    def __init__(self, *faults: PlimsollError) -> None:
        self.memory = KeyMemory()
        super().__init__(self.memory)
        self.faults = list(faults)

    async def keep(self, name: KeyName, fresh: WrappedKey) -> WrappedKey | None:
        """Raises once each, then keeps."""
        if self.faults:
            raise self.faults.pop(0)
        return await super().keep(name, fresh)


def seals(
    store: MemoryKeyStore, ring: FileKeyRing, figures: Figures | None = None
) -> EvidenceSeals:
    """A scorer's."""
    return EvidenceSeals(store, ring, FakeClock(), figures or Figures())


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyRing:
    """With one master key."""
    return FileKeyRing(keys_file(tmp_path / "keys", "m1"))


def facts(figures: Figures) -> Mapping[str, int]:
    """Totals by the last label."""
    return {name[-1]: total for name, total in figures.totals.items()}


async def test_the_same_result_gives_the_same_bytes(ring: FileKeyRing) -> None:
    """In another process, later, and whatever key that one would have made."""
    store, figures = AwayStore(), Figures()
    first = await seals(store, ring, figures).encode(SCORED, "scores", MAX_BYTES)
    again = await seals(store, ring).encode(SCORED, "scores", MAX_BYTES)
    assert first == again
    assert first.value is not None
    read = decode_scored(first.value)
    assert read.evidence_state is EvidenceState.SEALED
    assert not has_evidence(read)
    assert SECRET.encode() not in first.value
    assert facts(figures) == {"sealed": 1}


async def test_a_store_that_is_away_is_waited_for(ring: FileKeyRing) -> None:
    """Nothing is published meanwhile, and what comes in the end is sealed."""
    store, figures = AwayStore(RetryableError("away"), RetryableError("away")), Figures()
    event = await seals(store, ring, figures).encode(SCORED, "scores", MAX_BYTES)
    assert SECRET.encode() not in (event.value or b"")
    assert facts(figures) == {"plimsoll_evidence_key_waits": 2, "sealed": 1}


async def test_why_results_wait_is_said_once_in_a_while(ring: FileKeyRing) -> None:
    """The log names what is missing, and not once for each result that waits for it."""
    store, clock = AwayStore(), FakeClock()
    waiting = EvidenceSeals(store, ring, clock, Figures())

    async def said(why: str) -> list[object]:
        store.faults = [RetryableError(why)]
        with capture_logs() as logs:
            await waiting.encode(SCORED, "scores", MAX_BYTES)
        return [(entry["event"], entry["log_level"], entry["error"]) for entry in logs]

    assert await said("away") == [("scorer.evidence.waits", "warning", "away")]
    assert await said("away") == []
    await clock.sleep(10.0)
    assert await said("add m1") == [("scorer.evidence.waits", "warning", "add m1")]


async def test_a_store_that_can_never_serve_ends_the_scorer(ring: FileKeyRing) -> None:
    """A fatal error passes through; no event comes instead."""
    with pytest.raises(FatalError):
        await seals(AwayStore(FatalError("damaged")), ring).encode(SCORED, "scores", MAX_BYTES)


async def test_an_erased_result_has_no_evidence(ring: FileKeyRing) -> None:
    """It is published with its numbers, and says why there is none."""
    store, figures = AwayStore(), Figures()
    await store.erase("e1", Erasure("default", Erased.SUBJECT, "ann").scope)
    event = await seals(store, ring, figures).encode(SCORED, "scores", MAX_BYTES)
    read = decode_scored(event.value or b"")
    assert read.evidence_state is EvidenceState.ERASED
    assert [score.outcome for score in read.scores] == [0.5, 0.25]
    assert SECRET.encode() not in (event.value or b"")
    assert facts(figures) == {"erased": 1}


async def test_a_key_whose_master_is_missing_is_waited_for(tmp_path: Path) -> None:
    """Another key would give the same scoring another digest; the file is mended meanwhile."""
    path = keys_file(tmp_path / "keys", "m1")
    lost = path.read_text(encoding="utf-8")
    store, figures = AwayStore(), Figures()
    first = await seals(store, FileKeyRing(path)).encode(SCORED, "scores", MAX_BYTES)
    path.write_text(f"{new_line('m2')}\n", encoding="utf-8")
    ring = FileKeyRing(path)

    class Mending(FakeClock):
        """Whoever waits finds the file mended."""

        async def sleep(self, seconds: float) -> None:
            """Adds the key that was missing."""
            await super().sleep(seconds)
            other = path.with_suffix(".new")
            other.write_text(f"{new_line('m2')}\n{lost}", encoding="utf-8")
            other.replace(path)

    waiting = EvidenceSeals(store, ring, Mending(), figures)
    assert await waiting.encode(SCORED, "scores", MAX_BYTES) == first
    assert facts(figures) == {"plimsoll_evidence_key_waits": 1, "sealed": 1}


async def test_ids_that_do_not_fit_are_poison_as_before(ring: FileKeyRing) -> None:
    """Sealing changes nothing of that rule."""
    long = replace(SCORED, subject_id="s" * 5_000)
    with pytest.raises(PoisonError) as caught:
        await seals(AwayStore(), ring).encode(long, "scores", 4_096)
    assert caught.value.reason == "unpublishable"


async def test_evidence_is_what_is_there_to_seal() -> None:
    """A result whose scores rest on nothing costs no key."""
    assert has_evidence(SCORED)
    assert not has_evidence(scored_event("r1", 0, scores={"m": 0.5}))


async def test_rotation_leaves_nothing_under_the_old_master(tmp_path: Path) -> None:
    """All keys are wrapped by the first one, the old one goes, and evidence still opens."""
    path = keys_file(tmp_path / "keys", "m1")
    store, old = AwayStore(), path.read_text(encoding="utf-8")
    sealed = [
        await seals(store, FileKeyRing(path)).encode(
            quoting(f"r{n}", "", SECRET), "scores", MAX_BYTES
        )
        for n in range(3)
    ]
    new = new_line("m2")
    path.write_text(f"{new}\n{old}", encoding="utf-8")
    assert await rewrap_all(store, FileKeyRing(path)) == Rewrapped(3, 0)
    assert await rewrap_all(store, FileKeyRing(path)) == Rewrapped(0, 0)
    path.write_text(f"{new}\n", encoding="utf-8")
    again = [
        await seals(store, FileKeyRing(path)).encode(
            quoting(f"r{n}", "", SECRET), "scores", MAX_BYTES
        )
        for n in range(3)
    ]
    assert again == sealed


async def test_rotation_says_what_it_could_not_unwrap(tmp_path: Path, ring: FileKeyRing) -> None:
    """A key of a master that is gone is counted and left as it is."""
    store = AwayStore()
    await seals(store, ring).encode(SCORED, "scores", MAX_BYTES)
    before = dict(store.memory.keys)
    other = FileKeyRing(keys_file(tmp_path / "others", "m2"))
    assert await rewrap_all(store, other) == Rewrapped(0, 1)
    assert store.memory.keys == before
    assert set(before) == {key_name(ResultKey("default", "r1"), "ann")}
