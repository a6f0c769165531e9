"""Sealed evidence in replies: opened for one view, and otherwise a state that says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from plimsoll.adapters.evidence.ring import FileKeyRing
from plimsoll.adapters.rpc.opening import AsItStands, Opener
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Record
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.domain.sealing import EvidenceState, KeyName, WrappedKey, key_name
from plimsoll.pipeline.sealing import EvidenceSeals
from plimsoll.ports.store import VisibleScore
from plimsoll.v1 import score_pb2, service_pb2
from plimsoll.wire.rows import score_row
from plimsoll.wire.scored import decode_scored, encode_scored
from tests.contracts.memory_keys import KeyMemory, MemoryKeyStore
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import FakeClock
from tests.support.scored_events import MAX_BYTES
from tests.support.sealed import keys_file, quoting

FULL = service_pb2.VIEW_FULL


class CountingStore(MemoryKeyStore):
    """Counts how often it is read."""

    reads = 0

    async def find(self, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
        """Once more."""
        self.reads += 1
        return await super().find(names)


class AwayStore(MemoryKeyStore):
    """Cannot be read."""

    async def find(self, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
        """Never."""
        raise RetryableError("away")


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyRing:
    """With one master key."""
    return FileKeyRing(keys_file(tmp_path / "keys", "m1"))


def row(value: bytes | None) -> VisibleScore:
    """As the store gives it."""
    return VisibleScore(score_row(Record("scores", 0, 0, 0, b"k", value, ())), 0, 0)


async def sealed(store: MemoryKeyStore, ring: FileKeyRing, *result_ids: str) -> list[VisibleScore]:
    """Rows of sealed events."""
    seals = EvidenceSeals(store, ring, FakeClock(), Figures())
    scored = [quoting(one, "ann", f"secret of {one}") for one in result_ids]
    return [row((await seals.encode(one, "scores", MAX_BYTES)).value) for one in scored]


def texts(shown: VisibleScore) -> list[str]:
    """What its evidence says."""
    scores = decode_scored(shown.row.payload).scores
    return [one.text for score in scores for one in score.evidence]


def state(shown: VisibleScore) -> EvidenceState:
    """Where its evidence is."""
    return decode_scored(shown.row.payload).evidence_state


async def test_a_page_is_opened_with_one_read(ring: FileKeyRing) -> None:
    """Each row gets its own evidence, in the order of rows; those in clear stay as they are."""
    store, figures = CountingStore(KeyMemory()), Figures()
    first, second = await sealed(store, ring, "r1", "r2")
    clear = row(encode_scored(quoting("r3", "", "in clear"), "scores", MAX_BYTES).value)
    shown = await Opener(store, ring, figures).ready((first, clear, second), FULL)
    assert [texts(one) for one in shown] == [
        ["secret of r1"] * 2,
        ["in clear"] * 2,
        ["secret of r2"] * 2,
    ]
    assert shown[1] == clear
    assert store.reads == 1
    assert figures.totals["plimsoll_evidence_opened", "opened"] == 2


@pytest.mark.parametrize(
    "view", [service_pb2.VIEW_SUMMARY, service_pb2.VIEW_SCORES, service_pb2.VIEW_UNSPECIFIED]
)
async def test_views_without_evidence_need_no_keys(ring: FileKeyRing, view: int) -> None:
    """They are answered as before, also while the store of keys is away."""
    rows = tuple(await sealed(CountingStore(KeyMemory()), ring, "r1"))
    assert await Opener(AwayStore(KeyMemory()), ring, Figures()).ready(rows, view) == rows


async def test_keys_that_cannot_be_read_now_end_the_call(ring: FileKeyRing) -> None:
    """The caller is told to ask again; what stands in clear is answered."""
    opener = Opener(AwayStore(KeyMemory()), ring, Figures())
    clear = row(encode_scored(quoting("r3", "", "in clear"), "scores", MAX_BYTES).value)
    assert await opener.ready((clear,), FULL) == (clear,)
    with pytest.raises(RetryableError):
        await opener.ready(await sealed(MemoryKeyStore(KeyMemory()), ring, "r1"), FULL)


async def test_a_destroyed_key_opens_nothing_from_that_moment(ring: FileKeyRing) -> None:
    """The same opener that has just opened it says that it was erased; others still open."""
    store, figures = CountingStore(KeyMemory()), Figures()
    rows, opener = await sealed(store, ring, "r1", "r2"), Opener(store, ring, figures)
    assert [state(one) for one in await opener.ready(rows, FULL)] == [EvidenceState.OPENED] * 2
    await store.erase("e1", Erasure("default", Erased.RESULT, "r1").scope)
    shown = await opener.ready(rows, FULL)
    assert [state(one) for one in shown] == [EvidenceState.ERASED, EvidenceState.OPENED]
    assert texts(shown[0]) == []
    assert not score_pb2.ScoredResult.FromString(shown[0].row.payload).sealed_evidence


async def test_a_lost_key_is_unreadable_and_no_error(ring: FileKeyRing, tmp_path: Path) -> None:
    """A store that was lost, another master, another row's key: numbers are shown, and why."""
    store = MemoryKeyStore(KeyMemory())
    rows = await sealed(store, ring, "r1", "r2")
    other = FileKeyRing(keys_file(tmp_path / "others", "m1"))
    first, second = (key_name(ResultKey("default", one), "ann") for one in ("r1", "r2"))
    keys = dict(await store.find([first, second]))
    swapped = KeyMemory({first: keys[second], second: keys[first]})  # type: ignore[dict-item]  # none was erased
    for lost in (
        Opener(MemoryKeyStore(KeyMemory()), ring, Figures()),
        Opener(store, other, Figures()),
        Opener(MemoryKeyStore(swapped), ring, Figures()),
    ):
        shown = await lost.ready(rows, FULL)
        assert [state(one) for one in shown] == [EvidenceState.UNREADABLE] * 2
        outcomes = [score.outcome for score in decode_scored(shown[0].row.payload).scores]
        assert outcomes == [0.5, 0.25]


async def test_without_master_keys_it_stays_sealed(ring: FileKeyRing) -> None:
    """A service that has none hands the ciphertext on."""
    rows = tuple(await sealed(MemoryKeyStore(KeyMemory()), ring, "r1"))
    shown = await AsItStands().ready(rows, FULL)
    assert shown == rows
    assert state(shown[0]) is EvidenceState.SEALED


async def test_fields_of_a_newer_scorer_pass_through(ring: FileKeyRing) -> None:
    """What this service does not know of an event is in the opened one, too."""
    store = MemoryKeyStore(KeyMemory())
    (before,) = await sealed(store, ring, "r1")
    unknown = b"\xfa\x3f\x03new"
    newer = before.row.payload + unknown
    (shown,) = await Opener(store, ring, Figures()).ready((row(newer),), FULL)
    assert state(shown) is EvidenceState.OPENED
    assert unknown in shown.row.payload
