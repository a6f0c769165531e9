"""A key of evidence that was destroyed is gone from the bytes of its files."""

from __future__ import annotations

import random
from pathlib import Path

from plimsoll.adapters.sqlite.key_store import SqliteKeyStore
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.domain.sealing import WrappedKey, key_name
from plimsoll.settings.evidence import EvidenceSettings

RESULTS = 200


def written(folder: Path) -> bytes:
    """All bytes of all files of the store."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


async def test_no_byte_of_a_destroyed_key_is_left_in_any_file(tmp_path: Path) -> None:
    """After each of some erasures no file holds any destroyed key; all others stay."""
    chance = random.Random(5)
    # As lenient as a machine that stands still asks for.
    store = SqliteKeyStore(EvidenceSettings(path=tmp_path / "keys.db", busy_timeout_ms=60_000))
    await store.start()
    keys = [WrappedKey("m1", chance.randbytes(80)) for _ in range(RESULTS)]
    for number, key in enumerate(keys):
        await store.keep(key_name(ResultKey("acme", f"r{number}"), f"s{number % 20}"), key)
    for subject in range(3):
        scope = Erasure("acme", Erased.SUBJECT, f"s{subject}").scope
        assert await store.erase(f"e{subject}", scope) == RESULTS // 20
        found = written(tmp_path)
        gone = {n for n in range(RESULTS) if n % 20 <= subject}
        assert {n for n, key in enumerate(keys) if key.wrapped not in found} == gone
    await store.close()
