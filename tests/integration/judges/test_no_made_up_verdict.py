"""No sequence of faults makes a verdict that nobody sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plimsoll.adapters.emulator.faults import FAULTS
from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.domain.judge_errors import JudgeFaultError, JudgeRefusalError
from plimsoll.domain.judging import JudgeReply
from tests.support.bedrock import CALL, QWEN, SONNET, bedrock_judge, bedrock_settings

# Silent peers cost real time; their deadlines are proved elsewhere.
QUICK = sorted(set(FAULTS) - {"hang", "drip", "huge", "deep"})
STOPS = ["stop:max_tokens", "stop:content_filtered", "stop:malformed_tool_use", "stop:unheard_of"]
MODELS = [SONNET, QWEN, "meta.llama3-3-70b-instruct-v1:0"]


async def asked(emulator: Emulator, script: Script, models: list[str]) -> list[object]:
    """How each of as many calls ended, in the order in which they were asked."""
    emulator.play(script)
    emulator.journal.clear()
    judge = bedrock_judge(bedrock_settings(emulator.url))
    ends: list[object] = []
    try:
        for number, model in enumerate(models):
            call = replace(CALL, model=model, material=f"{CALL.material} {number}")
            try:
                ends.append(await judge.ask(call, 120))
            except (JudgeFaultError, JudgeRefusalError) as error:
                ends.append(error)
    finally:
        await judge.close()
    return ends


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    faults=st.lists(st.sampled_from([*QUICK, *STOPS]), max_size=6),
    rates=st.dictionaries(st.sampled_from(QUICK), st.floats(0, 0.2), max_size=3),
    models=st.lists(st.sampled_from(MODELS), min_size=1, max_size=8),
    output=st.tuples(st.integers(1, 400), st.integers(1, 900)),
    seed=st.integers(0, 1_000),
)
def test_a_verdict_is_one_that_was_sent(
    faults: list[str],
    rates: dict[str, float],
    models: list[str],
    output: tuple[int, int],
    seed: int,
) -> None:
    """Whatever goes wrong, in whatever order: one request a call, each verdict as it was sent."""
    script = Script(
        seed=seed,
        output_tokens=output,
        rates=rates,
        steps=tuple(Step(fault=fault) for fault in faults),
    )

    async def run() -> tuple[list[object], list[dict[str, object] | None]]:
        async with Emulator(script) as emulator:
            ends = await asked(emulator, script, models)
            entries = emulator.journal.document()["entries"]
        return ends, [entry["verdict"] for entry in entries]

    ends, sent = asyncio.run(run())
    assert len(sent) == len(models)
    for end, verdict in zip(ends, sent, strict=True):
        got = end.verdict if isinstance(end, JudgeReply) else None
        assert got is None or got == verdict
