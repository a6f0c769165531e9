"""Temporary folders go with their process, or with the next one where that was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from plimsoll.adapters.scratch import scratch_folder

HOLDER = """
import sys, tempfile
from plimsoll.adapters.scratch import scratch_folder
tempfile.tempdir = sys.argv[1]
with scratch_folder("test") as folder:
    (folder / "scores.db").write_bytes(b"x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_gone_after_the_block(temporary: Path) -> None:
    """With all that is in it."""
    with scratch_folder("test") as folder:
        (folder / "inner").mkdir()
        assert folder.parent == temporary
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(temporary: Path) -> None:
    """While it lives its folder stays; after a SIGKILL the next start removes it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(temporary)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().decode().strip())
        with scratch_folder("test"):
            assert (folder / "scores.db").exists()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert folder.exists()
        with scratch_folder("test"):
            assert not folder.exists()


def test_what_is_not_ours_stays(temporary: Path) -> None:
    """A folder without a lock, one of another name, and a link are left alone."""
    (temporary / "plimsoll-test-unlocked").mkdir()
    (temporary / "plimsoll-other-x").mkdir()
    (temporary / "plimsoll-other-x" / ".held").touch()
    (temporary / "plimsoll-test-link").symlink_to(temporary / "plimsoll-other-x")
    with scratch_folder("test"):
        pass
    assert {one.name for one in temporary.iterdir()} == {
        "plimsoll-test-unlocked",
        "plimsoll-other-x",
        "plimsoll-test-link",
    }
    assert (temporary / "plimsoll-other-x" / ".held").exists()
