"""A process that asks an emulated judge with care: so many questions, so many of them in hand."""

from __future__ import annotations

import asyncio
import logging
import sys
from dataclasses import replace

import orjson
import structlog

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.judges import open_judges
from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import Question
from plimsoll.pipeline.judging import CarefulJudge, Judged
from plimsoll.scorer.judges import with_care
from plimsoll.settings.model import Settings
from tests.support.bedrock import CALL
from tests.support.counting_telemetry import Figures


async def work(settings: Settings, name: str, questions: int, in_hand: int) -> None:
    """Asks until there is nothing left, then says how all of it ended."""
    clock = SystemClock()
    store = SqliteJudgeStore(settings.judges, clock)
    await store.start()
    judges = open_judges(settings.bedrock, settings.openai, Figures())
    judge = with_care(
        judges["strict"],
        settings,
        store=store,
        clock=clock,
        telemetry=Figures(),
    )
    left = iter(range(questions))
    found: list[Judged] = []

    async def hand(judge: CarefulJudge) -> None:
        for n in left:
            material = f"{CALL.material} Question {n} of {name}."
            question = Question("acme", "rule", replace(CALL, material=material))
            found.append(await judge.ask(question, ResultClock(clock, 60.0, 900.0)))

    print("ready", flush=True)
    await asyncio.gather(*(hand(judge) for _ in range(in_hand)))
    said = {
        "verdicts": sum(judged.reply.verdict is not None for judged in found),
        "held_out": sum(judged.held_out for judged in found),
        "from_memo": sum(judged.from_memo for judged in found),
        "absences": [str(judged.reply.absence) for judged in found if judged.reply.absence],
    }
    print(orjson.dumps(said).decode(), flush=True)
    await store.close()
    for named in judges.values():
        await named.connection.close()


if __name__ == "__main__":
    # What it says is all that it prints.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(
        work(
            Settings.model_validate(orjson.loads(sys.argv[1])),
            sys.argv[2],
            int(sys.argv[3]),
            int(sys.argv[4]),
        )
    )
