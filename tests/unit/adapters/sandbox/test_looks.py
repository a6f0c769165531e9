"""When a process that says nothing counts as idle."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from plimsoll.adapters.sandbox.harness.looks import Looks
from tests.support.children import leashed


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for ever."""
    process = subprocess.Popen(leashed(["sleep", "infinity"]))
    yield process
    process.kill()
    process.wait()


def test_one_that_is_stopped_is_not_idle(sleeper: subprocess.Popen[bytes]) -> None:
    """However often it is looked at: whoever has stopped it means it to go on."""
    sleeper.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, sleeper.pid, os.WSTOPPED | os.WNOWAIT)
    looks = Looks(sleeper.pid)
    assert {looks.again() for _ in range(200)} == {0}


def test_one_that_waits_is(sleeper: subprocess.Popen[bytes]) -> None:
    """Looks add up once it no longer uses the processor, and anew after it has said something."""
    looks = Looks(sleeper.pid)
    while looks.again() < 20:
        pass
    looks.forget()
    assert looks.again() <= 1


def test_one_that_has_ended_is_looked_at_like_any_other(sleeper: subprocess.Popen[bytes]) -> None:
    """Between its end and the reading of it a look finds nothing wrong."""
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    looks = Looks(sleeper.pid)
    assert [looks.again() for _ in range(3)] == [0, 1, 2]
