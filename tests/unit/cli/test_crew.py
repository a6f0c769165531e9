"""Children are started again, but not where that would only fail again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from plimsoll.cli.crew import Child, Crew, Job, how_it_ended
from plimsoll.domain.errors import FatalError

LATE_S = 300.0


def child(folder: Path) -> Child:
    made = Child(Job("scorer-1", ("true",), stage=0), folder)
    made.log.write_text("first\nlast words\n", encoding="utf-8")
    return made


def test_a_wrong_setting_is_not_tried_again(tmp_path: Path) -> None:
    """Exit code 2 before it served ends everything with the child's last words."""
    with pytest.raises(FatalError, match="last words"):
        child(tmp_path).judge(2, 0.1)


def test_false_starts_are_counted_up_to_a_limit(tmp_path: Path) -> None:
    """A child that never serves is given up after four lives; one that served is not."""
    hopeless = child(tmp_path)
    for _ in range(3):
        hopeless.judge(1, 0.1)
    with pytest.raises(FatalError, match="exit code 1"):
        hopeless.judge(1, 0.1)
    served = child(tmp_path)
    served.ready_file.touch()
    for _ in range(10):
        served.judge(-9, 0.1)


def test_an_end_is_told_in_words() -> None:
    """A signal is named, an exit code is said."""
    assert how_it_ended(-9) == "was ended by SIGKILL"
    assert how_it_ended(1) == "ended with exit code 1"


async def test_a_killed_child_comes_back_and_a_released_one_does_not(tmp_path: Path) -> None:
    """After a SIGKILL another process serves under the same name, and that is told; once."""
    script = "import pathlib, sys, time; pathlib.Path(sys.argv[2]).touch(); time.sleep(900)"
    told: list[str] = []
    job = Job("one", (sys.executable, "-c", script), stage=0)
    crew = Crew([job], {"PATH": "/usr/bin:/bin"}, tmp_path, told.append)
    crew.start()
    try:
        await crew.ready(["one"], LATE_S)
        first = crew.children["one"].process
        assert first is not None
        first.kill()
        await first.wait()
        crew.children["one"].ready_file.unlink()
        await crew.ready(["one"], LATE_S)
        second = crew.children["one"].process
        assert second is not None
        assert second.pid != first.pid
        assert told == ["one was ended by SIGKILL; starting it again in 0.5 s"]
    finally:
        await crew.stop()
    assert not crew.children["one"].alive
