"""Asks a judge one canary: past the memo, at the canaries' own expense, otherwise like a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from plimsoll.calibration.judges.canary_record import CanaryOutcome, outcome_of
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.canary import CANARY_TENANT, Canary, CanaryBook, CanaryKind
from plimsoll.domain.rubric import Panel, Rubric
from plimsoll.judging.canaries import canaries
from plimsoll.metrics.boilerplate import boilerplate
from plimsoll.metrics.inputs import first_missing
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import Question
from plimsoll.pipeline.judging import Judged
from plimsoll.pipeline.jurors import Juror, hear

# One budget for all of them, whichever panel they follow.
_POLICY = "canaries"
# No call was made: nothing was learned of the judge.
_NOT_ASKED = frozenset(
    {
        AbsenceReason.BUDGET_EXHAUSTED,
        AbsenceReason.NOT_CONFIGURED,
        AbsenceReason.INPUT_TOO_LARGE,
    }
)

Stock = Mapping[CanaryKind, tuple[Canary, ...]]


class AsksAnew(Protocol):
    """A judge with patience, as `plimsoll.pipeline.judging.CarefulJudge` is one."""

    async def ask_anew(self, question: Question, time: ResultClock) -> Judged:
        """How the question ended, whatever is known of it."""


class CanaryJudge:
    """A judge whose every question is asked anew and paid for by the canaries' budget."""

    def __init__(self, judge: AsksAnew) -> None:
        self._judge = judge

    async def ask(self, question: Question, time: ResultClock) -> Judged:
        """As the judge answers now."""
        return await self._judge.ask_anew(
            replace(question, tenant=CANARY_TENANT, policy=_POLICY), time
        )


@dataclass(frozen=True, slots=True)
class CanaryEnd:
    """What came of a canary: whether it passed (None: no verdict), and its cost (None: unknown).

    `why_not` says why it was not asked, where it was not.
    """

    canary: Canary
    passed: bool | None
    outcome: CanaryOutcome
    cost_usd: float | None
    why_not: Absence | None = None


def stock(rubric: Rubric, book: CanaryBook) -> Stock:
    """What can be asked of a rubric, by kind; kinds of which there is nothing are left out.

    Nothing that a judge would not be asked about of a result: what lacks an input that the rubric
    needs, and boilerplate.
    """
    fit = tuple(
        canary
        for canary in canaries(rubric, book)
        if first_missing(rubric.needs, canary.result) is None
        and boilerplate(canary.result.response.text) is None
    )
    found = {kind: tuple(one for one in fit if one.kind is kind) for kind in CanaryKind}
    return {kind: of for kind, of in found.items() if of}


async def ask_canary(panel: Panel, juror: Juror, canary: Canary, time: ResultClock) -> CanaryEnd:
    """Asks it as the panel asks about a result, samples and all; its juror has a CanaryJudge."""
    heard = await hear(panel, juror, canary.result, time)
    outcome = heard.verdict.outcome
    why_not = heard.held_out
    if why_not is None and isinstance(outcome, Absence) and outcome.reason in _NOT_ASKED:
        why_not = outcome
    if why_not is not None:
        return CanaryEnd(canary, None, CanaryOutcome.NOT_ASKED, heard.cost_usd, why_not)
    passed = heard.verdict.passed
    return CanaryEnd(canary, passed, outcome_of(canary, passed), heard.cost_usd)
