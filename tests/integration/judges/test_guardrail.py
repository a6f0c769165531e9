"""A guardrail's scores from end to end: a plan, an emulated Bedrock, and what they cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.result import Document, LlmResult, Message, Response
from tests.integration.judges.scoring import ASKED, score, scoring, settings_for, values
from tests.support.bedrock import IDENTITY

PLAN = """\
rules:
  - {metrics: [contextual_relevance, response_length, contextual_grounding], deadline: 60s}
"""
NAMED = {"guardrail_id": "gr1", "guardrail_version": "3"}
PRICED = {**NAMED, "guardrail_usd_per_1000_units": 0.1}
GROUNDED = replace(
    ASKED,
    response=Response("The capital of France is Paris."),
    context=(Document("Paris is the capital of France."),),
)


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that boto3 finds."""
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


async def test_one_check_gives_both_scores_and_is_made_once(tmp_path: Path) -> None:
    """Two metrics and a restart make one call; scores stand in the plan's order with their cost."""
    async with Emulator(Script()) as emulator:
        settings = settings_for(emulator.url, tmp_path, PRICED)
        events = []
        for _ in range(2):
            async with scoring(settings, PLAN, tmp_path) as path:
                events.append(await score(path, GROUNDED))
            assert emulator.journal.document()["calls"] == 1
    first, second = events
    assert first.content_digest == second.content_digest
    assert [s.metric for s in first.scores] == [
        "contextual_relevance",
        "response_length",
        "contextual_grounding",
    ]
    found = values(first)
    assert found["contextual_grounding"].value == 1.0
    assert 0 < found["contextual_relevance"].value < 1
    assert dict(found["contextual_grounding"].provenance) == {"guardrail": "gr1/3"}
    assert first.observation is not None
    costs = {one.metric: one.cost_usd for one in first.observation.metrics}
    assert costs["contextual_relevance"] == pytest.approx(0.0001)
    assert costs["contextual_grounding"] == 0


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (replace(GROUNDED, context=()), AbsenceReason.NOT_APPLICABLE),
        (replace(GROUNDED, messages=()), AbsenceReason.INPUT_MISSING),
        (replace(GROUNDED, response=Response("x" * 5_001)), AbsenceReason.INPUT_TOO_LARGE),
        (
            replace(GROUNDED, messages=(Message("user", "x" * 1_001),)),
            AbsenceReason.INPUT_TOO_LARGE,
        ),
    ],
    ids=["no_context", "no_request", "long_response", "long_query"],
)
async def test_what_it_does_not_take_is_not_sent(
    result: LlmResult, reason: AbsenceReason, tmp_path: Path
) -> None:
    """Without its inputs, or above its limits, there is an absence and no call."""
    async with Emulator(Script()) as emulator:
        settings = settings_for(emulator.url, tmp_path, NAMED)
        async with scoring(settings, PLAN, tmp_path) as path:
            found = values(await score(path, result))
        assert emulator.journal.document()["calls"] == 0
    assert found["contextual_grounding"].absence.reason is reason
    assert found["response_length"].value is not None


async def test_without_a_guardrail_it_is_not_configured(tmp_path: Path) -> None:
    """The plan may name the metric where nobody can be asked; the score says so."""
    settings = settings_for("http://127.0.0.1:9", tmp_path)
    async with scoring(settings, PLAN, tmp_path) as path:
        found = values(await score(path, GROUNDED))
    assert found["contextual_grounding"].absence.reason is AbsenceReason.NOT_CONFIGURED


@pytest.mark.parametrize(
    ("named", "judges", "reason"),
    [
        (PRICED, {"budget_usd": {"acme/guardrail": 0.00001}}, AbsenceReason.BUDGET_EXHAUSTED),
        (NAMED, {"budget_tokens": {"acme/*": 100}}, AbsenceReason.BUDGET_EXHAUSTED),
        (NAMED, {"budget_usd": {"*": 5.0}}, AbsenceReason.NOT_CONFIGURED),
    ],
    ids=["money", "units", "no_price"],
)
async def test_budgets_hold_for_it(
    named: dict[str, object], judges: dict[str, object], reason: AbsenceReason, tmp_path: Path
) -> None:
    """What the budget does not have, or nobody knows the price of, is not asked."""
    async with Emulator(Script()) as emulator:
        settings = settings_for(emulator.url, tmp_path, named, **judges)
        async with scoring(settings, PLAN, tmp_path) as path:
            found = values(await score(path, GROUNDED))
        assert emulator.journal.document()["calls"] == 0
    assert found["contextual_grounding"].absence.reason is reason


async def test_throttles_hold_it_back(tmp_path: Path) -> None:
    """A throttled check is made again: no result's absence."""
    async with Emulator(Script(steps=(Step(fault="throttling", times=2),))) as emulator:
        settings = settings_for(emulator.url, tmp_path, NAMED)
        async with scoring(settings, PLAN, tmp_path) as path:
            found = values(await score(path, GROUNDED))
    assert found["contextual_grounding"].value == 1.0


async def test_a_judge_by_its_name_is_refused(tmp_path: Path) -> None:
    """Quotas know the guardrail by a name that no judge may have then."""
    settings = settings_for("http://127.0.0.1:9", tmp_path, {**NAMED, "judges": {"guardrail": "m"}})
    with pytest.raises(ConfigurationError, match="rename"):
        async with scoring(settings, PLAN, tmp_path):
            pass
