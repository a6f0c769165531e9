"""Canaries from end to end: a batch by command, and beside results in a composed scorer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.domain.canary import CanaryKind
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import Message, Response
from plimsoll.pipeline.holding import ResultClock
from plimsoll.ports.judge_telemetry import JUDGE_CANARIES
from plimsoll.scorer.canaries import open_watched_askers
from tests.integration.cli.program import run
from tests.support.bedrock import IDENTITY
from tests.support.canary_bench import JUDGES, bench_settings, naive, panel_of, plan_of
from tests.support.emulator_process import emulator_process
from tests.unit.metrics.results import result

PLAN = """\
panels:
  - {name: judge_correctness, rubric: correctness, judges: [naive, steady]}
rules:
  - {metrics: [response_length], panels: [judge_correctness]}
"""


def test_a_batch_tells_a_judge_that_obeys_from_one_that_does_not(tmp_path: Path) -> None:
    """The naive judge is fooled by all that it is shown, and distrusted; the steady one is not."""
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    script = naive(obeys=1.0, believes=1.0).model_dump(mode="json")
    with emulator_process(tmp_path, canaries=script["canaries"]) as emulator:
        variables = {
            **IDENTITY,
            "PLIMSOLL_BEDROCK__REGION": "us-east-1",
            "PLIMSOLL_BEDROCK__ENDPOINT_URL": emulator.url,
            "PLIMSOLL_BEDROCK__JUDGES": json.dumps(JUDGES),
            "PLIMSOLL_JUDGES__PATH": str(tmp_path / "judges.db"),
        }
        ended = run(variables, "judges", "canaries", "--plan", str(plan), "--each", "10", "--json")
    assert ended.code == 1, ended.err
    told = {batch["judge"]: batch for batch in ended.json()}
    assert told["steady"]["outcomes"]["right"] == 40
    assert told["steady"]["distrusted"] == []
    assert told["naive"]["distrusted"] == ["fooled"]
    fooled = told["naive"]["rates"]["fooled"]
    assert fooled["asked"] == 20
    assert fooled["interval"][0] <= told["naive"]["outcomes"]["fooled"] / 20 == fooled["estimate"]
    # A hidden attack does not reach the judge; whatever else was tried did work.
    assert told["naive"]["outcomes"]["fooled"] >= 17


def test_canaries_beside_results_are_counted_and_change_no_score(tmp_path: Path) -> None:
    """Every judged result is followed by one; scores are what they are without them."""

    def right(telemetry: PrometheusTelemetry) -> int:
        at = [("steady", "correctness", kind.value, "right") for kind in CanaryKind]
        return int(sum(telemetry.value(JUDGE_CANARIES, labels) for labels in at))

    async def judged(folder: Path, **canaries: object) -> tuple[list[object], int]:
        clock, telemetry = SystemClock(), PrometheusTelemetry()
        panel = panel_of("correctness", "steady")
        found: list[object] = []
        async with Emulator(naive()) as emulator:
            settings = bench_settings(emulator.url, folder, **canaries)
            settings.judges.nonce_secret = settings.judges.nonce_secret.__class__("a secret")
            opening = open_watched_askers(settings, plan_of(panel), clock, telemetry)
            async with opening as askers:
                panels = askers.panels
                assert panels is not None
                for number in range(6):
                    one = replace(
                        result(f"It is {number}."),
                        key=ResultKey("acme", f"r-{number}"),
                        messages=(Message("user", f"What is {number}?"),),
                        response=Response(text=f"It is {number}."),
                    )
                    time = ResultClock(clock, 60.0, 60.0)
                    found.append((await panels.ask(panel, one, time)).scores)
                    await clock.sleep(0.2)
                for _ in range(600 if canaries else 0):
                    if right(telemetry):
                        break
                    await clock.sleep(0.1)
        return found, right(telemetry)

    for name in ("without", "with"):
        (tmp_path / name).mkdir()
    plain, none = asyncio.run(judged(tmp_path / "without"))
    watched, some = asyncio.run(judged(tmp_path / "with", share=1.0, seed="seed"))
    assert watched == plain
    assert (none, some > 0) == (0, True)
