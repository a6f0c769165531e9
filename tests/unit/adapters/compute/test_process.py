"""A process that cannot be had costs one number, never the record."""

from __future__ import annotations

import sys

import pytest

from plimsoll.adapters.compute.pool import ComputePool
from plimsoll.adapters.compute.process import ComputeProcess
from plimsoll.adapters.compute.worker import Setup
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from tests.unit.metrics.results import result

SETUP = Setup()


def absent(metric: str, _: LlmResult, absence: Absence) -> Score:
    """The score of a metric without a number."""
    return Score(metric=metric, version="1", outcome=absence)


async def test_a_process_that_cannot_start_leaves_an_absence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the system starts no process the score says so, and the pool stays whole."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    pool = ComputePool(
        1, absent, PrometheusTelemetry(), lambda: ComputeProcess("plimsoll.scorer.compute", SETUP)
    )
    for _ in range(2):
        score = await pool.evaluate("regex_validity", result(), 5.0)
        assert score.absence is not None
        assert score.absence.reason is AbsenceReason.INTERNAL_ERROR
    turn = pool.turn()
    await turn.opened()
    assert turn.is_open
    await pool.stop()
