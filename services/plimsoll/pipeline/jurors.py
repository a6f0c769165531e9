"""One juror of a panel: who it is, how it is asked about a result, and what it says."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plimsoll.calibration.judges.expectation import Scale, from_logprobs, from_samples
from plimsoll.calibration.judges.panel import Preference, both_orders, preference_value
from plimsoll.domain.absence import Absence
from plimsoll.domain.judging import NOTHING_USED, JudgeReply, JudgeTraits
from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Panel
from plimsoll.domain.verdicts import Estimator, JudgeKey, JurorVerdict
from plimsoll.judging.questions import Question, questions
from plimsoll.judging.replies import Answer, answer
from plimsoll.judging.score_tokens import grade_logprobs
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import Question as CallToPay
from plimsoll.pipeline.judging import Judged
from plimsoll.ports.memo import Asker


class AsksJudge(Protocol):
    """A judge with patience, as `plimsoll.pipeline.judging.CarefulJudge` is one."""

    async def ask(self, question: CallToPay, time: ResultClock) -> Judged:
        """How the question ended."""


@dataclass(frozen=True, slots=True)
class Juror:
    """A judge of the settings: what it is called, its model, what is known of it, and the way."""

    name: str
    model: str
    traits: JudgeTraits
    judge: AsksJudge


@dataclass(frozen=True, slots=True)
class Heard:
    """One juror's verdict, with its words and what it cost (US$; None: unknown).

    `anew`: it comes from a call that was made now, not from the memo alone.
    """

    verdict: JurorVerdict
    answers: tuple[Answer, ...]
    cost_usd: float | None
    held_out: Absence | None
    anew: bool = False


async def hear(panel: Panel, juror: Juror, result: LlmResult, time: ResultClock) -> Heard:
    """What a juror says of a result, asked as its panel asks; `time` as in `AsksJudge.ask`."""
    key = JudgeKey(
        rubric=panel.rubric.name,
        rubric_version=panel.rubric.version,
        model=juror.model,
        language=result.language.partition("-")[0].lower(),
        task_version=panel.task_version,
    )
    asked = questions(panel, juror.model, juror.traits, result)
    if isinstance(asked, Absence):
        return Heard(JurorVerdict(key, asked, Estimator.SINGLE_SHOT), (), 0.0, None)
    tenant, asker = result.key.tenant, Asker(result.key.result_id, result.subject_id)
    calls = [CallToPay(tenant, panel.name, one.call, asker) for one in asked]
    ends = await asyncio.gather(*(juror.judge.ask(call, time) for call in calls))
    answers = tuple(answer(panel.rubric, end.reply) for end in ends)
    costs = [0.0 if end.from_memo else end.reply.cost_usd for end in ends]
    held = next((end.reply.absence for end in ends if end.held_out), None)
    return Heard(
        verdict=_by_logprobs(panel, key, ends[0].reply, answers[0])
        or from_samples(key, _values(panel, asked, answers)),
        answers=answers,
        cost_usd=None if None in costs else math.fsum(cost for cost in costs if cost),
        held_out=held,
        anew=any(map(_is_anew, ends)),
    )


def _is_anew(end: Judged) -> bool:
    """Whether somebody was asked for it now: what no budget has paid for was not."""
    return not (end.from_memo or end.held_out or end.reply.usage == NOTHING_USED)


def _by_logprobs(
    panel: Panel, key: JudgeKey, reply: JudgeReply, said: Answer
) -> JurorVerdict | None:
    """The expected grade, where the panel takes it and the juror has answered with its tokens."""
    if not panel.by_logprobs or isinstance(said.outcome, Absence):
        return None
    found = grade_logprobs(panel.rubric, reply)
    if found is None:
        return None
    grades = [level.grade for level in panel.rubric.levels]
    verdict = from_logprobs(key, found, Scale(min(grades), max(grades)))
    # Too little on grades says that the tokens are not to be leant on, not that nothing was said.
    return None if verdict.value is None else verdict


def _values(
    panel: Panel, asked: Sequence[Question], answers: Sequence[Answer]
) -> list[float | Absence]:
    """One value a sample: of a comparison, both of its orders together."""
    if not panel.rubric.pairwise:
        return [one.outcome for one in answers]
    preferences = [
        _preference(one.outcome, swapped=question.swapped)
        for question, one in zip(asked, answers, strict=True)
    ]
    pairs = zip(preferences[::2], preferences[1::2], strict=True)
    return [preference_value(both_orders(first, second)) for first, second in pairs]


def _preference(outcome: float | Absence, *, swapped: bool) -> Preference | Absence:
    if isinstance(outcome, Absence):
        return outcome
    if outcome == 0.5:
        return Preference.TIE
    return Preference.A if (outcome > 0.5) != swapped else Preference.B
