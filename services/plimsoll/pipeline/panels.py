"""Panels of judges: one result, one rubric, several jurors, and the two scores that come of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from plimsoll.calibration.judges.expectation import Scale, from_logprobs, from_samples
from plimsoll.calibration.judges.judgement import Judgement, judged
from plimsoll.calibration.judges.panel import (
    Preference,
    Tally,
    both_orders,
    preference_value,
)
from plimsoll.calibration.judges.rates import Standing
from plimsoll.calibration.judges.table import ReliabilityTable, TaskKey
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeReply, JudgeTraits
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Panel
from plimsoll.domain.score import Evidence, Interval, IntervalKind, Score
from plimsoll.domain.verdicts import Estimator, JudgeKey, JurorVerdict
from plimsoll.judging.metrics import panel_metrics
from plimsoll.judging.questions import Question, questions
from plimsoll.judging.replies import Answer, answer
from plimsoll.judging.score_tokens import grade_logprobs
from plimsoll.metrics.boilerplate import boilerplate
from plimsoll.metrics.evaluate import absent, scored
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import Question as CallToPay
from plimsoll.pipeline.judging import Judged
from plimsoll.pipeline.redaction import Redaction
from plimsoll.ports.memo import Asker

_LEVEL = 0.95
_Z = 1.959963984540054
# The largest deviation that values in [0, 1] can have: what is assumed where none was seen.
_WIDEST = 0.5


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
class PanelOutcome:
    """A panel's scores by metric, what they cost (None: unknown), and what they rest on.

    `held_out` says which hold ran out, if one did; nobody was asked where there is no verdict.
    """

    scores: Mapping[str, Score]
    cost_usd: float | None
    held_out: Absence | None = None
    verdicts: tuple[JurorVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heard:
    """One juror's verdict, with its words and what it cost."""

    verdict: JurorVerdict
    answers: tuple[Answer, ...]
    cost_usd: float | None
    held_out: Absence | None


class PanelScorer:
    """Asks every juror of a panel at once and makes two scores of what they say."""

    def __init__(self, jurors: Mapping[str, Juror], reliability: ReliabilityTable) -> None:
        self._jurors = jurors
        self._reliability = reliability

    async def ask(self, panel: Panel, result: LlmResult, time: ResultClock) -> PanelOutcome:
        """Both scores; `time` stands still while a judge's own trouble holds the result back."""
        kind = boilerplate(result.response.text)
        if kind is not None:
            detail = f"the response is {kind}: no judge is asked about it"
            return self._nobody(panel, result, Absence(AbsenceReason.ABSTAINED, detail))
        shown = Redaction(result).result if panel.redact_pii else result
        asking = (self._hear(panel, self._jurors[name], shown, time) for name in panel.judges)
        heard = await asyncio.gather(*asking)
        language = result.language.partition("-")[0].lower()
        task = TaskKey(language, panel.task_version)
        judgement = judged(self._reliability, [one.verdict for one in heard], task, _LEVEL)
        says, right = panel_metrics(panel)
        costs = [one.cost_usd for one in heard]
        return PanelOutcome(
            scores={
                says.spec.name: scored(says, result, _said(panel, judgement, heard)),
                right.spec.name: scored(right, result, _right(panel, judgement, heard)),
            },
            cost_usd=None if None in costs else math.fsum(cost for cost in costs if cost),
            held_out=next((one.held_out for one in heard if one.held_out is not None), None),
            verdicts=tuple(one.verdict for one in heard),
        )

    def _nobody(self, panel: Panel, result: LlmResult, why: Absence) -> PanelOutcome:
        scores = {m.spec.name: absent(m, result, why) for m in panel_metrics(panel)}
        return PanelOutcome(scores, 0.0)

    async def _hear(
        self, panel: Panel, juror: Juror, result: LlmResult, time: ResultClock
    ) -> _Heard:
        key = JudgeKey(
            rubric=panel.rubric.name,
            rubric_version=panel.rubric.version,
            model=juror.model,
            language=result.language.partition("-")[0].lower(),
            task_version=panel.task_version,
        )
        asked = questions(panel, juror.model, juror.traits, result)
        if isinstance(asked, Absence):
            return _Heard(JurorVerdict(key, asked, Estimator.SINGLE_SHOT), (), 0.0, None)
        tenant, asker = result.key.tenant, Asker(result.key.result_id, result.subject_id)
        calls = [CallToPay(tenant, panel.name, one.call, asker) for one in asked]
        ends = await asyncio.gather(*(juror.judge.ask(call, time) for call in calls))
        answers = tuple(answer(panel.rubric, end.reply) for end in ends)
        costs = [0.0 if end.from_memo else end.reply.cost_usd for end in ends]
        held = next((end.reply.absence for end in ends if end.held_out), None)
        return _Heard(
            verdict=_by_logprobs(panel, key, ends[0].reply, answers[0])
            or from_samples(key, _values(panel, asked, answers)),
            answers=answers,
            cost_usd=None if None in costs else math.fsum(cost for cost in costs if cost),
            held_out=held,
        )


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


