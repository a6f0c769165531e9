"""What is erased from the memo of judges is gone from the bytes of its files."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.ports.memo import Asker
from plimsoll.settings.judges import JudgeSettings
from tests.support.fake_clock import FakeClock

RESULTS = 120
# From a part of a page to many pages: short replies share pages that merge when some go.
REPEATS = (1, 3, 10, 30, 100, 400)


async def opened(folder: Path, busy_timeout_ms: int = 5_000) -> SqliteJudgeStore:
    """A store in this folder."""
    path = folder / "judges.db"
    settings = JudgeSettings(path=path, busy_timeout_ms=busy_timeout_ms)
    store = SqliteJudgeStore(settings, FakeClock())
    await store.start()
    return store


def mark(number: int) -> bytes:
    """What only the reply of this result holds."""
    return f"<what {number:04d} said>".encode()


async def filled(store: SqliteJudgeStore, chance: random.Random) -> None:
    """Replies of many sizes, one a result."""
    for number in range(RESULTS):
        digest = f"{chance.getrandbits(256):064x}"
        await store.note("acme", digest, Asker(f"r{number}", f"s{number}"))
        await store.remember("acme", digest, mark(number) * chance.choice(REPEATS))


def written(folder: Path) -> bytes:
    """All bytes of all files of the store."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


@pytest.mark.parametrize("seed", [2, 3])
async def test_no_byte_is_left_in_any_file(tmp_path: Path, seed: int) -> None:
    """After each of some erasures no file holds any erased reply; all others stay."""
    chance = random.Random(seed)
    store = await opened(tmp_path)
    await filled(store, chance)
    order = chance.sample(range(RESULTS), RESULTS)
    for start in range(0, RESULTS - 20, 20):
        going = order[start : start + 20]
        orders = [Erasure("acme", Erased.RESULT, f"r{number}") for number in going]
        assert await store.erase(orders) == len(orders)
        found = written(tmp_path)
        assert [n for n in order[: start + 20] if mark(n) in found] == []
        assert [n for n in order[start + 20 :] if mark(n) not in found] == []
    await store.close()


async def test_a_reader_in_the_way_is_told_and_a_second_order_ends_it(tmp_path: Path) -> None:
    """A log that is being read cannot be cut: that is retryable, and is not forgotten."""
    store = await opened(tmp_path, busy_timeout_ms=50)
    await filled(store, random.Random(1))
    order = Erasure("acme", Erased.SUBJECT, "s7")
    reader = sqlite3.connect(tmp_path / "judges.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM memo").fetchone()
    with pytest.raises(RetryableError):
        await store.erase([order])
    reader.close()
    assert mark(7) in written(tmp_path)
    assert await store.erase([order]) == 0
    assert mark(7) not in written(tmp_path)
    await store.close()
