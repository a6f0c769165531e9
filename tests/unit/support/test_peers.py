"""Where other people's scoring code is kept, and what is said where it cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import real_parts
from tests.support.peers import LOCK, folder_of, require_peers
from tests.support.real_parts import PartMissingError, cache_dir


def test_what_is_installed_is_taken_and_belongs_to_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another lock is another folder; one that is there is not installed again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    lock = tmp_path / "other.lock"
    lock.write_text("nothing", encoding="utf-8")
    assert folder_of(lock) != folder_of(LOCK)
    folder_of(lock).mkdir(parents=True)
    assert require_peers(lock) == folder_of(lock)


def test_an_install_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that is not there ends in what pip said, and in no folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(real_parts, "PAUSE_S", 0.0)
    lock = tmp_path / "broken.lock"
    lock.write_text(f"nothing @ {tmp_path.as_uri()}/nothing.whl", encoding="utf-8")
    with pytest.raises(PartMissingError, match="nothing"):
        require_peers(lock)
    assert not [path for path in cache_dir().parent.iterdir() if path.is_dir()]


def test_every_pin_has_its_hashes() -> None:
    """What is run beside ours is the very code that was looked at."""
    pins = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line]
    assert len(pins) == 8
    assert all(line.endswith("\\") for line in pins)
