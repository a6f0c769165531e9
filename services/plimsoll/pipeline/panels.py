"""Panels of judges: one result, one rubric, several jurors, and the two scores that come of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from plimsoll.calibration.judges.judgement import Judgement, judged
from plimsoll.calibration.judges.panel import Tally
from plimsoll.calibration.judges.rates import Standing
from plimsoll.calibration.judges.table import ReliabilityTable, TaskKey
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.rubric import Panel
from plimsoll.domain.score import Evidence, Interval, IntervalKind, Score
from plimsoll.domain.verdicts import JurorVerdict
from plimsoll.judging.metrics import panel_metrics
from plimsoll.metrics.boilerplate import boilerplate
from plimsoll.metrics.evaluate import absent, scored
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.jurors import Heard, Juror, hear
from plimsoll.pipeline.redaction import Redaction

_LEVEL = 0.95
_Z = 1.959963984540054
# The largest variance that values in [0, 1] can have: what is assumed where none was seen.
_WIDEST = 0.25


Follow = Callable[[Panel, str, ResultKey], None]


@dataclass(frozen=True, slots=True)
class PanelOutcome:
    """A panel's scores by metric, what they cost (None: unknown), and what they rest on.

    `held_out` says which hold ran out, if one did; nobody was asked where there is no verdict.
    """

    scores: Mapping[str, Score]
    cost_usd: float | None
    held_out: Absence | None = None
    verdicts: tuple[JurorVerdict, ...] = ()


class PanelScorer:
    """Asks every juror of a panel at once and makes two scores of what they say.

    `follow` is told of each juror that was asked anew, and by whose result; it never waits.
    """

    def __init__(
        self,
        jurors: Mapping[str, Juror],
        reliability: ReliabilityTable,
        follow: Follow | None = None,
    ) -> None:
        self.jurors = jurors
        self._reliability = reliability
        self._follow = follow

    def followed_by(self, follow: Follow) -> PanelScorer:
        """The same, telling `follow` whom it asks."""
        return PanelScorer(self.jurors, self._reliability, follow)

    async def ask(self, panel: Panel, result: LlmResult, time: ResultClock) -> PanelOutcome:
        """Both scores; `time` stands still while a judge's own trouble holds the result back."""
        kind = boilerplate(result.response.text)
        if kind is not None:
            detail = f"the response is {kind}: no judge is asked about it"
            return self._nobody(panel, result, Absence(AbsenceReason.ABSTAINED, detail))
        shown = Redaction(result).result if panel.redact_pii else result
        asking = (hear(panel, self.jurors[name], shown, time) for name in panel.judges)
        heard = await asyncio.gather(*asking)
        self._tell_followers(panel, result, heard)
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

    def _tell_followers(self, panel: Panel, result: LlmResult, heard: Sequence[Heard]) -> None:
        if self._follow is not None:
            for name, one in zip(panel.judges, heard, strict=True):
                if one.anew:
                    self._follow(panel, name, result.key)

    def _nobody(self, panel: Panel, result: LlmResult, why: Absence) -> PanelOutcome:
        scores = {m.spec.name: absent(m, result, why) for m in panel_metrics(panel)}
        return PanelOutcome(scores, 0.0)


def _said(panel: Panel, judgement: Judgement, heard: Sequence[Heard]) -> Measurement | Absence:
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


def _right(panel: Panel, judgement: Judgement, heard: Sequence[Heard]) -> Measurement | Absence:
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


def _nothing_said(heard: Sequence[Heard]) -> Absence:
    """Why nobody answered: the first juror's reason, and every juror's in the detail."""
    reasons = [one.verdict.outcome for one in heard if isinstance(one.verdict.outcome, Absence)]
    told = ", ".join(sorted({absence.reason.value for absence in reasons}))
    return replace(reasons[0], detail=f"none of {len(heard)} judges has a verdict: {told}")


def _interval(tally: Tally, effective: float) -> Interval:
    """Of the mean that all who were asked would give: a missing one could have said anything."""
    mean = tally.mean or 0.0
    half = _Z * math.sqrt(_variance(tally) / max(1.0, effective))
    share = tally.answered / tally.asked
    lower = share * max(0.0, mean - half)
    upper = share * min(1.0, mean + half) + 1.0 - share
    return Interval(lower, upper, _LEVEL, IntervalKind.CREDIBLE)


def _variance(tally: Tally) -> float:
    """What was seen, with the widest as if one more had shown it: few that agree prove little."""
    seen = 0.0 if tally.dispersion is None else (tally.answered - 1) * tally.dispersion**2
    return (_WIDEST + seen) / tally.answered


def _votes(tally: Tally, judgement: Judgement) -> Evidence:
    told = (
        f"{tally.passed} of {tally.asked} pass, {tally.failed} fail, "
        f"{tally.asked - tally.answered} without a verdict; they count as "
        f"{judgement.effective_jurors:.1f} independent ones; {judgement.standing.value}"
    )
    return Evidence(kind="votes", ref="panel", text=told)


def _words(heard: Sequence[Heard]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(kind="rationale", ref=one.verdict.judge.model, text=words.rationale)
        for one in heard
        for words in one.answers[:1]
        if words.rationale
    )


def _provenance(
    panel: Panel, heard: Sequence[Heard], judgement: Judgement
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
