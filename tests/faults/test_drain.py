"""SIGTERM with a slow result in work: waited for while there is time, left to others after."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import Scene, assert_sound, redelivered, scene
from tests.support.load import Outgoing, llm_result, produce, single
from tests.support.odd_scorer import IN_A_HURRY, SLOW
from tests.support.reader import ends_of
from tests.support.services import Service, wait_for_members

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4901
QUICK_RECORDS = 60
LOOKS = 1_200
# Nobody dies here, so that a member that stood still for a while keeps its partitions.
SESSION_MS = 60_000


def slow(play: Scene, seconds: float) -> Outgoing:
    """A result that takes so long to score."""
    result = llm_result(play.chance, "slow")
    result.attributes[SLOW] = str(seconds)
    return Outgoing(b"acme/slow", result.SerializeToString(), ("acme/slow",))


async def all_but_one_scored(play: Scene, count: int) -> None:
    """Returns when everything but the slow result is on the scores topic."""
    for _ in range(LOOKS):
        ends = await ends_of(play.bootstrap, play.settings.topics.scores)
        if sum(ends.values()) >= count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the scores topic stands at {ends}, not at {count}")


async def begin(play: Scene, slow_s: float) -> Service:
    """A scorer with a slow result in work and later offsets done."""
    scorer = play.fleet.start("tests.support.odd_scorer", play.settings)
    await wait_for_members(play.bootstrap, play.group, 1)
    records = [single(play.chance, f"r{number}") for number in range(QUICK_RECORDS)]
    records.insert(QUICK_RECORDS // 3, slow(play, slow_s))
    await produce(play.bootstrap, play.results, records)
    await all_but_one_scored(play, QUICK_RECORDS)
    return scorer


async def test_a_drain_waits_for_a_slow_result(settings: Settings, tmp_path: Path) -> None:
    """A result that ends within the drain is published, committed and never scored again."""
    settings.scorer.drain_timeout_s = 90
    settings.kafka.session_timeout_ms = SESSION_MS
    async with scene(settings, tmp_path, SEED) as play:
        scorer = await begin(play, slow_s=6)
        scorer.terminate()
        assert await scorer.ended() == 0, scorer.log_tail()
        run = await play.settled()
    assert_sound(run)
    assert redelivered(run) == 0


async def test_a_drain_that_runs_out_leaves_the_slow_result_to_others(
    settings: Settings, tmp_path: Path
) -> None:
    """A result that outlasts the drain is not committed; the next scorer finds and scores it."""
    settings.scorer.drain_timeout_s = 2
    settings.scorer.plan_file = tmp_path / "plan.yaml"
    settings.scorer.plan_file.write_text("rules: [{metrics: all, deadline: 1h}]\n", "utf-8")
    async with scene(settings, tmp_path, SEED) as play:
        scorer = await begin(play, slow_s=3_600)
        scorer.terminate()
        assert await scorer.ended() == 0, scorer.log_tail()
        assert sum(play.sampler.samples[-1].committed.values()) < QUICK_RECORDS + 1
        play.fleet.start("tests.support.odd_scorer", settings, variables={IN_A_HURRY: "1"})
        run = await play.settled()
    assert_sound(run)
