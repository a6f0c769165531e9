"""Scorers die at each step of a judged result: one score stands, and no reply is paid for twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import Scene, assert_sound, scene
from tests.support.emulator_process import EmulatorProcess, emulator_process
from tests.support.judged import JUDGED, ask_emulator, journal
from tests.support.load import produce, single
from tests.support.mortal_scorer import Step
from tests.support.services import Service

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 5301
# A second call only where the first one's reply was never stored.
CALLS = {
    Step.BEFORE_THE_CALL: 1,
    Step.AFTER_THE_REPLY: 2,
    Step.AFTER_THE_MEMO: 1,
    Step.AFTER_THE_PUBLISH: 1,
    Step.BEFORE_THE_COMMIT: 1,
}
# Events on the topic: where the first one had arrived, the successor's is a repetition.
EVENTS = dict.fromkeys(Step, 1) | {Step.AFTER_THE_PUBLISH: 2, Step.BEFORE_THE_COMMIT: 2}


def mortal(play: Scene, order: Path) -> Service:
    """A scorer that dies when it is ordered to."""
    return play.fleet.start(
        "tests.support.mortal_scorer", play.settings, str(order), variables=JUDGED
    )


async def die_at(
    step: Step, play: Scene, scorer: Service, order: Path, emulator: EmulatorProcess
) -> tuple[int, Service]:
    """Calls of a judge that a result took whose scorer died at that step; and the successor."""
    before = journal(emulator)["calls"]
    step.order(order)
    await produce(play.bootstrap, play.results, [single(play.chance, step)])
    assert await scorer.ended() == -9, scorer.log_tail()
    await play.buried(scorer)
    successor = mortal(play, order)
    await play.scored()
    return journal(emulator)["calls"] - before, successor


async def test_sigkill_at_each_step_of_a_judged_result(settings: Settings, tmp_path: Path) -> None:
    """Five deaths at five steps leave one score for each result; one reply of five is lost."""
    # Whoever stands still for longer loses partitions, or asks again: the counts are exact.
    settings.kafka.session_timeout_ms = 60_000
    settings.judges.attempt_timeout_s = 30.0
    order, calls = tmp_path / "order", {}
    with emulator_process(tmp_path) as emulator:
        ask_emulator(settings, emulator, tmp_path, deadline_s=600)
        async with scene(settings, tmp_path, SEED) as play:
            scorer = mortal(play, order)
            for step in Step:
                calls[step], scorer = await die_at(step, play, scorer, order, emulator)
            run = await play.settled()
    assert_sound(run)
    assert calls == CALLS
    keys = [event.key for event in run.scored]
    assert {step: keys.count(f"acme/{step}") for step in Step} == EVENTS
    assert sorted(row.key for row in run.rows or ()) == sorted(f"acme/{step}" for step in Step)