def _said(panel: Panel, judgement: Judgement, heard: Sequence[_Heard]) -> Measurement | Absence:
    """The mean of what the jurors say, between what those that are missing could have said."""
    tally = judgement.tally
    if tally.mean is None:
        return _nothing_said(heard)
    grades = sorted(level.grade for level in panel.rubric.levels)
    return Measurement(
        value=tally.mean,
        raw_value=grades[0] + tally.mean * (grades[-1] - grades[0]),
        interval=_interval(tally, judgement.effective_jurors),
        uncertainty=None if judgement.self_variance is None else math.sqrt(judgement.self_variance),
        evidence=(_votes(tally, judgement), *_words(heard)),
        provenance=_provenance(panel, heard, judgement),
        flags=_flags(tally, judgement),
    )


def _right(panel: Panel, judgement: Judgement, heard: Sequence[_Heard]) -> Measurement | Absence:
    """P(right | verdicts); an absence where nobody answered or no juror is better than a coin."""
    if judgement.tally.mean is None:
        return _nothing_said(heard)
    if judgement.standing is Standing.UNINFORMATIVE:
        detail = "on labels these judges are no better than a coin"
        return Absence(AbsenceReason.JUDGE_UNINFORMATIVE, detail)
    estimate = judgement.estimate
    return Measurement(
        value=estimate.point,
        interval=estimate.interval,
        evidence=(_votes(judgement.tally, judgement),),
        provenance=_provenance(panel, heard, judgement),
        flags=_flags(judgement.tally, judgement),
    )


def _nothing_said(heard: Sequence[_Heard]) -> Absence:
    """Why nobody answered: the first juror's reason, and every juror's in the detail."""
    reasons = [one.verdict.outcome for one in heard if isinstance(one.verdict.outcome, Absence)]
    told = ", ".join(sorted({absence.reason.value for absence in reasons}))
    return replace(reasons[0], detail=f"none of {len(heard)} judges has a verdict: {told}")


def _interval(tally: Tally, effective: float) -> Interval:
    """Of the mean that all who were asked would give: a missing one could have said anything."""
    mean = tally.mean or 0.0
    deviation = _WIDEST if tally.dispersion is None else tally.dispersion
    half = _Z * deviation / math.sqrt(max(1.0, effective))
    share = tally.answered / tally.asked
    lower = share * max(0.0, mean - half)
    upper = share * min(1.0, mean + half) + 1.0 - share
    return Interval(lower, upper, _LEVEL, IntervalKind.CREDIBLE)


def _votes(tally: Tally, judgement: Judgement) -> Evidence:
    told = (
        f"{tally.passed} of {tally.asked} pass, {tally.failed} fail, "
        f"{tally.asked - tally.answered} without a verdict; they count as "
        f"{judgement.effective_jurors:.1f} independent ones; {judgement.standing.value}"
    )
    return Evidence(kind="votes", ref="panel", text=told)


def _words(heard: Sequence[_Heard]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(kind="rationale", ref=one.verdict.judge.model, text=words.rationale)
        for one in heard
        for words in one.answers[:1]
        if words.rationale
    )


def _provenance(
    panel: Panel, heard: Sequence[_Heard], judgement: Judgement
) -> tuple[tuple[str, str], ...]:
    return (
        ("rubric", f"{panel.rubric.name}/{panel.rubric.version}"),
        ("judges", ",".join(sorted(one.verdict.judge.model for one in heard))),
        ("samples", str(panel.samples)),
        ("estimator", ",".join(sorted({one.verdict.estimator.value for one in heard}))),
        ("task_version", panel.task_version),
        ("reliability", judgement.reliability_id),
    )


def _flags(tally: Tally, judgement: Judgement) -> tuple[str, ...]:
    missing = ("judge_missing",) if tally.answered < tally.asked else ()
    known = () if judgement.standing is Standing.MEASURED else (judgement.standing.value,)
    return (*known, *missing)
