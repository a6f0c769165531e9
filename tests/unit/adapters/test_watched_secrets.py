"""Secrets that are read once: a change of them ends the process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from plimsoll.adapters.watched_secrets import _set_at_change, _Sight, changed
from tests.support.fake_clock import FakeClock

_DEADLINE_S = 300


class Mounted:
    """A Secret as Kubernetes mounts it: all files are replaced at once, behind a link."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._version = 0
        folder.mkdir()

    def show(self, **secrets: str) -> None:
        """Shows these secrets from now on."""
        self._version += 1
        inside = self.folder / f"..{self._version}"
        inside.mkdir()
        for name, text in secrets.items():
            (inside / name).write_text(text, encoding="utf-8")
        link = self.folder / "..next"
        link.symlink_to(inside.name)
        link.replace(self.folder / "..data")
        for name in secrets:
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(f"..data/{name}")


@pytest.fixture
def mounted(tmp_path: Path) -> Mounted:
    """One with a secret in it."""
    made = Mounted(tmp_path / "watched")
    made.show(nonce="first")
    return made


async def _later(clock: FakeClock, seconds: float) -> None:
    until = clock.seconds + seconds
    async with asyncio.timeout(_DEADLINE_S):
        while clock.seconds < until:
            await clock.sleep(0)


async def test_other_bytes_are_a_change(mounted: Mounted) -> None:
    """The same ones in a new version are none."""
    clock = FakeClock()
    watching = asyncio.create_task(changed(mounted.folder, clock))
    await _later(clock, 30)
    mounted.show(nonce="first")
    await _later(clock, 30)
    assert not watching.done()
    mounted.show(nonce="second")
    await asyncio.wait_for(watching, _DEADLINE_S)


async def test_a_folder_that_is_away_is_no_change(mounted: Mounted) -> None:
    """It is looked at again, and its first bytes still count."""
    clock = FakeClock()
    watching = asyncio.create_task(changed(mounted.folder, clock))
    await _later(clock, 30)
    aside = mounted.folder.with_name("aside")
    mounted.folder.rename(aside)
    await _later(clock, 30)
    aside.rename(mounted.folder)
    await _later(clock, 30)
    assert not watching.done()
    mounted.show(nonce="second")
    await asyncio.wait_for(watching, _DEADLINE_S)


async def test_a_folder_that_is_not_there_is_told_of_once_and_when_it_is(tmp_path: Path) -> None:
    """One warning however long that lasts, one line at its end; then a change counts."""
    clock, away = FakeClock(), tmp_path / "watched"
    with capture_logs() as told:
        watching = asyncio.create_task(changed(away, clock))
        await _later(clock, 3_600)
        assert [(one["event"], one["folder"]) for one in told] == [
            ("secrets.unreadable", str(away))
        ]
        late = Mounted(tmp_path / "made")
        late.show(nonce="first")
        late.folder = late.folder.rename(away)
        await _later(clock, 60)
        assert [one["event"] for one in told] == ["secrets.unreadable", "secrets.readable"]
        assert not watching.done()
        late.show(nonce="second")
        await asyncio.wait_for(watching, _DEADLINE_S)
    assert len(told) == 2


async def test_one_look_that_fails_is_not_told_of(mounted: Mounted) -> None:
    """It may have met the moment at which everything is replaced."""
    sight, aside = _Sight(mounted.folder), mounted.folder.with_name("aside")
    with capture_logs() as told:
        seen = await sight.look()
        mounted.folder.rename(aside)
        assert await sight.look() is None
        aside.rename(mounted.folder)
        assert await sight.look() == seen
    assert seen is not None
    assert told == []


async def test_processes_do_not_end_all_at_once(mounted: Mounted) -> None:
    """Each waits for a part of two minutes that is drawn by chance, then is asked to stop."""
    clock, stop = FakeClock(), asyncio.Event()
    watching = asyncio.create_task(_set_at_change(mounted.folder, stop, clock, lambda: 0.5))
    await _later(clock, 30)
    mounted.show(nonce="second")
    await asyncio.wait_for(watching, _DEADLINE_S)
    assert stop.is_set()
    assert clock.seconds >= 1_000.0 + 30 + 60
