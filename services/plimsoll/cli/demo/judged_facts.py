"""What a demonstration with judges found out: verdicts against labels, calls, money, absences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plimsoll.calibration.judges.beta import Beta
from plimsoll.calibration.judges.table import parse_table
from plimsoll.calibration.statistics import auroc, ece
from plimsoll.cli.demo.facts import DemoFacts
from plimsoll.cli.demo.judged_sample import JUDGES, PANEL, TABLE, DemoJudge, judge_key
from plimsoll.cli.sample import Sample
from plimsoll.cli.trust import NO_POINT, auroc_interval, null_of
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.score import Interval, Score
from plimsoll.domain.scored import ScoredResult
from plimsoll.domain.verdicts import PASSING

ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and US dollars as budgets count them; `usd_of_lost` is held for replies that died."""

    tokens: int
    usd: float
    usd_of_lost: float


@dataclass(frozen=True, slots=True)
class JudgeFacts:
    """One judge on its own: what other pairs say of it, and how it did on these.

    `silent` did not answer, or preferred another response in the other order.
    """

    judge: DemoJudge
    sensitivity: Beta
    specificity: Beta
    agreed: int
    answered: int
    silent: int


@dataclass(frozen=True, slots=True)
class PanelFacts:
    """P(right) of the panel against labels; `width` is its interval's mean width."""

    auroc: float
    interval: Interval | None
    ece: float
    null_ece: float
    width: float
    without: int


@dataclass(frozen=True, slots=True)
class JudgedFacts:
    """All of it; `outcomes` are calls by how they ended, `questions` what had to be asked."""

    judges: tuple[JudgeFacts, ...]
    panel: PanelFacts
    questions: int
    outcomes: Mapping[str, int]
    spent: Spent
    absences: Mapping[str, int]

    @property
    def calls(self) -> int:
        """Calls that were made."""
        return sum(self.outcomes.values())

    @property
    def twice(self) -> int:
        """Answers beyond one a question: replies that died with their scorer."""
        whole = sum(n for how, n in self.outcomes.items() if how == ANSWERED or ":" in how)
        return max(0, whole - self.questions)


def judged_facts(
    facts: DemoFacts, sample: Sample, outcomes: Sequence[str], spent: Spent
) -> JudgedFacts:
    """Statistics over what was looked up."""
    scored = facts.looked_up.scored
    of_panels = [s for one in scored.values() for s in one.scores if _is_of_panel(s.metric)]
    absent = Counter(s.absence.reason.value for s in of_panels if s.absence is not None)
    table = parse_table(TABLE.read_text(encoding="utf-8"))
    judges = []
    for judge in JUDGES:
        counts = table.counts_of(judge_key(judge))
        agreed, answered = _agreed(scored, sample, judge.panel)
        silent = len(scored) - answered
        judges.append(
            JudgeFacts(judge, counts.sensitivity, counts.specificity, agreed, answered, silent)
        )
    return JudgedFacts(
        judges=tuple(judges),
        panel=_panel(scored, sample),
        # Each pair in both orders.
        questions=2 * len(JUDGES) * len(sample.results),
        outcomes=dict(Counter(outcomes).most_common()),
        spent=spent,
        absences=dict(absent.most_common()),
    )


def score_of(scored: ScoredResult, metric: str) -> Score:
    """A result's score; LookupError where the plan did not ask for it."""
    found = next((score for score in scored.scores if score.metric == metric), None)
    if found is None:
        raise LookupError(f"{scored.key} has no {metric}")
    return found


def _is_of_panel(metric: str) -> bool:
    return metric.removesuffix("_posterior") in {PANEL, *(judge.panel for judge in JUDGES)}


def _agreed(
    scored: Mapping[ResultKey, ScoredResult], sample: Sample, metric: str
) -> tuple[int, int]:
    """How often a judge said what people say, and how often it said anything."""
    said = {key: score_of(one, metric).value for key, one in scored.items()}
    told = {key: value >= PASSING for key, value in said.items() if value is not None}
    return sum(passed == bool(sample.labels[k].label) for k, passed in told.items()), len(told)


def _panel(scored: Mapping[ResultKey, ScoredResult], sample: Sample) -> PanelFacts:
    keys = [key for key in sample.labels if key in scored]
    scores = [score_of(scored[key], f"{PANEL}_posterior") for key in keys]
    right = np.array([sample.labels[key].label for key in keys])
    points = np.array([NO_POINT if s.value is None else s.value for s in scores])
    widths = [s.interval.upper - s.interval.lower for s in scores if s.interval is not None]
    groups = [sample.labels[key].group for key in keys]
    has = points >= 0.0
    return PanelFacts(
        auroc=auroc(right, points),
        interval=auroc_interval(right, points, groups),
        ece=ece(right[has], points[has]),
        null_ece=null_of(points[has]),
        width=float(np.mean(widths)),
        without=int((~has).sum()),
    )
