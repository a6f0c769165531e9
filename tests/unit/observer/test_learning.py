"""What the learner meets never reaches the observer's windows."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from plimsoll.observer.learning import LabelFollower
from plimsoll.ports.telemetry import LEARNER
from plimsoll.settings.model import Settings
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import FakeClock


async def test_a_defect_is_told_of_and_tried_again() -> None:
    """Whatever is raised is logged by type and place, quotes nothing, and waits a minute."""
    clock, figures, tries = FakeClock(), Figures(), 0
    tried = asyncio.Event()

    def leads() -> bool:
        nonlocal tries
        tries += 1
        if tries == 3:
            tried.set()
        raise ValueError("a label that nobody may read")

    begun = clock.now()
    follower = LabelFollower(Settings(), clock, figures, leads)
    with capture_logs() as logs:
        running = asyncio.create_task(follower.run())
        await tried.wait()
        assert figures.totals[LEARNER.name,] == 0
        assert not running.done()
        running.cancel()
        await asyncio.wait({running})
    failed = [one for one in logs if one["event"] == "observer.learner.failed"]
    assert {one["error"] for one in failed} == {"ValueError"}
    assert all("test_learning.py" in one["where"] for one in failed)
    assert (clock.now() - begun).total_seconds() >= 120
    assert (LEARNER.name,) not in figures.totals


async def test_what_a_client_cancels_ends_an_attempt_only() -> None:
    """A wait that was cancelled from within is a failure as any other: it is tried again."""
    clock, figures, tries = FakeClock(), Figures(), 0
    tried = asyncio.Event()

    def leads() -> bool:
        nonlocal tries
        tries += 1
        if tries == 2:
            tried.set()
        raise asyncio.CancelledError

    with capture_logs() as logs:
        running = asyncio.create_task(LabelFollower(Settings(), clock, figures, leads).run())
        again = asyncio.create_task(tried.wait())
        await asyncio.wait({running, again}, return_when=asyncio.FIRST_COMPLETED)
        assert again.done()
        running.cancel()
        await asyncio.wait({running})
    assert {one["error"] for one in logs} == {"CancelledError"}
