"""Scores of a result become one confidence: a monotone logistic combination."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from statistics import NormalDist
from typing import TypeVar

from plimsoll.calibration.artefact import ANY, Artefact, parse_artefact
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Confidence, Estimate
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult, TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Score

_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class Term:
    """What one metric does to the logit: it shifts it if present, adds variance if missing."""

    metric: str
    shift: float = 0.0
    variance: float = 0.0


@dataclass(frozen=True, slots=True)
class Sum:
    """What scores come to, in logits; `highest` is what the finish reason leaves at most.

    `variance` is of the whole, before anything that is absent.
    """

    logit: float
    highest: float
    variance: float
    terms: tuple[Term, ...]


# A result has dozens, or one of each: this makes them at a third of the cost.
new_term = quick(Term)
_interval, _estimate, _confidence = quick(Interval), quick(Estimate), quick(Confidence)


class Combination:
    """Maps scores to P(right), higher with every metric's value; a metric may be absent.

    An absent metric contributes a constant (0 logits, its training mean, unless the fit has
    found another) and never makes the others weigh more. If its reason widens, the interval is
    strictly wider on the logit scale for it. The width depends on what is absent alone, never on
    values.
    """

    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact
        self._alone = {part.metric: part.version for part in artefact.inputs if part.alone}
        self._z = NormalDist().inv_cdf(0.5 + artefact.level / 2)

    @classmethod
    def load_prior(cls) -> Combination:
        """The combination that ships: fitted on public labelled data, status `prior`."""
        text = files("plimsoll.calibration").joinpath("prior.json").read_text(encoding="utf-8")
        return cls(parse_artefact(text))

    @property
    def calibration_id(self) -> str:
        """Status and a hash of the artefact."""
        return self._artefact.calibration_id

    @property
    def made_on(self) -> date | None:
        """The day on which it was fitted; None where the artefact does not say."""
        return self._artefact.made_on

    @property
    def inputs(self) -> tuple[str, ...]:
        """The metrics that it reads."""
        return tuple(part.metric for part in self._artefact.inputs)

    @property
    def enough(self) -> frozenset[str]:
        """Those of them whose value alone is enough for a confidence."""
        return frozenset(part.metric for part in self._artefact.inputs if part.alone)

    def combine(self, scores: Sequence[Score], result: LlmResult, basis: str = "") -> Confidence:
        """The confidence; an absence where the response is empty or no input suffices.

        `basis` names what an estimate is made of (see `plimsoll.calibration.basis`).
        """
        return self.said(self.add_up(scores, result), basis)

    def add_up(self, scores: Sequence[Score], result: LlmResult) -> Sum | Absence:
        """What the scores come to; an absence where `combine` gives one."""
        by_name = {score.metric: score for score in scores}
        if not any(self._suffices(score) for score in scores):
            return Absence(AbsenceReason.INPUT_MISSING, "no metric that decides has a value")
        if _is_empty(result):
            return Absence(AbsenceReason.INPUT_MISSING, "the response is empty")
        terms = tuple(self._terms(by_name, result.task_kind))
        artefact = self._artefact
        logit = at(artefact.intercepts, result.task_kind) + math.fsum([t.shift for t in terms])
        highest = self._highest(result.response.finish_reason)
        base = at(artefact.base_variances, result.task_kind)
        return Sum(min(logit, highest), highest, base, terms)

    def said(self, total: Sum | Absence, basis: str) -> Confidence:
        """The confidence of what scores come to, as the artefact alone has it."""
        if isinstance(total, Absence):
            return self._confidence(total)
        estimate, weakest = self.estimate(total)
        return self._confidence(estimate, weakest, basis)

    def estimate(self, total: Sum) -> tuple[Estimate, str]:
        """The estimate of what scores come to, and the metric that lowers it most, or ''."""
        deviation = math.sqrt(math.fsum([total.variance, *[t.variance for t in total.terms]]))
        margin, logit = self._z * deviation, total.logit
        interval = _interval(
            sigmoid(logit - margin),
            sigmoid(logit + margin),
            self._artefact.level,
            IntervalKind.CREDIBLE,
        )
        weakest = _weakest(total.terms, deviation, self._z)
        return _estimate(sigmoid(logit), interval), weakest

    def _suffices(self, score: Score) -> bool:
        return score.value is not None and self._alone.get(score.metric) == score.version

    def _terms(self, scores: Mapping[str, Score], kind: TaskKind) -> Iterator[Term]:
        for part in self._artefact.inputs:
            score = scores.get(part.metric)
            if score is None:
                continue
            outcome = score.outcome
            if not isinstance(outcome, Absence) and score.version == part.version:
                shift = _shift(part.knots, at(part.shifts, kind), outcome)
                yield new_term(part.metric, shift)
            else:
                # A value of another version than the artefact was fitted on says nothing.
                widens = not isinstance(outcome, Absence) or outcome.reason.widens
                variance = at(part.absence_variances, kind) if widens else 0.0
                yield new_term(part.metric, at(part.absence_shifts, kind), variance)

    def _highest(self, finish_reason: str) -> float:
        cap = self._artefact.caps.get(finish_reason.strip().lower())
        return math.inf if cap is None else logit_of(cap)

    def _confidence(
        self, outcome: Estimate | Absence, weakest: str = "", basis: str = ""
    ) -> Confidence:
        return _confidence(
            outcome=outcome,
            status=self._artefact.status,
            calibration_id=self._artefact.calibration_id,
            labels=self._artefact.labels,
            weakest_metric=weakest,
            basis=basis,
        )


def at(table: Mapping[str, _Entry], kind: TaskKind) -> _Entry:
    """The entry of a task kind, or the one that stands for all others."""
    return table.get(kind, table[ANY])


def _shift(knots: Sequence[float], shifts: Sequence[float], value: float) -> float:
    """What a value adds: linear between the knots, and flat outside of them."""
    place = min(knots[-1], max(knots[0], _logit_or_end(value)))
    piece = max(1, bisect_left(knots, place))
    low, high = shifts[piece - 1], shifts[piece]
    share = (place - knots[piece - 1]) / (knots[piece] - knots[piece - 1])
    # Held between its ends, so that rounding never makes a higher value add less.
    return min(high, max(low, low + (high - low) * share))


def _logit_or_end(value: float) -> float:
    if value <= 0.0:
        return -math.inf
    return math.inf if value >= 1.0 else logit_of(value)


def sigmoid(logit: float) -> float:
    """1 / (1 + exp(-logit)), without overflow."""
    if logit >= 0.0:
        return 1.0 / (1.0 + math.exp(-logit))
    odds = math.exp(logit)
    return odds / (1.0 + odds)


def logit_of(probability: float) -> float:
    """log(p / (1 - p)) for p in (0, 1)."""
    return math.log(probability) - math.log1p(-probability)


def _is_empty(result: LlmResult) -> bool:
    response = result.response
    return not (response.text.strip() or response.tool_calls or response.content_ref)


def _weakest(terms: Sequence[Term], deviation: float, z: float) -> str:
    """The metric that costs the lower bound most, by its value or by its absence."""
    worst, weakest, whole = 1e-9, "", deviation**2
    for term in terms:
        without = math.sqrt(max(0.0, whole - term.variance))
        cost = z * (deviation - without) + max(0.0, -term.shift)
        if cost > worst:
            worst, weakest = cost, term.metric
    return weakest
