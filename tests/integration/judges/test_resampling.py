"""Alternatives from end to end: a plan, an emulated Bedrock, and metrics that work on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.domain.scopes import Erased, Erasure
from tests.integration.judges.scoring import ASKED, MODEL, score, scoring, settings_for, values
from tests.support.bedrock import IDENTITY

PLAN = """\
rules:
  - {metrics: [exact_match_rate, response_length], resampling: {samples: 5}, deadline: 60s}
"""
TEXTS = ("Paris.", "Paris.", "Paris.", "Lyon.", "Paris.")
SAYS = Script(texts={"capital of France": TEXTS})


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that boto3 finds."""
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


async def test_alternatives_are_drawn_and_never_twice(tmp_path: Path) -> None:
    """Five are drawn from the result's own model; a redelivery and a restart ask nobody."""
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        digests = []
        for _ in range(2):
            async with scoring(settings, PLAN, tmp_path) as path:
                for _ in range(2):
                    scored = await score(path)
                    digests.append(scored.content_digest)
                    assert emulator.journal.document()["calls"] == len(TEXTS)
    assert len(set(digests)) == 1
    found = values(scored)["exact_match_rate"]
    assert found.value == pytest.approx(0.8)
    facts = dict(found.provenance)
    assert (facts["m"], facts["sampled_by"], facts["sampler_model"]) == ("5", "plimsoll", MODEL)
    assert [s.metric for s in scored.scores] == ["exact_match_rate", "response_length"]


async def test_it_is_paid_for_once_and_said(tmp_path: Path) -> None:
    """The event says what drawing has cost, and nothing the second time."""
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            costs = []
            for _ in range(2):
                observed = (await score(path)).observation
                assert observed is not None
                found = {one.metric: one.cost_usd for one in observed.metrics}
                costs.append(found["resampling"])
    assert costs[0] is not None
    assert costs[0] > 0
    assert costs[1] == 0


async def test_a_spent_budget_is_an_absence(tmp_path: Path) -> None:
    """Where the budget has nothing left no call is made, and the metric says so."""
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path, budget_tokens={"acme/resampling": 10})
        async with scoring(settings, PLAN, tmp_path) as path:
            scored = await score(path)
        assert emulator.journal.document()["calls"] == 0
    absence = values(scored)["exact_match_rate"].absence
    assert absence.reason is AbsenceReason.BUDGET_EXHAUSTED
    assert values(scored)["response_length"].value is not None


async def test_some_are_better_than_none(tmp_path: Path) -> None:
    """Samples that were cut or filtered are left out, for good; the metric tells what it had."""
    steps = (Step(fault="stop:max_tokens", times=2), Step(fault="stop:content_filtered"))
    async with Emulator(SAYS.model_copy(update={"steps": steps})) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            first, second = await score(path), await score(path)
        assert emulator.journal.document()["calls"] == len(TEXTS)
    assert first.content_digest == second.content_digest
    found = values(first)["exact_match_rate"]
    assert dict(found.provenance)["m"] == "2"
    assert "low_sample" in found.flags


async def test_none_at_all_says_why(tmp_path: Path) -> None:
    """A model that refuses every time leaves an absence with the reason, not a number."""
    steps = (Step(fault="stop:content_filtered", times=5),)
    async with Emulator(SAYS.model_copy(update={"steps": steps})) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            scored = await score(path)
    absence = values(scored)["exact_match_rate"].absence
    assert absence.reason is AbsenceReason.CONTENT_FILTERED
    assert "none of 5 alternatives" in absence.detail


async def test_whoever_does_not_serve_the_model_is_not_asked(tmp_path: Path) -> None:
    """A model that no judge has is `not_configured`; one that the rule names is asked."""
    other = LlmResult(
        key=ASKED.key, response=ASKED.response, messages=ASKED.messages, language="en"
    )
    named = PLAN.replace("samples: 5", "samples: 3, judge: lite")
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            absence = values(await score(path, other))["exact_match_rate"].absence
        assert emulator.journal.document()["calls"] == 0
        async with scoring(settings, named, tmp_path) as path:
            found = values(await score(path, other))["exact_match_rate"]
        assert emulator.journal.document()["calls"] == 3
    assert absence.reason is AbsenceReason.NOT_CONFIGURED
    assert dict(found.provenance)["m"] == "3"


async def test_throttles_hold_the_result_back_and_lose_nothing(tmp_path: Path) -> None:
    """Throttled calls are made again: all five come in the end."""
    steps = (Step(fault="throttling", times=2),)
    async with Emulator(SAYS.model_copy(update={"steps": steps})) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            scored = await score(path)
    assert dict(values(scored)["exact_match_rate"].provenance)["m"] == "5"


async def test_an_erasure_finds_what_was_drawn(tmp_path: Path) -> None:
    """Alternatives are kept for the result that they were drawn for, and go with it."""
    async with Emulator(SAYS) as emulator:
        settings = settings_for(emulator.url, tmp_path)
        async with scoring(settings, PLAN, tmp_path) as path:
            await score(path)
    store = SqliteJudgeStore(settings.judges, SystemClock())
    await store.start()
    try:
        erased = await store.erase([Erasure("acme", Erased.RESULT, ASKED.key.result_id)])
    finally:
        await store.close()
    assert erased == len(TEXTS)
