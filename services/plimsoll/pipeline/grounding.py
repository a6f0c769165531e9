"""Metrics that a guardrail measures: asked, memoised and paid for like judges."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.domain.absence import Absence
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import absent, scored
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import Question
from plimsoll.pipeline.jurors import AsksJudge
from plimsoll.pipeline.redaction import Redaction
from plimsoll.ports.memo import Asker
from plimsoll.ports.metric import AskedMetric

# What budgets call it, where panels have their names.
POLICY = "guardrail"


@dataclass(frozen=True, slots=True)
class Asked:
    """A score, what it cost (None: unknown), and a hold that ran out."""

    score: Score
    cost_usd: float | None = 0.0
    held_out: Absence | None = None


async def ask_guardrail(
    metric: AskedMetric,
    guardrail: AsksJudge,
    result: LlmResult,
    time: ResultClock,
    *,
    redacted: bool,
) -> Asked:
    """The metric's score; `time` stands still as it does for judges."""
    call = metric.question(Redaction(result).result if redacted else result)
    if isinstance(call, Absence):
        return Asked(absent(metric, result, call))
    asker = Asker(result.key.result_id, result.subject_id)
    end = await guardrail.ask(Question(result.key.tenant, POLICY, call, asker), time)
    return Asked(
        score=scored(metric, result, metric.answer(end.reply)),
        cost_usd=0.0 if end.from_memo else end.reply.cost_usd,
        held_out=end.reply.absence if end.held_out else None,
    )
