"""`plimsoll evidence`: a master key is made, taken up, and rotated; doctor says how it stands."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from plimsoll.adapters.evidence.ring import FileKeyRing, read_masters
from plimsoll.adapters.sqlite.key_store import SqliteKeyStore
from plimsoll.cli.__main__ import main
from plimsoll.cli.findings import Health
from plimsoll.cli.store_checks import key_store_state
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.sealing import key_name
from plimsoll.settings.evidence import EvidenceSettings
from tests.support.sealed import keys_file

NAMES = [key_name(ResultKey("acme", f"r{n}"), "ann") for n in range(3)]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EvidenceSettings:
    """Files that the command finds by variables."""
    made = EvidenceSettings(
        keys_file=keys_file(tmp_path / "masters", "m1"), path=tmp_path / "keys.db"
    )
    monkeypatch.setenv("PLIMSOLL_EVIDENCE__KEYS_FILE", str(made.keys_file))
    monkeypatch.setenv("PLIMSOLL_EVIDENCE__PATH", str(made.path))
    return made


async def filled(settings: EvidenceSettings) -> None:
    """Keys of three results."""
    assert settings.keys_file is not None
    ring, store = FileKeyRing(settings.keys_file), SqliteKeyStore(settings)
    await store.start()
    for name in NAMES:
        await store.keep(name, ring.fresh(name))
    await store.close()


async def masters(settings: EvidenceSettings) -> set[str]:
    """IDs of the master keys that wrap any."""
    store = SqliteKeyStore(settings)
    await store.start()
    try:
        found = await store.find(NAMES)
    finally:
        await store.close()
    return {key.master for key in found.values() if key is not None}


def test_a_new_key_is_a_line_that_services_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the command prints is a file of keys; two are never the same."""
    assert main(["evidence", "new-key", "2026-11"]) == 0
    first = capsys.readouterr().out
    path = tmp_path / "keys"
    path.write_text(first, encoding="utf-8")
    assert read_masters(path).first == "2026-11"
    assert main(["evidence", "new-key", "2026-11"]) == 0
    assert capsys.readouterr().out != first


def test_a_rotation_from_new_key_to_removal(
    settings: EvidenceSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every key is wrapped by the new master, once; then the old one may go."""
    asyncio.run(filled(settings))
    assert settings.keys_file is not None
    old = settings.keys_file.read_text(encoding="utf-8")
    assert main(["evidence", "new-key", "m2"]) == 0
    settings.keys_file.write_text(capsys.readouterr().out + old, encoding="utf-8")
    assert main(["evidence", "rewrap", "--json"]) == 0
    assert orjson.loads(capsys.readouterr().out) == {"rewrapped": 3, "unreadable": 0}
    assert asyncio.run(masters(settings)) == {"m2"}
    assert main(["evidence", "rewrap"]) == 0
    assert "0 keys wrapped anew" in capsys.readouterr().out


def test_a_key_that_no_master_unwraps_fails_the_rotation(
    settings: EvidenceSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is counted, the exit code is 1, and it is left as it was."""
    asyncio.run(filled(settings))
    assert settings.keys_file is not None
    keys_file(settings.keys_file, "m2")
    assert main(["evidence", "rewrap"]) == 1
    assert "3 that no master key unwraps" in capsys.readouterr().out
    assert asyncio.run(masters(settings)) == {"m1"}


def test_without_master_keys_there_is_nothing_to_rotate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names the setting."""
    monkeypatch.chdir(tmp_path)
    assert main(["evidence", "rewrap"]) != 0
    assert "evidence.keys_file" in capsys.readouterr().err


async def test_doctor_tells_how_master_keys_stand(settings: EvidenceSettings) -> None:
    """Read here, not here, or wrong: the first's ID, a note, a failure; never a key."""
    path = settings.keys_file
    assert path is not None
    secret = path.read_text(encoding="utf-8").split()[1]
    fine = await key_store_state(settings, path)
    assert (fine.health, "m1" in fine.found, secret in fine.found) == (Health.OK, True, False)
    path.write_text(f"m1 {secret[:40]}", encoding="utf-8")
    wrong = await key_store_state(settings, path)
    assert (wrong.health, secret[:8] in wrong.found) == (Health.FAILED, False)
    path.unlink()
    assert (await key_store_state(settings, path)).health is Health.NOTE
    assert not settings.path.exists()
