"""The rubrics' own questions, through boto3, to judges that were recorded."""

from __future__ import annotations

import pytest

from plimsoll.adapters.emulator.recorded import Pair, recorded_pairs
from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult, Message, Response
from plimsoll.domain.rubric import Panel
from plimsoll.judging.nonce import NoncedJudge
from plimsoll.judging.questions import questions
from plimsoll.judging.replies import Answer, answer
from plimsoll.ports.judge import JudgeModel
from plimsoll.settings.rubric_files import shipped_rubrics
from tests.support.bedrock import SONNET, emulated

SECRET = b"a secret of the test"
PAIRS = recorded_pairs()[:8]


def result_of(pair: Pair) -> LlmResult:
    """The first response, and the second to compare it with."""
    return LlmResult(
        key=ResultKey("default", "r-1"),
        response=Response(text=pair.first),
        comparison=Response(text=pair.second),
        messages=(Message("user", pair.prompt),),
    )


async def answers(judge: JudgeModel, rubric: str, pair: Pair) -> list[Answer]:
    """What a panel of one juror makes of the pair, in the order of its questions."""
    panel = Panel("judge", shipped_rubrics()[rubric], ("one",))
    asked = questions(panel, SONNET, judge.traits(SONNET), result_of(pair))
    assert not isinstance(asked, Absence)
    replies = [await NoncedJudge(judge, SECRET).ask(one.call, 120) for one in asked]
    return [answer(panel.rubric, reply) for reply in replies]


async def test_a_comparison_repeats_what_gpt_4_said_in_both_orders() -> None:
    """The value is of the response that stands first: 1 where the judge had preferred it."""
    async with emulated(Script()) as (judge, _):
        for pair in PAIRS:
            plain, swapped = await answers(judge, "preference", pair)
            said = pair.judges["GPT-4/Vanilla"]
            assert plain.outcome == (1.0 if said[0] == 1 else 0.0)
            assert swapped.outcome == (1.0 if said[1] == 2 else 0.0)
            assert plain.rationale == "Recorded judgement of GPT-4/Vanilla."


async def test_a_grade_follows_the_recorded_rating() -> None:
    """A response that was rated higher is never graded lower."""
    async with emulated(Script()) as (judge, _):
        found = []
        for pair in PAIRS:
            (only,) = await answers(judge, "correctness", pair)
            assert isinstance(only.outcome, float)
            found.append((pair.ratings["GPT-4/Rating"][0], only.outcome))
    found.sort()
    assert [value for _, value in found] == sorted(value for _, value in found)


@pytest.mark.parametrize("fault", ["injected", "no_nonce", "wrong_nonce"])
async def test_a_forged_verdict_does_not_count(fault: str) -> None:
    """Full marks that the material has talked a judge into lack the nonce of the question."""
    async with emulated(Script(steps=(Step(fault=fault),))) as (judge, _):
        (only,) = await answers(judge, "correctness", PAIRS[0])
    assert isinstance(only.outcome, Absence)
    assert only.outcome.reason is AbsenceReason.PARSE_FAILED
