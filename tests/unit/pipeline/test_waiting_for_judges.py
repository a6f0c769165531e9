"""What an operator hears while results wait for a judge."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError
from tests.unit.pipeline.test_judging import Scene, play


def test_whoever_watches_hears_that_results_wait() -> None:
    """A judge that is away for three minutes is named, by fault, and not once for each call."""
    away = JudgeFaultError(
        FaultKind.TRANSIENT,
        "EndpointConnectionError",
        timedelta(seconds=1),
        Absence(AbsenceReason.PROVIDER_ERROR, "EndpointConnectionError"),
    )

    async def story(scene: Scene) -> None:
        found = await asyncio.gather(*(scene.ask(f"q{n}") for n in range(20)))
        assert all(judged.reply.verdict is not None for judged in found)

    with capture_logs() as logs:
        play(story, lambda _asked, now: away if now < 180 else None)
    told = [log for log in logs if log["event"] == "judge.waited_for"]
    assert {(log["log_level"], log["code"]) for log in told} == {
        ("warning", "EndpointConnectionError")
    }
    assert 1 <= len(told) <= 1 + 180 / 30
