"""What the consume loop makes of polls that fail, and of a machine that has run out."""

from __future__ import annotations

import errno
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.record import Record
from plimsoll.pipeline.attempt import Outcomes
from tests.unit.pipeline.stage import Stage, publish

UNKNOWN = RetryableError("unknown", timedelta(0), most_in_a_row=20)
AWAY = RetryableError("away", timedelta(0))


async def test_polls_that_fail_are_made_again() -> None:
    """An outage may last, and what passes in time passes; every record is taken once."""
    stage = Stage()
    worker = stage.worker(publish)
    worker.consumer.poll_errors = [*[AWAY] * 100, *[UNKNOWN] * 19]
    stage.feed(5)
    await stage.until(lambda: stage.committed() == 5)
    assert sorted(stage.scored()) == [f"0-{n}" for n in range(5)]
    worker.consumer.poll_errors = [UNKNOWN] * 19
    stage.feed(5)
    await stage.until(lambda: stage.committed() == 10)
    await worker.drains()


async def test_a_fault_that_does_not_pass_is_fatal() -> None:
    """The twentieth poll in a row that brokers answer by "unknown" ends the worker."""
    stage = Stage()
    worker = stage.worker(publish)
    worker.consumer.poll_errors = [UNKNOWN] * 20
    with pytest.raises(FatalError, match="unknown; 20 times in a row"):
        await worker.running


@pytest.mark.parametrize("waits", [False, True])
async def test_a_machine_that_runs_out_parks_no_record(waits: bool) -> None:
    """Without a file descriptor no record can succeed: the worker ends, and nothing is lost."""
    stage = Stage()
    stage.feed(2)

    async def late() -> Outcomes:
        raise OSError(errno.EMFILE, "Too many open files")

    def path(_: Record) -> Outcomes | Coroutine[Any, Any, Outcomes]:
        if waits:
            return late()
        raise OSError(errno.EMFILE, "Too many open files")

    worker = stage.worker(path)
    with pytest.raises(FatalError, match="no file descriptor left: raise its limit"):
        await worker.running
    assert (stage.committed(), stage.dead()) == (0, [])
